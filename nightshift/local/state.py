"""The files of a project's local AWS, all in `.nightshift/`."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightshift.local.aws import LocalAws
from nightshift.local.processes import Server


@dataclass(frozen=True)
class Folder:
    """`.nightshift/` of a project."""

    project: Path

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.project / ".nightshift"

    @property
    def state(self) -> Path:
        """Which servers run, and since when."""
        return self.path / "local.json"

    @property
    def logs(self) -> Path:
        """What the servers and the deployment wrote."""
        return self.path / "logs"

    @property
    def temporary(self) -> Path:
        """Where the servers unpack functions and layers."""
        return self.path / "tmp"

    @property
    def cdk_out(self) -> Path:
        """The synthesized cloud assembly."""
        return self.path / "cdk.out"

    @property
    def catalogue(self) -> Path:
        """What the dashboard knows about the flows that were deployed."""
        return self.path / "flows.json"

    @property
    def exports(self) -> Path:
        """A file to `source` before the aws CLI."""
        return self.path / "env"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held while the local AWS of the project is brought up or down."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self) -> dict[str, Any] | None:
        """The state, or None."""
        return json.loads(self.state.read_text()) if self.state.exists() else None

    def write(self, **changes: Any) -> None:
        """Add to the state."""
        state = {**(self.read() or {}), **changes}
        new = self.state.with_suffix(".new")
        new.write_text(json.dumps(state, indent=2))
        new.replace(self.state)

    def write_server(self, server: Server) -> None:
        """Note a server the moment it exists."""
        names = ("name", "pid", "started", "port", "log", "token")
        self.write(**{server.name: {name: getattr(server, name) for name in names}})

    def servers(self) -> list[Server]:
        """The servers noted, running or not."""
        state = self.read() or {}
        return [Server(**state[name]) for name in ("ministack", "fleet", "dashboard") if name in state]

    def local(self) -> LocalAws | None:
        """The local AWS the state tells of, once it was up."""
        state = self.read()
        if not state or not state.get("up"):
            return None
        ministack, fleet, *others = self.servers()
        dashboard = others[0] if others else None
        outputs = state.get("outputs", {})
        return LocalAws(self.project, ministack, fleet, state["speed"], outputs=outputs, dashboard=dashboard)

    def forget(self) -> None:
        """Remove the state and what the servers left behind; logs stay."""
        self.state.unlink(missing_ok=True)
        self.exports.unlink(missing_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)
