"""The files that go to the bootstrap bucket: the code and the layers."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Stack
from aws_cdk.aws_s3_assets import Asset

import lambdas
from lambdas.alarms.keeper import ALARMS_FILE
from lambdas.custom_resources.page import PAGE
from lambdas.runs.catalogue import CATALOGUE_FILE
from nightshift.model import CompiledFlow
from nightshift.own_parts import Folder
from nightshift.views.catalogue_file import catalogue_json
from stacks.settings import Settings
from stacks.template.archives import read_tree, write_zip
from stacks.template.functions import Code
from stacks.template.layer import LOCK, layer_archive

_LAMBDAS = Path(lambdas.__file__).parent


def code_files(flow_defs: Path) -> dict[str, bytes]:
    """What every function has: lambdas/, and the mail templates at the place they have in the project."""
    templates = flow_defs / "templates"
    return read_tree(_LAMBDAS, into="lambdas") | read_tree(templates, into="flow_defs/templates")


def own_files(folders: Iterable[Folder]) -> dict[str, bytes]:
    """What the functions of parts of one's own have besides: their packages, at the place they are imported from."""
    files: dict[str, bytes] = {}
    for folder in folders:
        files |= read_tree(folder.path, into=folder.package.replace(".", "/"))
    return files


def routes_file(routes: Mapping[str, Any]) -> dict[str, bytes]:
    """The table of the alarm receiver, as it reads it."""
    return {"alarm_routes.json": json.dumps(routes, indent=1, sort_keys=True).encode()}


def keeper_file(definitions: Mapping[str, Any]) -> dict[str, bytes]:
    """The alarms of instances, as the alarm keeper reads them."""
    return {ALARMS_FILE: json.dumps(definitions, indent=1, sort_keys=True).encode()}


def gate_file(rules: Mapping[str, Any]) -> dict[str, bytes]:
    """The rules of the flows, as the gate reads them."""
    return {"gate.json": json.dumps(rules, indent=1, sort_keys=True).encode()}


def catalogue_file(flows: Iterable[CompiledFlow], settings: Settings) -> dict[str, bytes]:
    """The catalogue of the flows, as functions read it."""
    company = settings.company.access
    return {CATALOGUE_FILE: catalogue_json(flows, settings.flow_defs, settings.names, company)}


def code_asset(stack: Stack, name: str, files: Mapping[str, bytes]) -> Code:
    """An archive of `files` in the bootstrap bucket."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / f"{name}.zip"
        write_zip(archive, files)
        return _uploaded(Asset(stack, name, path=str(archive)))


def page_files(page: Path) -> dict[str, bytes]:
    """What the function has that puts the dashboard's page into its bucket. page: the built page.

    Ends the program when the page has not been built.
    """
    if not (page / "index.html").is_file():
        sys.exit(
            f"{page / 'index.html'} is missing: run `make dashboard` to build the dashboard's page, "
            "or deploy without the dashboard: cdk deploy -c dashboard=false"
        )
    shown = {name: content for name, content in read_tree(page, into=PAGE).items() if "/." not in name}
    modules = (
        "__init__.py",
        "custom_resources/__init__.py",
        "custom_resources/response.py",
        "custom_resources/page.py",
    )
    own = {f"lambdas/{name}": (_LAMBDAS / name).read_bytes() for name in modules}
    return own | shown


def layer_asset(stack: Stack, name: str = "LayerContent", lock: Path = LOCK, *, here: bool = False) -> Code:
    """The archive of a dependency layer in the bootstrap bucket. here: for the Python of this machine."""
    return _uploaded(Asset(stack, name, path=str(layer_archive(lock, here=here))))


def _uploaded(asset: Asset) -> Code:
    return Code(asset.s3_bucket_name, asset.s3_object_key)
