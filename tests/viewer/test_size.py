"""The element travels inside saved pictures: it must stay small."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import postfocus

ELEMENT = Path(postfocus.__file__).parent / "viewer" / "element"
MOST_BYTES = 25_000
MOST_LINES = 300


def modules() -> list[Path]:
    """The element's modules, its shaders among them."""
    return sorted(ELEMENT.rglob("*.js"))


def bare(text: str) -> str:
    """A module as it would lie in one file with the others: no comments, no indentation, no imports."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (re.sub(r"(^|\s)//\s.*", "", line).strip() for line in text.splitlines())
    text = "\n".join(line for line in lines if line) + "\n"
    text = re.sub(r'^import [^;]*?from "[^"]*";\n', "", text, flags=re.MULTILINE)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)


def packed(text: str) -> int:
    """Bytes that travel: without spaces that mean nothing, compressed."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{}()=<>;,:?+*/&|-]) ?", r"\1", text)
    return len(gzip.compress(text.encode(), 9))


def test_comments_imports_and_spaces_do_not_count() -> None:
    module = (
        '// @ts-check\n/** Says\n * what. */\nimport { a } from "./a.js";\n\n  export const b = a; // so\n'
    )
    assert bare(module) == "const b = a;\n"
    assert packed("a = (b + c);\n\n  d = e;\n") == packed("a=(b+c);d=e; ")


def test_the_element_is_small() -> None:
    texts = {path.relative_to(ELEMENT).as_posix(): bare(path.read_text("utf-8")) for path in modules()}
    size = packed("".join(texts.values()))
    print(f"the element: {size} bytes compressed")
    largest = sorted(texts, key=lambda name: packed(texts[name]), reverse=True)[:5]
    assert size <= MOST_BYTES, (
        f"<post-focus> takes {size} bytes compressed, {size - MOST_BYTES} too many. What serves this "
        f"application alone belongs into viewer/app. The largest modules: {', '.join(largest)}."
    )


def test_no_module_is_long() -> None:
    long = {
        path.name: n for path in modules() if (n := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert not long, f"more than {MOST_LINES} lines; split by what happens to the photograph: {long}"
