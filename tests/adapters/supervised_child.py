"""A process for the supervisor's tests: answers /healthz, and misbehaves as its arguments say."""

import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def note(word: str) -> None:
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(f"{word} {time.monotonic()}\n")


arguments = sys.argv[1:]
if arguments[0] == "understudy":
    JOURNAL = Path(arguments[1])
    note("wait")
    arguments = sys.stdin.readline().split()
    if not arguments:
        raise SystemExit(0)
    note("cue")
PORT, JOURNAL, MANNER = int(arguments[0]), Path(arguments[1]), arguments[2]


def on_term(_number: int, _frame: object) -> None:
    note("term")
    if MANNER == "deaf":
        return
    time.sleep(0.3 if MANNER == "slow-stop" else 0.0)
    note("end")
    raise SystemExit(0)


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"checks": {"database": {"ok": false, "reason": "away"}}}'
        self.send_response(503 if MANNER == "unwell" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


signal.signal(signal.SIGTERM, on_term)
note("start")
if MANNER == "stillborn":
    raise SystemExit(3)
HTTPServer(("127.0.0.1", PORT), Health).serve_forever()
