"""One command from beginning to end: one answer or one sentence, and the right exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from postfocus.cli.arguments import meant
from postfocus.cli.commands import COMMANDS, overview
from postfocus.cli.stop import stoppable
from postfocus.cli.talk import Talk
from postfocus.errors import BadUse, Cancelled

INTERRUPTED = 130


def run(words: list[str]) -> int:
    """Run the command that `words` spell."""
    # Small linear systems are solved thousands of times; BLAS threads would only wait for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    talk = _talk(words)
    try:
        with stoppable(talk):
            exit_code = _guarded(words, talk)
            sys.stdout.flush()  # what is kept for a full disk would fail again at the very end
            return exit_code
    except (KeyboardInterrupt, Cancelled):
        return _last_word(talk, "Stopped; nothing half-written was left behind.", INTERRUPTED)
    except OSError:  # of the answer itself: its reader has gone, or the disk it goes to is full
        _let_go_of_stdout()
        return 1


def _guarded(words: list[str], talk: Talk) -> int:
    """Turn everything that can go wrong into a sentence."""
    try:
        return _dispatch(words, talk)
    except (BrokenPipeError, Cancelled, KeyboardInterrupt):
        raise
    except SystemExit as end:  # argparse has printed the help
        return int(end.code or 0)
    except Exception as error:
        if talk.verbose:
            import traceback

            traceback.print_exc()
        from postfocus.cli.sentences import sentence

        text, exit_code = sentence(error)
        return talk.fail(text, exit_code, getattr(error, "values", None))


def _dispatch(words: list[str], talk: Talk) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        if len(words) > 1 and words[0] == "help" and words[1] in COMMANDS:
            return _dispatch([words[1], "--help"], talk)
        if not words:
            raise BadUse("Name a command; 'postfocus --help' lists them.")
        print(overview(), flush=True)
        return 0
    if words[0] == "--version":
        from postfocus import __version__

        print(f"postfocus {__version__}", flush=True)
        return 0
    name = words[0]
    if name not in COMMANDS:
        what = "option" if name.startswith("-") else "command"
        raise BadUse(f"There is no {what} {name}; {meant(name, list(COMMANDS)) or _help_lists()}")
    command = import_module(f"postfocus.cli.{name}")
    args = command.parser().read(words[1:])
    return talk.answer(command.run(args, talk))


def _help_lists() -> str:
    return "'postfocus --help' lists what there is."


def _talk(words: list[str]) -> Talk:
    """How to speak, known before the words are understood: errors in them must be told in the right form."""
    options = words[: words.index("--")] if "--" in words else words
    return Talk(
        as_json="--json" in options,
        quiet="-q" in options or "--quiet" in options,
        verbose="-v" in options or "--verbose" in options,
    )


def _last_word(talk: Talk, text: str, exit_code: int) -> int:
    try:
        return talk.fail(text, exit_code)
    except OSError:
        _let_go_of_stdout()
        return exit_code


def _let_go_of_stdout() -> None:
    """The reader has gone: keep the interpreter from complaining when it flushes at its end."""
    try:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)
    except (OSError, ValueError):
        return
