"""Flow files that a test has written, as CPython has them and as they run, compiled or not."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from lambdas.contract.causes import read_cause
from lambdas.contract.errors import NightshiftError
from nightshift import local_run
from nightshift.compiler import compile_file
from tests.faults.machine import execute
from tests.parts.driver import TestAws


def loaded(file: Path) -> ModuleType:
    """The module of a file, imported anew."""
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ends(how: str, aws: TestAws, file: Path, *, dry_run: bool = False) -> tuple[str, str]:
    """Error and cause of the one flow of a file, under CPython or compiled; "" each of one that ends well.

    how: "cpython" or "compiled". dry_run: as `nightshift plan` runs it.
    """
    (flow,) = compile_file(file)
    if how == "compiled":
        ended = execute(flow.definition, aws, {"nightshift": {"dry_run": dry_run}})
        return ended.error, read_cause(ended.cause).message
    function = getattr(loaded(file), flow.name)
    try:
        with local_run(aws=aws, dry_run=dry_run, sleep=lambda s: None):
            function()
    except NightshiftError as error:
        return error.error, error.cause
    return "", ""
