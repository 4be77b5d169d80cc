"""Start FRCheck in development mode: database, library, demo data and server in one process.

One interpreter instead of four keeps `make run` quick. Usage: scripts/serve.py [PORT]
"""

import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "frcheck.settings")
os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"

HOST = "127.0.0.1"


def main(port: str) -> None:
    require_free(port)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("check")
    call_command("migrate", verbosity=0)
    call_command("load_library")
    call_command("create_demo")
    print(f"\nFRCheck: http://{HOST}:{port}/\n", flush=True)
    call_command("runserver", f"{HOST}:{port}", use_reloader=False, skip_checks=True)


def require_free(port: str) -> None:
    if not (port.isdecimal() and 0 < int(port) < 65536):
        sys.exit(f"PORT={port} is not a port: give a number from 1 to 65535, as in `make run PORT=8001`.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(port)))
        except OSError as e:
            sys.exit(f"Port {port} cannot be used: {e.strerror}. Give another, as in `make run PORT=8001`.")


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["8000"])
