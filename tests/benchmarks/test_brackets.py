"""Rendered brackets are judged against the truth, and by scores that know of no truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import brackets


def test_a_bracket_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = "--scenes still-life --counts 2 3 --seeds 3 --width 480 --cache"
    found = brackets.main([*command.split(), str(tmp_path)])
    for count, merges in found.items():
        assert len(list((tmp_path / f"b-still-life-3-480-{count}").glob("*.jpg"))) == count
        assert merges[brackets.TRUTH][0] > 100
        assert merges[brackets.OURS][0] > merges[brackets.GUIDED][0] > 25
        # What the scores of pairs reward is not what is true: the truth itself has the least of both.
        assert (merges[brackets.TRUTH][4:] < merges[brackets.OURS][4:]).all()
    assert capsys.readouterr().out.count("| GFF (our copy) |") == 2
