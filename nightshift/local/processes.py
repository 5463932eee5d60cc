"""Server processes of the local AWS: start one, tell whether it is still the same one, end exactly it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import psutil

from nightshift.local.errors import ServerDied

TOKEN = "NIGHTSHIFT_LOCAL"
"""Environment variable that marks every process of one local AWS, inherited by what the servers start."""

_POLL = 0.05
_LOG_LINES = 20
_GONE = 5
_PORTS = range(20_000, 32_768)
"""Below those that Linux and macOS give to connections: one of them could take a port before the server does."""
_CLOCK_STEP = 2
"""Seconds by which a start time may seem to move: it is kept as time since boot, and the clock gets adjusted."""


@dataclass(frozen=True)
class Server:
    """A server process.

    pid, started: process id and its start time in epoch seconds; together they name one process for good.
    token: the mark in the environment of the process and of everything it started.
    """

    name: str
    pid: int
    started: float
    port: int
    log: str
    token: str
    pipe: subprocess.Popen[bytes] | None = field(default=None, compare=False, repr=False)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def alive(self) -> bool:
        """Whether this very process, and not another one that got its id, is running."""
        try:
            process = psutil.Process(self.pid)
        except psutil.NoSuchProcess:
            return False
        return _running(process) and self._ours(process)

    def log_tail(self) -> str:
        """The last lines it wrote."""
        path = Path(self.log)
        return "\n".join(path.read_text(errors="replace").splitlines()[-_LOG_LINES:]) if path.exists() else ""

    def keep(self) -> None:
        """Let the server outlive this process. Until then it ends by itself when this process dies."""
        if self.pipe is not None and self.pipe.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.pipe.stdin.write(b"k")
                self.pipe.stdin.close()

    def stop(self) -> None:
        """End it and all it started; nothing else, also when its process id belongs to another process by now."""
        doomed = [p for p in psutil.process_iter() if self._ours(p)]
        for process in doomed:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        if self.pipe is not None:
            self.pipe.wait(_GONE)
        deadline = time.monotonic() + _GONE
        while any(_running(process) for process in doomed) and time.monotonic() < deadline:
            time.sleep(_POLL)

    def _ours(self, process: psutil.Process) -> bool:
        """The server itself, or what it started: in its session and with its mark."""
        if process.pid == self.pid and self.pipe is not None:
            # Our own child: its id is not given to another before it is waited for, and at first it has no environment.
            return self.pipe.poll() is None
        try:
            if process.pid == self.pid and abs(process.create_time() - self.started) > _CLOCK_STEP:
                return False
            # What was started this very moment shows no environment yet; in this session it is ours all the same.
            environment = process.environ() if os.getsid(process.pid) == self.pid else {TOKEN: ""}
            return not environment or environment.get(TOKEN) == self.token
        except (psutil.Error, OSError):
            return False


def start(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    log: Path,
    token: str,
    env: Mapping[str, str],
    inherits: Sequence[int] = (),
) -> Server:
    """Start `command` in a session of its own, its output in `log`.

    inherits: descriptors of this process that it has as well, under the same numbers.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            # Not from the current folder: modules of a project must not shadow others.
            [sys.executable, "-P", *command],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=log.parent,
            env={**env, TOKEN: token},
            pass_fds=inherits,
        )
    started = psutil.Process(process.pid).create_time()
    return Server(name, process.pid, started, port, str(log), token, process)


def wait_ready(server: Server, path: str, *, timeout: float = 60) -> None:
    """Ask the server's health `path` until it answers 200.

    timeout: seconds. Raises ServerDied when the process ends first or does not answer in time.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if not server.alive():
            raise ServerDied(f"{server.name} ended while starting; its last lines ({server.log}):\n{server.log_tail()}")
        if answers(server.url + path):
            return
        time.sleep(_POLL)
    raise ServerDied(f"{server.name} did not answer {server.url}{path} within {timeout:.0f} s; see {server.log}")


def answers(url: str) -> bool:
    """Whether a GET of `url` gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_ports(count: int) -> list[int]:
    """Loopback ports nobody listens on right now, all different."""
    free = (port for port in random.sample(_PORTS, len(_PORTS)) if is_free(port))
    return list(islice(free, count))


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port right now."""
    with Reserved(port) as tried:
        return tried.held


class Reserved:
    """A loopback port that no other program is given until it is released, or the block ends.

    A server that inherits its descriptor listens there without a moment between.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._held = socket.socket()
        # As servers do, or a port that was in use a moment ago would seem to be so still.
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._held.bind(("127.0.0.1", port))
            # Linux gives a port to several that are bound to it as long as none listens.
            self._held.listen()
        except OSError:
            self.release()

    @property
    def held(self) -> bool:
        """Whether it is reserved: another program may have had it before."""
        return self._held.fileno() >= 0

    def fileno(self) -> int:
        """The descriptor of the listening socket; -1 when it is not held."""
        return self._held.fileno()

    def release(self) -> None:
        """Give it up; a server that inherited it keeps it."""
        self._held.close()

    def __enter__(self) -> Reserved:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _running(process: psutil.Process) -> bool:
    """Whether it still has what it opened: one that is killed is a zombie before the last of its threads lets go."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    except psutil.NoSuchProcess:
        return False
