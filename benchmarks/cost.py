"""What another program costs: CPU time and memory of a process and all that it starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

LIMIT = 1500.0
"""Seconds after which a program is stopped."""

LAUNCHER = """
import json, os, sys
child = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
status, used = os.wait4(child, 0)[1:]
cost = used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status)
with open(sys.argv[1], "w") as file:
    json.dump(cost, file)
"""
"""A small process that starts the tool: Linux counts what a process was forked from as its own memory."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a process and all that it waited for: CPU and wall seconds, largest resident GiB, exit code."""

    cpu: float
    wall: float
    peak: float
    code: int


def measured(command: list[str], environment: dict[str, str], where: Path) -> Cost:
    """Run a command to its end, its output kept in `log.txt`; stopped after `LIMIT` seconds, with no CPU."""
    start, told = time.perf_counter(), where / "cost.json"
    told.unlink(missing_ok=True)
    launcher = [sys.executable, "-S", "-c", LAUNCHER, str(told), *command]
    with (where / "log.txt").open("ab") as log:
        child = subprocess.Popen(
            launcher, stdout=log, stderr=log, cwd=where, env=os.environ | environment, start_new_session=True
        )
        try:
            child.wait(LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        except BaseException:  # stopped by hand: the child has a session of its own and would go on
            os.killpg(child.pid, signal.SIGKILL)
            raise
    cpu, peak, code = json.loads(told.read_text()) if told.exists() else (0.0, 0.0, child.returncode)
    return Cost(float(cpu), time.perf_counter() - start, float(peak) / 2**20, int(code))
