"""Where the users' templates are: for mails, and for CloudFormation stacks."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path("flow_defs", "templates")
_BESIDE_CODE = Path(__file__).resolve().parents[2]


def templates() -> Path:
    """The folder of the users' templates.

    In a function they lie beside `lambdas/`, as in a clone. Where nightshift is installed they are in the project:
    below the current folder, or where NIGHTSHIFT_TEMPLATES says.
    """
    if own := os.environ.get("NIGHTSHIFT_TEMPLATES"):
        return Path(own)
    beside = _BESIDE_CODE / _FOLDER
    return beside if beside.is_dir() else _FOLDER
