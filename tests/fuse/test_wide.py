"""Strong blur is no motion, and what truly moves is still found where blur is strong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postfocus.defocus import widening
from postfocus.fuse import wide as wide_module
from postfocus.fuse.movers import Movers
from postfocus.fuse.wide import WideMovers
from postfocus.kept_maps import KeptMaps
from postfocus.scene import Scene
from postfocus.synth.sweep import SweepSettings
from tests.support.scenes import indexed, kept

STRONG = SweepSettings(
    scene="macro", width=640, height=360, frames=24, seed=5, blur=18.0, tripod=True, breathing=0.0
)


def scene_of(settings: SweepSettings) -> Scene:
    index, folder = indexed(settings)
    return Scene(kept(settings), index, folder)


def factor_of(settings: SweepSettings) -> int:
    index, folder = indexed(settings)
    assert index.depth.defocus is not None
    maps = KeptMaps(folder, index).light().maps
    return widening(index.depth.defocus, index.sweep.slots, (maps.height, maps.width))


def test_cells_grow_with_blur_and_only_where_it_is_wide() -> None:
    assert factor_of(STRONG) > 1
    assert factor_of(replace(STRONG, blur=3.0)) == 1


def test_strong_blur_moves_nothing() -> None:
    picture = scene_of(STRONG).stack()
    assert picture.held is None
    assert not any("moved" in note for note in picture.notes)


def test_large_cells_are_told_of_blur_in_their_own_measure(monkeypatch) -> None:
    index, folder = indexed(STRONG)
    maps, told = KeptMaps(folder, index), []

    def noted(*args):
        told.append(args[-1])
        return Movers(*args)

    monkeypatch.setattr(wide_module, "Movers", noted)
    slots, place = index.sweep.slots, index.depth.defocus.place
    WideMovers(maps.light(), slots, None, maps.volume().contrast, place[slots], 2)
    assert told[0] == pytest.approx(place[slots] / 2)


def test_what_moves_is_found_on_large_cells_too() -> None:
    settings = replace(STRONG, scene="still-life", blur=3.0, mover=True)
    index, folder = indexed(settings)
    maps = KeptMaps(folder, index)
    light, slots = maps.light(), index.sweep.slots
    volume = maps.volume()
    place = index.depth.defocus.place[slots]
    usual = Movers(light, slots, None, volume.contrast, place)
    wide = WideMovers(light, slots, None, volume.contrast, place, 2)
    assert usual.touched.any()
    assert wide.touched.shape == usual.touched.shape
    both = (usual.touched & wide.touched).sum()
    assert both > 0.4 * usual.touched.sum()
    for slot in slots.tolist():
        hidden = wide.hidden(slot)
        assert hidden is None or hidden.shape == usual.touched.shape
    assert wide.moment == pytest.approx(usual.moment, abs=6)
