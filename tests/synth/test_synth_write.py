"""Clips that were written can be read again, and a stopped simulation leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from postfocus.errors import BadUse, Cancelled, CannotWrite
from postfocus.model.frame import Matrix
from postfocus.synth.encode import VideoSettings, to_planes, write_video
from postfocus.synth.sweep import SweepSettings
from postfocus.synth.write import truth_folder, write_simulation

SMALL = SweepSettings(scene="plain", width=128, height=72, frames=5, seed=3)


def colours() -> np.ndarray:
    """A smooth colourful picture."""
    small = np.random.default_rng(1).integers(20, 235, (4, 6, 3), dtype=np.uint8)
    return cv2.resize(small, (192, 128), interpolation=cv2.INTER_CUBIC)


def test_a_clip_and_its_truth_are_written(tmp_path: Path):
    out = tmp_path / "sweep.mp4"
    sim = write_simulation(SMALL, out)
    with av.open(str(out)) as file:
        stream = file.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert float(stream.average_rate or 0) == pytest.approx(30000 / 1001)
        frames = [f.to_ndarray(format="rgb24") for f in file.decode(stream)]
    assert len(frames) == 5
    for n, decoded in enumerate(frames):
        assert np.abs(decoded.astype(int) - sim.frame(n)).mean() < 6
    folder = truth_folder(out)
    picture = cv2.imread(str(folder / "all-in-focus.png"), cv2.IMREAD_UNCHANGED)
    assert picture.dtype == np.uint16
    np.testing.assert_array_equal(picture[..., ::-1], sim.truth.codes(16))
    np.testing.assert_array_equal(tifffile.imread(folder / "depth.tif"), sim.truth.depth)
    poses = json.loads((folder / "poses.json").read_text())
    assert poses["focus"] == pytest.approx(sim.focus.tolist())
    assert poses["b"][0] == pytest.approx([sim.alignment.b[0].real, sim.alignment.b[0].imag])
    assert {p.name for p in tmp_path.iterdir()} == {out.name, folder.name}
    with pytest.raises(CannotWrite, match="exists already"):
        write_simulation(SMALL, out)


def test_a_folder_of_jpegs_has_exif(tmp_path: Path):
    write_simulation(SMALL, tmp_path / "stills")
    files = sorted((tmp_path / "stills").iterdir())
    assert len(files) == 5
    with Image.open(files[2]) as image:
        assert image.size == (128, 72)
        assert image.getexif()[0x010F] == "postfocus"


def test_a_folder_of_photographs_is_never_replaced(tmp_path: Path):
    photo = tmp_path / "holiday" / "frame-000.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"dear")
    for name in ("holiday", "holiday/../holiday"):
        with pytest.raises(CannotWrite, match="may hold pictures of yours"):
            write_simulation(SMALL, tmp_path / name, replace=True)
    (tmp_path / "clip.mp4").mkdir()
    with pytest.raises(CannotWrite, match="is a folder"):
        write_simulation(SMALL, tmp_path / "clip.mp4", replace=True)
    truth_folder(tmp_path / "other.mp4").mkdir()
    (truth_folder(tmp_path / "other.mp4") / "notes.txt").write_text("dear")
    with pytest.raises(CannotWrite, match="not made by postfocus"):
        write_simulation(SMALL, tmp_path / "other.mp4", replace=True)
    assert photo.read_bytes() == b"dear"


def test_what_was_simulated_may_be_replaced(tmp_path: Path):
    for _ in range(2):
        write_simulation(SMALL, tmp_path / "stills", replace=True)
    assert {p.name for p in tmp_path.iterdir()} == {"stills", "stills.truth"}


@pytest.mark.parametrize("reason", [Cancelled("stopped"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", ["clip.mp4", "stills"])
def test_a_stopped_simulation_leaves_nothing(tmp_path: Path, reason: BaseException, name: str):
    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == "render" and done == 2:
            raise reason

    with pytest.raises(type(reason)):
        write_simulation(SMALL, tmp_path / name, stop)
    assert list(tmp_path.iterdir()) == []


def test_names_that_cannot_be_written_are_refused(tmp_path: Path):
    with pytest.raises(BadUse):
        write_simulation(SMALL, tmp_path / "clip.avi")
    with pytest.raises(BadUse, match="is a folder"):
        write_simulation(SMALL, Path())
    with pytest.raises(CannotWrite):
        write_simulation(SMALL, tmp_path / "missing" / "clip.mp4")


@pytest.mark.parametrize("matrix", [Matrix.BT601, Matrix.BT709, Matrix.BT2020])
@pytest.mark.parametrize("full", [False, True])
def test_planes_give_the_colours_back(matrix: Matrix, full: bool):
    rgb = colours()
    y, u, v = (p.astype(float) for p in to_planes(rgb, matrix, full, 8))
    kr, kb = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}[matrix]
    y = y / 255 if full else (y - 16) / 219
    u, v = ((c - 128) / (255 if full else 224) for c in (u, v))
    # Chroma is sited on the even columns, between the rows of a pair.
    luma = (y[0::2, 0::2] + y[1::2, 0::2]) / 2
    red, blue = luma + 2 * (1 - kr) * v, luma + 2 * (1 - kb) * u
    source = (rgb[0::2, 0::2].astype(float) + rgb[1::2, 0::2]) / 510
    assert np.abs(red - source[..., 0])[:, 1:-1].max() < 0.02
    assert np.abs(blue - source[..., 2])[:, 1:-1].max() < 0.02


@pytest.mark.parametrize(
    ("suffix", "how"),
    [
        (".mp4", VideoSettings(full_range=True, matrix=Matrix.BT601)),
        (".mov", VideoSettings(codec="hevc", bits=10, preset="ultrafast")),
        (".mkv", VideoSettings(codec="hevc", preset="ultrafast", matrix=Matrix.BT2020)),
        (".mp4", VideoSettings(codec="av1")),
        (".mp4", VideoSettings(rotation=90)),
    ],
)
def test_every_way_of_encoding_can_be_decoded(tmp_path: Path, suffix: str, how: VideoSettings):
    rgb = colours()
    path = tmp_path / f"clip{suffix}"
    try:
        assert write_video(path, [rgb] * 3, how) == 3
    except CannotWrite as error:
        pytest.skip(str(error))
    planes = to_planes(rgb, how.matrix, how.full_range, how.bits)
    with av.open(str(path)) as file:
        frames = list(file.decode(file.streams.video[0]))
    assert len(frames) == 3
    kind = np.uint8 if how.bits == 8 else np.dtype("<u2")
    plane = frames[0].planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(128, plane.line_size)[:, : 192 * np.dtype(kind).itemsize]
    luma = np.ascontiguousarray(rows).view(kind).astype(float)
    assert np.abs(luma - planes[0]).mean() < 1.5 * 2 ** (how.bits - 8)
    assert int(frames[0].color_range) == (2 if how.full_range else 1)
    assert frames[0].rotation % 360 == how.rotation
