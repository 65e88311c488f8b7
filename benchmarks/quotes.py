"""The lines of figures that the README quotes, made from what the benchmarks found.

Each stands between two marks, which a reader of the page does not see::

    <!-- figures: handheld -->
    <!-- end of figures -->
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.baselines import BASELINES
from benchmarks.fusion_scores import FusionScore
from benchmarks.merges import Row
from benchmarks.pairs import UNMOVED
from benchmarks.peers import OURS, OURS_FROM_CLIP, Table, lead, means
from benchmarks.quality import Judged

BLOCK = re.compile(r"<!-- figures: (\w+) -->\n(.*?)<!-- end of figures -->", re.DOTALL)
SHOWN = 3
"""Peers that are quoted for each kind of sweep, best first."""


def block(name: str, text: str) -> str:
    """A text between its marks."""
    return f"<!-- figures: {name} -->\n{text}\n<!-- end of figures -->"


def blocks_of(text: str) -> dict[str, str]:
    """The texts between marks, by name."""
    return dict(BLOCK.findall(text))


def with_blocks(text: str, blocks: Mapping[str, str]) -> str:
    """The same text with other figures between its marks; those that are not known stay."""
    return BLOCK.sub(lambda found: block(found[1], blocks.get(found[1], found[2]).rstrip("\n")), text)


def quotes_of(
    judged: Mapping[str, Sequence[Judged]],
    tables: Mapping[str, Sequence[Table]],
    rows: Sequence[Row],
    sets: Mapping[str, Mapping[str, FusionScore]],
    width: int,
) -> list[str]:
    """All blocks, from the results of the parts; `judged` and `tables` by kind of sweep."""
    found = {
        "handheld": scene_rows(judged["handheld"]),
        "tripod": tripod_words(judged["tripod"]),
        "peers": peer_rows(tables, width),
        "movers": mover_words(rows),
        "pairs": pair_rows(sets),
    }
    return [block(name, text) for name, text in found.items() if text]


def scene_rows(judged: Sequence[Judged]) -> str:
    """A table of all scenes."""
    lines = [
        "| scene | corner error px: median; 95 % | depth off > 1 frame, away from edges | pick "
        "| merge PSNR; SSIM | oracle |",
        "|---|---|---|---|---|---|",
    ]
    for one in judged:
        scores = " | ".join(f"{s.psnr:.1f} dB; {s.ssim:.3f}" for s in (one.ours, one.oracle))
        corners = "{:.2f}; {:.2f}".format(*one.corners)
        shares = f"{100 * one.depth[0]:.1f} % | {100 * one.pick[0]:.1f} %"
        lines.append(f"| {_named(one.scene)} | {corners} | {shares} | {scores} |")
    return "\n".join(lines)


def tripod_words(judged: Sequence[Judged]) -> str:
    """What differs on a tripod, in a sentence."""
    depth, pick = [one.depth[0] for one in judged], [one.pick[0] for one in judged]
    ends = [min(judged, key=lambda one: one.lead), max(judged, key=lambda one: one.lead)]
    low, high = (
        f"{abs(e.lead):.1f} dB {'below' if e.lead < 0 else 'above'} {what} ({_named(e.scene)})"
        for e, what in zip(ends, ("the oracle", "it"), strict=True)
    )
    return _filled(
        f"On a tripod depth is off at {100 * min(depth):.1f} to {100 * max(depth):.1f} %, by scene, pick "
        f"finds {100 * min(pick):.1f} to {100 * max(pick):.1f} %, and merges lie between {low} and {high}."
    )


def peer_rows(tables: Mapping[str, Sequence[Table]], width: int) -> str:
    """Ours and the best others of each kind of sweep, and the lead over the best of each scene."""
    lines = [
        f"| {width} pixels wide, mean of scenes | PSNR | near depth edges | SSIM | CPU s |",
        "|---|---|---|---|---|",
    ]
    leads = [
        "| over the best of the others on each scene: mean; worst | PSNR | near depth edges |",
        "|---|---|---|",
    ]
    for kind, some in tables.items():
        every = means(some)
        others = sorted((n for n in every if OURS not in n), key=lambda n: -every[n][1].psnr)
        for name in [*(n for n in every if OURS in n), *others[:SHOWN]]:
            _, mean, cost = every[name]
            figures = f"{mean.psnr:.1f} dB | {mean.near:.1f} dB | {mean.ssim:.3f} | {cost.cpu:.1f}"
            lines.append(f"| {kind}: {name.replace('*', '')} | {figures} |")
        for source, ours in (("from stills", OURS), ("from the MP4", OURS_FROM_CLIP)):
            both = [lead(some, what, ours) for what in ("psnr", "near")]
            if all(both):
                cells = " | ".join(f"{np.mean(one):+.1f}; {min(one):+.1f} dB" for one in both)
                leads.append(f"| {kind}, {source} | {cells} |")
    return "\n".join([*lines, "", *leads])


def mover_words(rows: Sequence[Row]) -> str:
    """What is left of something that moves, in a sentence."""
    some = [row for row in rows if row.case.mover]
    if not some:
        return ""
    ghost, left = [row.ghost for row in some], [row.left for row in some]
    return _filled(
        f"Where something moves through {len(some)} of these scenes, it is shown at one moment; the rest of "
        f"its path is {np.mean(ghost):+.1f} dB against the merge of the same sweep without it (worst "
        f"{min(ghost):+.1f}), and at {100 * float(np.mean(left)):.1f} % of it something was left behind."
    )


def pair_rows(sets: Mapping[str, Mapping[str, FusionScore]]) -> str:
    """Ours on the two-frame sets, beside a classical merge; empty without any."""
    lines = ["| set | merge | Q_AB/F | NMI | Q_W | Q_CV |", "|---|---|---|---|---|---|"]
    for key, merges in sets.items():
        shown = [name for name in (UNMOVED, next(iter(BASELINES))) if name in merges]
        lines += [f"| {key} | {name} | {merges[name].cells()} |" for name in shown]
    return "\n".join(lines) if len(lines) > 2 else ""


def _named(scene: str) -> str:
    return "plain wall" if scene == "plain" else scene.replace("-", " ")


def _filled(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 110, break_on_hyphens=False))
