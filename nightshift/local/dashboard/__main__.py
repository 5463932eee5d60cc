"""`python -m nightshift.local.dashboard --listening N --page FOLDER`: the dashboard on a socket, until killed.

Where the local AWS and the app are it reads from the environment, as the function does; see `servers.py`.
"""

from __future__ import annotations

import argparse
import socket
from pathlib import Path

from nightshift.local.lifeline import end_with_parent


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listening", type=int, required=True, help="the descriptor of a listening socket")
    parser.add_argument("--page", type=Path, required=True)
    given = parser.parse_args()
    end_with_parent()

    from nightshift.local.dashboard.server import DashboardServer

    DashboardServer(socket.socket(fileno=given.listening), given.page).serve_forever()


if __name__ == "__main__":
    main()
