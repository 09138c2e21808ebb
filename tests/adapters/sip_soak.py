"""Many short calls through one endpoint and what they leave behind: `python .../sip_soak.py CALLS`.

Prints one JSON object. Memory is compared after the first third of the calls and after the last, each time
once the stack has had time to forget its transactions.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from sip_process import connect, sip_process, tone_file

FORGET_S = 14.0


def main(calls: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clip = tone_file(Path(folder) / "tone.wav", seconds=3)
        with sip_process(clip=clip, forget=True) as hotline, sip_process(forget=True) as caller:
            warm = calls // 3
            started_s = time.monotonic()
            for number in range(calls):
                if number == warm:
                    time.sleep(FORGET_S)
                    before = hotline.order("state")
                connect(caller, hotline)
                caller.order("hangup")
                hotline.expect("Disconnected")
            busy_s = time.monotonic() - started_s - FORGET_S
            time.sleep(FORGET_S)
            after = hotline.order("state")
    grown_kb = after["resident_kb"] - before["resident_kb"]
    print(
        json.dumps(
            {
                "calls": calls,
                "calls_per_s": round(calls / busy_s, 1),
                "over": after["over"],
                "in_use": after["in_use"],
                "threads": [before["threads"], after["threads"]],
                "tasks": [before["tasks"], after["tasks"]],
                "resident_kb": [before["resident_kb"], after["resident_kb"]],
                "grown_kb_per_call": round(grown_kb / (calls - warm), 3),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
