"""What tests/reporting/test_confined.py lets run in a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

from questionnaires.reporting import confined


def work(data: bytes) -> bytes:
    match data.split():
        case [b"echo", word]:
            print("what a library prints")
            return word * 200_000
        case [b"pid"]:
            return b"%d" % os.getpid()
        case [b"fail"]:
            raise ValueError("no such thing")
        case [b"allocate"]:
            return bytes(2**32)
        case [b"abort"]:
            os.abort()
        case [b"spin"]:
            while True:
                pass
        case [b"wait", path]:
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
            Path(path.decode()).write_text(f"{os.getpid()} {child.pid}")
            time.sleep(300)
    return b""


def prepare() -> None:
    confined.READY_SECONDS = float(os.environ.get("READY_SECONDS", confined.READY_SECONDS))


if __name__ == "__main__":
    confined.serve(work, prepare=prepare)
