"""The README quotes what the benchmarks found: between its marks figures change, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.cost import Cost
from benchmarks.fusion_scores import FusionScore
from benchmarks.merges import Result, Row
from benchmarks.pairs import UNMOVED
from benchmarks.peers import OURS, Table
from benchmarks.quality import Judged
from benchmarks.quotes import block, blocks_of, quotes_of, with_blocks
from benchmarks.report import main
from benchmarks.scores import Score
from benchmarks.sweeps import Case

GOOD, FAIR = Score(42.44, 38.0, 43.0, 0.9931), Score(41.8, 36.0, 42.5, 0.99)
ONE = Judged("still-life", (0.09, 0.2), (0.001, 0.3, 0.0), (1.0, 0.98), GOOD, FAIR)
OTHER = replace(ONE, scene="plain", depth=(0.025, 0.4, 0.01), pick=(0.985, 0.9), ours=FAIR, oracle=GOOD)
TABLE: Table = {
    OURS: (GOOD, Cost(5.0, 6.0, 0.3, 0)),
    "one, default": (FAIR, Cost(9.0, 9.0, 0.5, 0)),
    "two, finest": (replace(FAIR, psnr=39.0), Cost(7.0, 9.0, 0.5, 0)),
}
SCORED = Result(40.0, 36.0, 41.0, 0.99, 0.01)
ROW = Row(Case("hair", 3, False, True, 1, "h264", 30, 640), SCORED, SCORED, SCORED, -0.24, 0.013, -0.1)


def quoted() -> list[str]:
    tables = {"handheld": [TABLE], "tripod": [TABLE]}
    pairs = {"lytro": {UNMOVED: FusionScore(0.75, 1.15, 0.93, 15.9)}}
    return quotes_of({"handheld": [ONE, OTHER], "tripod": [ONE, OTHER]}, tables, [ROW], pairs, 1920)


def test_figures_are_worded() -> None:
    found = blocks_of("\n\n".join(quoted()))
    assert list(found) == ["handheld", "tripod", "peers", "movers", "pairs"]
    rows = found["handheld"].splitlines()
    assert rows[2] == "| still life | 0.09; 0.20 | 0.1 % | 100.0 % | 42.4 dB; 0.993 | 41.8 dB; 0.990 |"
    assert rows[3].startswith("| plain wall |")
    assert {row.count("|") for row in rows} == {7}
    sentence = " ".join(found["tripod"].split())
    assert "0.1 to 2.5 %, by scene, pick finds 98.5 to 100.0 %" in sentence
    assert "0.6 dB below the oracle (plain wall) and 0.6 dB above it (still life)" in sentence
    assert "| handheld: one, default | 41.8 dB | 36.0 dB | 0.990 | 9.0 |" in found["peers"]
    assert found["peers"].index("one, default") < found["peers"].index("two, finest")
    assert "| handheld, from stills | +0.6; +0.6 dB | +2.0; +2.0 dB |" in found["peers"]
    assert "-0.2 dB" in found["movers"]
    assert f"| lytro | {UNMOVED} | 0.7500 |" in found["pairs"]


def test_only_what_stands_between_marks_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"# Ours\n\n{block('tripod', 'It was 1.')}\n\nWords.\n{block('unknown', 'stays')}\n"
    assert with_blocks(text, blocks_of(text)) == text
    assert with_blocks(text, {"tripod": "It is 2.\n", "peers": "x"}) == text.replace("It was 1.", "It is 2.")
    readme = tmp_path / "README.md"
    readme.write_text(text)
    (tmp_path / "report.md").write_text("\n".join(["| a table |", *quoted()]))
    main(["-o", str(tmp_path), "--readme", str(readme)])
    assert "On a tripod depth is off" in readme.read_text()
    assert readme.read_text().startswith("# Ours\n\n<!-- figures: tripod -->\nOn")
    assert "On a tripod" in capsys.readouterr().out
    first = readme.read_text()
    main(["-o", str(tmp_path), "--readme", str(readme)])
    assert readme.read_text() == first
    assert capsys.readouterr().out == f"\n0 lines of {readme} change\n"
