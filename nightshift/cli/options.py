"""Options and arguments that several commands have, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

FLOW_DEFS = Path("flow_defs")
"""The folder of the flows, unless `--flow-defs` names another."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Folder = Annotated[Path, typer.Option("--flow-defs", metavar="FOLDER", help="The folder of the flows.")]
FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="A flow's name, or FILE[:FLOW] for one elsewhere.")]
Target = Annotated[
    Literal["local", "aws"],
    typer.Option(envvar="NIGHTSHIFT_TARGET", help="The local AWS, or the account of your AWS credentials."),
]
