"""P12: from starting scripts/serve.py to its first page, with everything installed and an existing database."""

import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from statistics import median

from tests.bench.measure import heading, line
from tests.bench.scratch import IS_TINY, scratch_database

MOST_SECONDS = 5
ROUNDS = 1 if IS_TINY else 5
# The yardstick: a Python that has loaded Django and the product's settings, models and addresses, and does nothing.
LOADED = "import django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns"


def run(url: str) -> None:
    heading("P12  first page after scripts/serve.py was started, in seconds")
    environ = {**os.environ, "DATABASE_URL": url, "FRCHECK_DEV": "1", "DJANGO_SETTINGS_MODULE": "frcheck.settings"}
    first = until_first_page(environ)
    ours, loaded = [], []
    for _ in range(ROUNDS):
        ours.append(until_first_page(environ))
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", LOADED], env=environ, check=True)
        loaded.append(time.perf_counter() - began)
    line("first page, empty database", f"{first:.2f} s", "-", ratio=None, target="-", is_met=None)
    line(
        "first page, second start",
        f"{median(ours):.2f} s",
        f"{median(loaded):.2f} s",
        ratio=median(ours) / median(loaded),
        target=f"<= {MOST_SECONDS} s",
        is_met=median(ours) <= MOST_SECONDS,
    )


def until_first_page(environ: dict) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    command = [sys.executable, "scripts/serve.py", str(port)]
    server = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        while time.perf_counter() - began < 120:
            if server.poll() is not None:
                raise SystemExit(f"scripts/serve.py ended:\n{server.stdout.read()}")
            if _has_page(port):
                return time.perf_counter() - began
            time.sleep(0.02)
        raise SystemExit("no page after 120 s")
    finally:
        server.terminate()
        server.communicate(timeout=20)


def _has_page(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/")
        response = connection.getresponse()
        response.read()
        connection.close()
    except ConnectionError:
        return False
    if response.status != 200:
        raise SystemExit(f"the first page is a {response.status}")
    return True


if __name__ == "__main__":
    with scratch_database(migrated=False) as url:
        run(url)
