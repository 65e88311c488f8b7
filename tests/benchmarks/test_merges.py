"""Benchmarks of merges measure what they say: geometry found, ghosts seen, hardest tiles cut out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.cost import measured
from benchmarks.crops import hardest, sheet
from benchmarks.merges import HEAD, compare, ghosts, judge, kept_moment, summary
from benchmarks.peer_tools import NOT_OFFERED, PEERS, NotInstalled, Peer, from_pip, installed
from benchmarks.registered import place, score_registered
from benchmarks.sweeps import Case, known_of, mover_at, rendered, true_depth_pick
from numpy.typing import NDArray

from postfocus.synth.source import SimulatedSource
from postfocus.synth.sweep import simulate_sweep

CASE = Case("still-life", 3, tripod=True, mover=True, noise=1, file="stills", frames=4, width=320)


def texture(seed: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    raw = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(*size, 3)), (0, 0), 3)
    return np.clip((raw - raw.min()) / np.ptp(raw) * 255, 0, 255).astype(np.uint8)


def test_truth_is_laid_on_a_moved_result() -> None:
    truth = texture(1, (300, 480))
    matrix = np.array([[1.01, 0.002, 1.6], [-0.002, 1.01, -2.3]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    result = cv2.warpAffine(truth, matrix, (480, 300), flags=flags, borderMode=cv2.BORDER_REFLECT)
    found = place(truth, result, [np.eye(2, 3)])
    corners = np.array([[20, 460, 20, 460], [20, 20, 280, 280], [1, 1, 1, 1]], float)
    assert np.abs((found - matrix) @ corners).max() < 0.1
    near = np.zeros((300, 480), np.bool_)
    near[100:200] = True
    scored, moved = score_registered(result, truth, near, 12, [np.eye(2, 3)])
    assert moved.shape == result.shape
    assert min(scored.psnr, scored.near, scored.away) > 38
    assert scored.ssim > 0.98


def test_a_ghost_is_seen_and_one_moment_forgiven() -> None:
    sim, known = simulate_sweep(CASE.settings), known_of(simulate_sweep(CASE.still.settings))
    clean = known.picture.astype(np.float32)
    one, other = mover_at(sim, 0), mover_at(sim, 3)
    assert one.any()
    assert (other & ~one).any()
    still, wrong = clean + 1, clean + np.where(clean > 128, -60, 60)
    shown_once = np.where(one[..., None], wrong, still)
    moment, area = kept_moment(sim, shown_once, known)
    assert not (moment & area).any()
    assert ghosts(shown_once, still, known, area) == (pytest.approx(0, abs=0.2), pytest.approx(0, abs=0.01))
    twice = np.where((one | other)[..., None], wrong, still)
    moment, area = kept_moment(sim, twice, known)
    lost, left = ghosts(twice, still, known, area)
    assert lost < -10
    assert left > 0.5 * ((one | other) & area).sum() / area.sum() > 0
    assert compare(still, known, ~moment).psnr == pytest.approx(10 * np.log10(255**2), abs=0.01)


def test_true_depth_pick_is_near_the_truth_where_nothing_hides(tmp_path: Path) -> None:
    sim = simulate_sweep(CASE.still.settings)
    known = known_of(sim)
    picked = true_depth_pick(SimulatedSource(sim), known)
    result = compare(picked, known, np.ones(known.near.shape, np.bool_))
    assert result.away > result.near
    folder = rendered(CASE.still, sim, tmp_path)
    assert len(list(folder.iterdir())) == CASE.frames
    assert folder.with_name(folder.name + ".mp4").exists()


def test_hardest_tiles_are_those_of_most_error_and_apart() -> None:
    error, near = np.zeros((200, 300), np.float32), np.ones((200, 300), np.bool_)
    error[60:80, 60:80], error[120:140, 200:220], error[100:110, 100:110] = 90, 50, 1000
    near[100:110, 100:110] = False
    tiles = hardest(error, near, 40, 2)
    assert [y <= 60 <= y + 20 and x <= 60 <= x + 20 for y, x in tiles] == [True, False]
    assert [y <= 120 <= y + 20 and x <= 200 <= x + 20 for y, x in tiles] == [False, True]
    picture = texture(2, (200, 300))
    drawn = sheet({"truth": picture, "other": 255 - picture}, picture, tiles, 40)
    assert drawn.shape[1] == 2 * 86 - 6
    assert (
        drawn[26:106, :80] == picture[tiles[0][0] :, tiles[0][1] :][:40, :40].repeat(2, 0).repeat(2, 1)
    ).all()


def test_cost_of_a_process_and_its_children(tmp_path: Path) -> None:
    child = "sum(i * i for i in range(3_000_000)); x = bytearray(120 << 20)"
    parent = (
        f"import subprocess as s, sys; s.run([sys.executable, '-c', {child!r}], check=True); print('hello')"
    )
    cost = measured(["python3", "-c", parent], {}, tmp_path)
    assert cost.code == 0
    assert cost.cpu > 0.05
    assert 0.11 < cost.peak < 1
    assert (tmp_path / "log.txt").read_text() == "hello\n"
    ours = bytearray(200 << 20)
    little = measured(["python3", "-S", "-c", "raise SystemExit(3)"], {}, tmp_path)
    assert little.code == 3
    assert little.peak < 0.1 < len(ours) / 2**30, "what we ourselves need is not the child's"


def test_a_peer_that_cannot_be_had_says_why(tmp_path: Path) -> None:
    peer = Peer("none", from_pip("none", 99), {}, {})
    with pytest.raises(NotInstalled, match=r"3\.99"):
        installed(peer, tmp_path)
    assert not {p.name for p in PEERS} & set(NOT_OFFERED)
    assert all(p.tripod and p.handheld for p in PEERS)


def test_a_sweep_is_merged_and_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = Case("still-life", 3, tripod=True, mover=False, noise=0, file="stills", frames=8, width=480)
    row = judge(plain, tmp_path, tmp_path / "shown")
    assert row.merge.psnr > 30
    assert row.best.psnr > row.depth.psnr > 25
    assert 0 <= row.merge.gmsd < 0.1
    assert (tmp_path / "shown" / f"{plain.name}-stills.png").exists()
    summary([row])
    table = capsys.readouterr().out.splitlines()
    assert len({line.count("|") for line in table if line}) == 1
    assert HEAD.splitlines()[0].count("|") == row.line().count("|")
    assert table[3].startswith("| without mover | 1 |")
