"""`nightshift cdk`: the CDK CLI of the version that nightshift pins, on the project in this folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from nightshift.cli.local import NoProject

_OF_AN_APP = ("deploy", "destroy", "diff", "drift", "import", "list", "ls", "rollback", "synth", "synthesize", "watch")
"""Commands of the CDK CLI that synthesize an app ("AWS CDK CLI reference", AWS CDK Developer Guide)."""


def cdk(arguments: Sequence[str]) -> int:
    """Run the CLI with the environment as it is; its exit code.

    Raises CommandFailed when it cannot be installed, NoProject where it would be told of no app.
    """
    if set(arguments) & set(_OF_AN_APP) and not _has_app(arguments):
        raise NoProject(
            "there is no cdk.json in this folder, so the CDK CLI knows no app; "
            "go to the folder of your project, or start one with `nightshift init my-ops`"
        )
    from nightshift.local.node import ensure_node_modules, node_environment, node_module_bin

    command = node_module_bin("cdk", ensure_node_modules(Path.cwd()))
    return subprocess.run([*command, *arguments], env=node_environment(dict(os.environ)), check=False).returncode


def _has_app(arguments: Sequence[str]) -> bool:
    """Whether the CLI is told what its app is: by an option, or a file of this folder or of the user."""
    named = any(a in ("-a", "-h", "--help") or a.startswith("--app") for a in arguments)
    return named or any(file.exists() for file in (Path("cdk.json"), Path.home() / ".cdk.json"))
