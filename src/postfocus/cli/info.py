"""``postfocus info``: what a file is, and which of its frames are the focus sweep."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from postfocus.cli.arguments import Parser
from postfocus.cli.opening import indexed, open_recording
from postfocus.cli.options import add_common, add_frames, add_input, add_output
from postfocus.cli.report import check_report, keep
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import CannotAlign, TooFewFrames
from postfocus.io.atomic import display_name

if TYPE_CHECKING:
    from postfocus.model.frame import CameraFacts, SourceInfo
    from postfocus.scene import Scene


def parser() -> Parser:
    """The options of ``info``."""
    made = Parser("info", "Say what a file is, its camera and frames, and which frames are the focus sweep.")
    add_input(made)
    add_frames(made, "take these frames as the sweep, counted from 0, both included")
    made.add_argument("--quick", action="store_true", help="read no frame: leave out the sweep")
    add_output(made, "write this report to a .json or .txt as well")
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Describe the input."""
    check_report(args.output)
    with open_recording(args) as recording:
        values = describe(recording.info)
        notes: list[str] = [f"{item.name}: {item.reason}" for item in recording.info.left_out]
        if not args.quick:
            try:
                # In text the notes are part of the answer.
                scene = indexed(recording, talk, args.frames, tell_notes=args.json)
            except (CannotAlign, TooFewFrames) as error:
                notes.append(str(error))
            else:
                values |= sweep_of(scene)
                notes = list(scene.index.notes())
    values["notes"] = notes
    return keep(Answer(values, _text(values)), args.output, args.overwrite, recording.info.paths)


def describe(info: SourceInfo) -> dict[str, Any]:
    """What is known before any frame is read."""
    from postfocus.io.camera_name import camera_name

    return {
        "input": [str(path) for path in info.paths] if info.kind == "stills" else str(info.paths[0]),
        "kind": info.kind,
        "name": info.name,
        "width": info.width,
        "height": info.height,
        "frames": info.count,
        "codec": info.codec,
        "bits": info.coding.bits,
        "matrix": info.coding.matrix.value,
        "full_range": info.coding.full_range,
        "rate": round(float(info.rate), 4) if info.rate else None,
        "rotation": info.rotation,
        "camera": camera_of(info.camera),
        "camera_name": camera_name(info.camera),
        "sweep": None,
        "reference_frame": None,
    }


def camera_of(camera: CameraFacts) -> dict[str, Any]:
    """What the camera wrote, without what it left out."""
    names = ("make", "model", "lens", "taken", "subsec", "exposure_s", "f_number", "iso", "focal_mm", "burst")
    found = {name: getattr(camera, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def sweep_of(scene: Scene) -> dict[str, Any]:
    """What the index adds."""
    numbers = [int(n) for n in scene.index.frames]
    usable = scene.index.alignment.usable()
    return {
        "frames": len(numbers),
        "sweep": {
            "first": scene.sweep.first,
            "last": scene.sweep.last,
            "frames": [numbers[slot] for slot in scene.sweep.slots],
        },
        "reference_frame": scene.reference,
        "not_aligned": [n for n, good in zip(numbers, usable, strict=True) if not good],
    }


def _text(values: dict[str, Any]) -> str:
    camera = values["camera"]
    rate = f", {values['rate']:g} frames a second" if values["rate"] else ""
    lines = [
        f"{display_name(values['name'])}: {values['kind']}, {values['codec']}, "
        f"{values['width']} x {values['height']}, {values['bits']} bits{rate}",
        f"frames     {values['frames'] if values['frames'] is not None else 'not counted yet'}",
    ]
    if camera:
        lines.append(f"camera     {_camera_text(values['camera_name'], camera)}")
    if values["sweep"]:
        sweep = values["sweep"]
        lines += [
            f"sweep      frames {sweep['first']} to {sweep['last']} ({len(sweep['frames'])} frames)",
            f"reference  frame {values['reference_frame']}",
        ]
    return "\n".join(lines + [f"note       {text}" for text in values["notes"]])


def _camera_text(name: str | None, camera: dict[str, Any]) -> str:
    shutter = camera.get("exposure_s")
    parts = [
        name,
        camera.get("lens"),
        camera.get("burst"),
        camera.get("taken"),
        (f"1/{1 / shutter:.0f} s" if shutter < 0.5 else f"{shutter:g} s") if shutter else None,
        f"f/{camera['f_number']:g}" if camera.get("f_number") else None,
        f"ISO {camera['iso']}" if camera.get("iso") else None,
        f"{camera['focal_mm']:g} mm" if camera.get("focal_mm") else None,
    ]
    return display_name(", ".join(part for part in parts if part))
