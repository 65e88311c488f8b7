"""``python -m postfocus`` does what ``postfocus`` does."""

from __future__ import annotations

import sys

from postfocus.cli import main

if __name__ == "__main__":
    sys.exit(main())
