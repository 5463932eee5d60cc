"""`nightshift part`: the parts there are, their pages, a new one, and the packages that they need."""

from __future__ import annotations

from typing import Annotated

import typer

from nightshift.cli.options import FLOW_DEFS, AsJson, Folder

part = typer.Typer(help="The parts that flows call, and those of your own.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="SERVICE.PART", help="Its name, such as rds.stop_db_instance.")]


@part.command("list")
def list_(*, folder: Folder = FLOW_DEFS, as_json: AsJson = False) -> None:
    """List the parts, with where those of your own come from."""
    from nightshift.cli.project.parts import list_parts

    list_parts(folder, as_json=as_json)


@part.command()
def show(name: Name, *, folder: Folder = FLOW_DEFS, as_json: AsJson = False) -> None:
    """Print the page of a part: its parameters, its result, what it may call."""
    from nightshift.cli.project.parts import show_part

    show_part(name, folder, as_json=as_json)


@part.command()
def new(name: Name, *, folder: Folder = FLOW_DEFS, as_json: AsJson = False) -> None:
    """Begin a part of your own for an operation of AWS: the part and its test; no file is overwritten."""
    from nightshift.cli.project.parts import new_part

    new_part(name, folder, as_json=as_json)


@part.command()
def lock(*, folder: Folder = FLOW_DEFS, as_json: AsJson = False) -> None:
    """Write parts/requirements.txt, with versions and hashes of all that parts/requirements.in asks for."""
    from nightshift.cli.project.parts import lock_packages

    lock_packages(folder, as_json=as_json)
