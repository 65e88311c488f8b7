"""Any error becomes one sentence for a person."""

from __future__ import annotations

from postfocus.errors import AlreadyThere, CannotRead, NothingSharp, PostfocusError
from postfocus.io.atomic import cannot_write, display_name

_OPTIONS: dict[type[PostfocusError], str] = {AlreadyThere: "--overwrite", NothingSharp: "--force"}
"""The way past an error that only the command line has; the rooms below do not know its options."""


def sentence(error: BaseException) -> tuple[str, int]:
    """What to say, and the exit code."""
    if isinstance(error, PostfocusError):
        text = _one_line(str(error))
        option = _OPTIONS.get(type(error))
        if option is not None and " --" not in text:
            text = f"{text.removesuffix('.')}, or add {option}."
        return text, error.exit_code
    if isinstance(error, MemoryError) or _out_of_memory(error):
        return "There is not enough memory for this; close other programs and try again.", 1
    if isinstance(error, OSError):
        return _of_the_system(error), 1
    kind = type(error).__name__
    text = _one_line(str(error))[:200]
    return (
        f"Something went wrong that should not have ({kind}: {text}); please report it with the output of "
        "'postfocus doctor' and of the same command with -v.",
        1,
    )


def _of_the_system(error: OSError) -> str:
    if error.filename is None:
        return f"The system refused: {(error.strerror or str(error)).lower()}; check the disk and try again."
    if isinstance(error, FileNotFoundError):
        return str(CannotRead(f"{display_name(error.filename)} is gone; check that it is still there."))
    return str(cannot_write(error.filename, error))


def _out_of_memory(error: BaseException) -> bool:
    """OpenCV reports it in its own way."""
    return type(error).__module__.startswith("cv2") and "insufficient memory" in str(error).lower()


def _one_line(text: str) -> str:
    """The text as a sentence: one line, a full stop."""
    line = display_name(" ".join(text.splitlines()))
    return line if line.endswith((".", "!", "?", "--")) else line + "."
