"""The commands there are, in the order in which a newcomer needs them."""

from __future__ import annotations

COMMANDS = {
    "info": "say what a file is, and which of its frames are the focus sweep",
    "open": "open sweeps in the browser: touch a place, see it sharp there",
    "pick": "save the frame that is sharpest at a place",
    "frames": "save many frames at once",
    "stack": "merge the sweep, or a range of it, into one sharp picture",
    "depth": "write where in the sweep each place is sharpest",
    "index": "read a sweep once, so that the other commands start at once",
    "simulate": "make a simulated sweep, with all that is true about it",
    "demo": "show it all on a simulated sweep",
    "doctor": "say what is installed and what is missing",
    "cache": "show or clear the indexes that are kept",
}


def overview() -> str:
    """What ``postfocus --help`` prints."""
    listed = "\n".join(f"  {name:<10}{text}" for name, text in COMMANDS.items())
    return f"""postfocus: take the picture now, choose the focus afterwards.

usage: postfocus COMMAND INPUT [options]

{listed}

'postfocus COMMAND --help' explains one of them; 'postfocus --version' names the version.
Places are fractions of the picture's width and height from its top left, like 0.31,0.62.

  postfocus pick P1010234.MP4 --at 0.31,0.62 -o eye.jpg
  postfocus stack P1010234.MP4 -o sharp.tif"""
