"""``postfocus doctor``: what is installed, what this computer can read and write, and what is missing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from argparse import Namespace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from postfocus.cli.arguments import Parser
from postfocus.cli.cache import spoken_size
from postfocus.cli.options import add_common, add_output
from postfocus.cli.report import check_report, keep
from postfocus.cli.talk import Answer, Talk
from postfocus.errors import PostfocusError
from postfocus.io.atomic import display_name

_PACKAGES = {
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "av": "av",
    "pillow": "PIL.Image",
    "tifffile": "tifffile",
    "rawpy": "rawpy",
    "simplejpeg": "simplejpeg",
    "platformdirs": "platformdirs",
}
_DECODERS = {"h264": "h264", "hevc": "hevc", "av1": "libdav1d"}
_ENCODERS = {"h264": ("libx264",), "hevc": ("libx265",), "av1": ("libsvtav1", "libaom-av1")}


def parser() -> Parser:
    """The options of ``doctor``."""
    made = Parser("doctor", "Say what is installed, what can be read and written, and what is missing.")
    add_output(made, "write this report to a .json or .txt as well")
    add_common(made)
    return made


def run(args: Namespace, talk: Talk) -> Answer:
    """Look at everything once."""
    from postfocus import __version__

    del talk
    check_report(args.output)
    packages = {name: _package(name, module) for name, module in _PACKAGES.items()}
    values: dict[str, Any] = {
        "postfocus": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "cpus": cpus(),
        "packages": packages,
        "video": _video(),
        "stills": _stills(),
        "cache": _cache(),
        "temporary": {"path": tempfile.gettempdir(), "free": _free(tempfile.gettempdir())},
    }
    values["missing"] = _missing(values)
    text, problem = _text(values), _problem(values["missing"])
    if problem:
        values |= {"error": problem, "exit_code": 1}
    return keep(Answer(values, text, 1 if problem else 0, problem), args.output, args.overwrite)


def cpus() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _package(name: str, module: str) -> str | None:
    """Version of a package that can be loaded."""
    try:
        import_module(module)
    except (ImportError, OSError):
        return None
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _video() -> dict[str, dict[str, bool]]:
    try:
        import av
    except (ImportError, OSError):
        return {"read": {}, "write": {}}

    def there(name: str, mode: Any) -> bool:
        try:
            av.Codec(name, mode)
        except ValueError:  # av's own error for an unknown codec
            return False
        return True

    return {
        "read": {kind: there(name, "r") or there(kind, "r") for kind, name in _DECODERS.items()},
        "write": {kind: any(there(n, "w") for n in names) for kind, names in _ENCODERS.items()},
    }


def _stills() -> dict[str, bool]:
    found = {"jpeg": True, "png": True, "tiff": True}
    try:
        from PIL import features
    except (ImportError, OSError):
        return dict.fromkeys([*found, "webp", "avif", "raw"], False)
    found |= {name: bool(features.check(name)) for name in ("webp", "avif")}
    return found | {"raw": _package("rawpy", "rawpy") is not None}


def _cache() -> dict[str, Any]:
    try:
        from postfocus.io.cache import Cache

        cache = Cache.default()
        entries = cache.entries()
    except (PostfocusError, ImportError, OSError) as error:
        return {"path": None, "problem": str(error)}
    place = cache.root
    while not place.exists() and place != place.parent:
        place = place.parent
    return {
        "path": str(cache.root),
        "entries": len(entries),
        "size": sum(entry.size for entry in entries),
        "limit": cache.limit,
        "free": _free(str(place)),
        "writable": os.access(place, os.W_OK),
    }


def _free(path: str) -> int | None:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def _missing(values: dict[str, Any]) -> list[dict[str, str]]:
    """What is not there, and how to get it."""
    pip = f"{sys.executable} -m pip install --upgrade"
    missing = [
        {"what": name, "how": f"{pip} {name}"} for name, found in values["packages"].items() if found is None
    ]
    if values["packages"]["av"]:
        for way, codecs in values["video"].items():
            lost = [codec for codec, there in codecs.items() if not there]
            if lost:
                missing.append({"what": f"{', '.join(lost)} ({way})", "how": f"{pip} --only-binary=av av"})
    if values["packages"]["pillow"]:
        lost = [name for name in ("webp", "avif") if not values["stills"][name]]
        if lost:
            missing.append({"what": ", ".join(lost), "how": f"{pip} --only-binary=pillow pillow"})
    cache = values["cache"]
    if cache["path"] is None:
        missing.append({"what": "the cache", "how": cache["problem"]})
    elif not cache["writable"]:
        missing.append({"what": "a cache that can be written to", "how": "set POSTFOCUS_CACHE to a folder"})
    return missing


def _problem(missing: list[dict[str, str]]) -> str:
    """One sentence on what is not there; empty if all is."""
    if not missing:
        return ""
    names = ", ".join(item["what"] for item in missing)
    return f"Missing: {names}; the report says how to get it."


def _text(values: dict[str, Any]) -> str:
    lines = [f"postfocus {values['postfocus']}, Python {values['python']}, {values['system']}"]
    lines.append(f"processors  {values['cpus']}")
    lines += [f"  {name:<24}{found or 'MISSING'}" for name, found in values["packages"].items()]
    for label, table in (
        ("reads video", values["video"]["read"]),
        ("writes video", values["video"]["write"]),
        ("stills", values["stills"]),
    ):
        lines.append(f"{label:<14}" + ", ".join(k if there else f"{k} MISSING" for k, there in table.items()))
    cache = values["cache"]
    if cache["path"] is not None:
        lines.append(
            f"{'cache':<14}{display_name(cache['path'])}: {cache['entries']} indexes, "
            f"{spoken_size(cache['size'])} of {spoken_size(cache['limit'])}"
        )
    temporary = values["temporary"]
    if temporary["free"] is not None:
        lines.append(
            f"{'temporary':<14}{display_name(temporary['path'])}: {spoken_size(temporary['free'])} free"
        )
    lines += [f"missing: {item['what']}; get it with: {item['how']}" for item in values["missing"]]
    return "\n".join([*lines, *([] if values["missing"] else ["nothing is missing"])])
