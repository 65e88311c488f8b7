"""What is typed is understood, or answered with one sentence and exit code 2."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postfocus
from postfocus.cli.commands import COMMANDS
from postfocus.cli.pick import parser as pick_parser
from postfocus.cli.sentences import sentence
from postfocus.errors import AlreadyThere, BadUse, CannotWrite, NothingSharp
from tests.cli.ran import finished, run, start
from tests.conftest import COINS


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_is_quick_because_it_loads_nothing_heavy(command: str | None) -> None:
    check = (
        "import atexit, sys\n"
        "heavy = {'numpy', 'cv2', 'av', 'PIL', 'rawpy', 'tifffile'}\n"
        "atexit.register(lambda: print('heavy:', sorted(heavy & set(sys.modules)), file=sys.stderr))\n"
    )
    ran = finished(start(*([command] if command else []), "--help", code=check))
    assert ran.code == 0
    assert "usage: postfocus" in ran.out
    assert ran.err.strip() == "heavy: []"


def test_overview_names_every_command(capfd: pytest.CaptureFixture[str]) -> None:
    shown = run(capfd, "--help")
    assert shown.code == 0
    assert all(f"  {name} " in shown.out for name in COMMANDS)
    assert run(capfd, "help", "pick").out.startswith("usage: postfocus pick")
    assert run(capfd, "--version").out.startswith("postfocus ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Name a command"),
        (["stak"], "did you mean stack?"),
        (["--at"], "no option --at"),
        (["pick"], "INPUT"),
        (["pick", "x.mp4"], "--at is missing"),
        (["pick", "x.mp4", "--at"], "--at needs a value"),
        (["pick", "x.mp4", "--at", "0.5"], "like 0.31,0.62"),
        (["pick", "x.mp4", "--at", "a,b"], "like 0.31,0.62"),
        (["pick", "x.mp4", "--at", "1.5,0.5"], "1.5 is not a fraction"),
        (["pick", "x.mp4", "--at", "-0.1,0.5"], "-0.1 is not a fraction"),
        (["pick", "x.mp4", "--at=-0.1,0.5"], "-0.1 is not a fraction"),
        (["pick", "x.mp4", "--at", "nan,0.5"], "nan is not a fraction"),
        (["pick", "x.mp4", "--at", "-inf,0.5"], "-inf is not a fraction"),
        (["pick", "x.mp4", "--att", "0.5,0.5"], "did you mean --at?"),
        (["pick", "x.mp4", "--at", "0.5,0.5", "--overwrit"], "did you mean --overwrite?"),
        (["pick", "x.mp4", "--at", "0.5,0.5", "--quality", "0"], "from 1 to 100"),
        (["pick", "x.mp4", "--at", "0.5,0.5", "-o", "x.gif"], "use one of .jpg"),
        (["pick", "x.mp4", "--at", "0.5,0.5", "-o", ""], "the name is empty"),
        (["pick", "-x.mp4", "--at", "0.5,0.5"], "write it after --"),
        (["frames", "x.mp4"], "--output is missing"),
        (["frames", "x.mp4", "-o", "d", "--all", "--best", "3"], "Choose one"),
        (["frames", "x.mp4", "-o", "d", "--every", "0"], "at least 1"),
        (["frames", "x.mp4", "-o", "d", "--format", "gif"], "invalid choice"),
        (["stack", "x.mp4", "--frames", "5:3"], "run backwards"),
        (["stack", "x.mp4", "--frames", "a:b"], "like 3:27"),
        (["stack", "x.mp4", "--frames", "1:2", "--near", "0.5,0.5"], "not by both"),
        (["stack", "x.mp4", "--reference", "-1"], "at least 0"),
        (["depth", "x.mp4", "-o", "x.jpg"], "cannot hold depth"),
        (["index", "x.mp4", "-o", "x"], "end in .postfocus"),
        (["cache", "--clear", "--trim"], "Choose one"),
        (["cache", "-o", "x.jpg"], ".json or .txt"),
        (["simulate"], "Name one clip"),
        (["simulate", "x.mp4", "--size", "12"], "like 3840x2160"),
        (["simulate", "x.mp4", "--shake", "nan"], "not a number"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("as_json", [False, True])
def test_wrong_use_is_said_in_one_sentence(
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
    as_json: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(capfd, *words, *(["--json"] if as_json else []))
    assert ran.code == 2
    if as_json and words:
        assert ran.json == {"error": ran.sentence, "exit_code": 2}
    if words or not as_json:
        assert said in ran.sentence
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["-dash.mp4", "two words.mp4", "snap 😀.mp4", "a\nb.mp4", "--json", "{n}.mp4"]
)
def test_odd_names_are_only_names(
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(clip.read_bytes())
    ran = run(capfd, "pick", "--at", COINS, "--", name)
    assert ran.code == 0, ran.err
    (made,) = (path for path in tmp_path.iterdir() if path.name != name)
    assert made.suffix == ".jpg"
    assert "\n" not in made.name
    assert not made.name.startswith("-")
    assert len(ran.out.splitlines()) == 1


def test_words_may_come_in_any_order() -> None:
    read = pick_parser().read
    plain = read(["a.jpg", "b.jpg", "--at", "0.1,0.2", "--at", "0.3,0.4", "-o", "-x.jpg", "-q"])
    mixed = ["-q", "--at=0.1,0.2", "a.jpg", "-o-x.jpg", "--at", "0.3,0.4", "--", "b.jpg"]
    assert plain == read(mixed)
    assert plain.input == ["a.jpg", "b.jpg"]
    assert [place.x for place in plain.at] == [0.1, 0.3]
    assert plain.output == Path("-x.jpg")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=8) | st.sampled_from(["--at", "0.5,0.5", "-o", "--", "-q", "--json"])))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    words = [word for word in words if word not in ("-h", "--help")]
    if any(word[:1] == "-" and "h" in word and set(word[1:]) <= set("qvh") for word in words):
        return
    try:
        args = pick_parser().read(words)
    except BadUse:
        return
    assert args.input
    assert all(0 <= place.x <= 1 and 0 <= place.y <= 1 for place in args.at)


def test_only_the_command_line_speaks_of_its_options() -> None:
    root = Path(postfocus.__file__).parent
    speaking = [
        f"{path.relative_to(root)}: {node.value}"
        for path in root.rglob("*.py")
        if "cli" not in path.relative_to(root).parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r" --[a-z]", node.value)
    ]
    assert speaking == []


def test_the_command_line_names_the_option_that_helps() -> None:
    taken = sentence(AlreadyThere("a.jpg exists already; choose another name."))
    assert taken == ("a.jpg exists already; choose another name, or add --overwrite.", 1)
    blurred = sentence(NothingSharp("nothing is sharp at 0,0: touch an edge"))
    assert blurred == ("nothing is sharp at 0,0: touch an edge, or add --force.", 3)
    other = sentence(NothingSharp("No frame is sharp; use --all to save them."))
    assert other == ("No frame is sharp; use --all to save them.", 3)
    assert sentence(CannotWrite("The disk is full.")) == ("The disk is full.", 1)
