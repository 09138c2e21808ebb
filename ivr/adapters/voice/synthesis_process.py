"""The process that synthesises for a worker: it computes for seconds, which a worker's audio would not bear.

It reads one JSON object a line from stdin, `{"text", "locale", "path"}`, writes the speech to `path` and
answers with `{}` or `{"error": ...}` on stdout. It ends with its stdin, so it never outlives the worker.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import IO, Any

from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.samples import MASTER_RATE_HZ, store_wav
from ivr.adapters.voice.speaking import Speaker


def main() -> None:
    """Serve requests until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("prompts_dir", type=Path)
    parser.add_argument("models_dir", type=Path)
    wanted = parser.parse_args()
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())  # libraries print there, and would break the replies
    serve(Speaker(wanted.prompts_dir, wanted.models_dir), sys.stdin, replies)


def serve(speaker: Speaker, requests: IO[str], replies: IO[str]) -> None:
    """Answer each request in turn."""
    for line in requests:
        replies.write(json.dumps(_answer(speaker, json.loads(line))) + "\n")
        replies.flush()


def _answer(speaker: Speaker, request: dict[str, Any]) -> dict[str, str]:
    try:
        locale = request["locale"]
        pcm = speaker.speak(request["text"], locale, speaker.prompt_voice(locale), MASTER_RATE_HZ)
        store_wav(Path(request["path"]), pcm, MASTER_RATE_HZ)
    except (VoiceError, OSError) as error:
        return {"error": str(error)}
    return {}


if __name__ == "__main__":
    main()
