"""A server ends with the command that is starting it, until that command lets it go.

The command holds the server's standard input. When it is done it writes a byte there (`Server.keep`); when it dies
first, however it dies, the server reads the end of the file and ends with everything it started.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Watch standard input from a thread; to be called first in a server's process."""

    def watch() -> None:
        if not sys.stdin.buffer.read(1):
            os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()
