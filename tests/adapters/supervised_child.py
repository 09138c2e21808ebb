"""A process for the supervisor's tests: answers /healthz, and misbehaves as its arguments say."""

import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

PORT, JOURNAL, MANNER = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]


def note(word: str) -> None:
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(f"{word} {time.monotonic()}\n")


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
