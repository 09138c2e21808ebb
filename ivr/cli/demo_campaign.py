"""`ivr demo campaign`: a hotline, a town and a campaign on this machine, to be watched in the terminal."""

import csv
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from ivr.adapters.system_clock import SystemClock
from ivr.adapters.throwaway_hotline import throwaway_hotline

_IVR = (sys.executable, "-m", "ivr.cli.main")
_TOWN_S = 600.0
"""The town's words are spoken once, which takes minutes on a small machine."""
_PORT = 5070
_ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Pacific/Auckland")
_FACTS = {
    "customer_name": "林晓雨", "product": "安心贷", "amount": "24000", "first_due": "2026-12-05",
    "due_amount": "1129.76",
}  # fmt: skip


class TownNotReady(Exception):
    """The callees did not come up; the message ends with what they printed."""


def run_demo(contacts: int, workers: int, console: Console) -> None:
    """Ring a town of invented people until Ctrl-C or until everybody is done with.

    Raises `HotlineNotStarted` and `TownNotReady`.
    """
    outbound = f'[outbound]\ntrunk = "sip:{{number}}@127.0.0.1:{_PORT}"\nlines = 3\nring_s = 20\n'
    console.print("starting a hotline of its own ...")
    with throwaway_hotline(workers=workers, settings=outbound) as hotline, _town(hotline.directory, console):
        file = hotline.directory / "people.csv"
        _write_people(file, contacts, SystemClock().now())
        for words in (
            ("create", "demo", "--survey", "post_loan"),
            ("import", "demo", str(file)),
            ("start", "demo"),
            ("status", "demo", "--watch"),
            ("results", "demo"),
        ):
            subprocess.run([*_IVR, "campaign", *words], env=dict(hotline.environ), check=words[0] != "status")


@contextmanager
def _town(directory: Path, console: Console) -> Iterator[None]:
    """With the settings at hand rather than the hotline's own: what it says is kept for the next time."""
    log = directory / "town.log"
    command = [*_IVR, "callee", "--port", str(_PORT), "--survey", "post_loan"]
    with log.open("wb") as output:
        town = subprocess.Popen(command, stderr=output)
    try:
        given_up_at = time.monotonic() + _TOWN_S
        with console.status("filling the town: its words are spoken the first time, which takes minutes ..."):
            while "ready" not in log.read_text("utf-8", "replace"):
                if town.poll() is not None or time.monotonic() > given_up_at:
                    said = log.read_text("utf-8")[-1000:]
                    raise TownNotReady(f"the town is not ready; it printed:\n{said}")
                time.sleep(0.5)
        console.print(f"the town answers at 127.0.0.1:{_PORT}", highlight=False)
        yield
    finally:
        town.terminate()
        town.wait()


def _write_people(file: Path, count: int, now: datetime) -> None:
    """Numbers of a zone in which it is day, so that they may be rung at whatever time this is tried."""
    zone = next(zone for zone in _ZONES if 8 <= now.astimezone(ZoneInfo(zone)).hour < 21)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, ["phone", "locale", "time_zone", *_FACTS])
        writer.writeheader()
        for number in range(count):
            person = {"phone": f"+86138001{number:05}", "locale": "zh-CN", "time_zone": zone}
            writer.writerow(person | _FACTS)
