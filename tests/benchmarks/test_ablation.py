"""Every part of the merge can be switched off from outside, and is there again afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.ablation import PARTS, table, tried
from benchmarks.sweeps import Case

import postfocus.merging as merging
from postfocus.fuse import gate

CASE = Case("still-life", 3, tripod=True, mover=False, noise=1, file="h264", frames=16, width=320)


def test_each_part_is_switched_off_in_turn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = gate.Spread, gate.Hills, gate.movers_of, gate.OPEN, merging.full_colour, merging.floor_of
    found = tried(CASE, tmp_path, PARTS)
    assert (
        gate.Spread,
        gate.Hills,
        gate.movers_of,
        gate.OPEN,
        merging.full_colour,
        merging.floor_of,
    ) == before
    assert set(found) == {part.name for part in PARTS}
    assert len({trials[0].quality.psnr for trials in found.values()}) == 1
    assert min(less.quality.psnr for _, less in found.values()) > 20
    colour = next(name for name in found if name.startswith("colour"))
    assert found[colour][1].quality.psnr < found[colour][0].quality.psnr - 0.3
    capsys.readouterr()
    table("tripod", [found], ["still-life"])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(PARTS)
    assert len({row.count("|") for row in rows}) == 1
