"""What a part declares, as the compiler, the pages and the handler read it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Unpack

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call, Common, Part, Result, current_runner, part
from lambdas.engine.selection import SelectInstances, selected
from lambdas.parts import all_parts, find_part
from tests.parts.driver import RUN, TestAws


@part(cost="A penny.", hints={"Broken": "Repair it."}, waits=False)
def chosen(call: Call, *, kind: str, force: bool = False, **common: Unpack[SelectInstances]) -> Result:
    """Show what was selected.

    Parameters:
    kind: what kind.
    force: whether by
        force.
    tag: "Role=db", of these.

    Result: Result.

    Errors:
    PartFailed: never.

    Example:
        from nightshift import flow


        @flow()
        def night(): ...
    """
    selection = selected(common, "instance_id")
    return Result(matched=selection.ids or [], summary=", ".join(str(pattern) for pattern in selection.tags))


def test_the_parameters_are_those_of_the_selection_its_own_and_those_of_every_part() -> None:
    names = list(chosen.parameters)
    assert names == ["instance_id", "tag", "exclude_tag", "kind", "force", *Common.__annotations__]
    assert [name for name, parameter in chosen.parameters.items() if parameter.required] == ["kind"]
    assert chosen.parameters["force"].default is False
    assert chosen.parameters["tag"].hint == str | list[str] | None
    assert {name for name, parameter in chosen.parameters.items() if parameter.common} == set(Common.__annotations__)


def test_the_docstring_of_the_part_goes_before_that_of_the_selection() -> None:
    docs = {name: parameter.doc for name, parameter in chosen.parameters.items()}
    assert docs["tag"] == '"Role=db", of these.'
    assert docs["instance_id"] == 'ids, as a list or as "i-1;i-2".'
    assert docs["force"] == "whether by force."
    assert docs["region"].startswith("AWS region")
    assert "" not in docs.values()


def test_the_example_is_the_code_of_its_section() -> None:
    assert chosen.example == "from nightshift import flow\n\n\n@flow()\ndef night(): ..."
    assert (chosen.cost, chosen.hints) == ("A penny.", {"Broken": "Repair it."})


def test_the_selection_reaches_the_part() -> None:
    given = {"kind": "x", "instance_id": "i-1;i-2", "tag": ["A=b", "C"], "region": "eu-west-1"}
    reply = chosen.invoke(TestAws(), RUN, given, None)
    assert reply["result"]["matched"] == ["i-1", "i-2"]
    assert reply["result"]["summary"] == "A=b, C"


def test_an_unknown_parameter_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidParameter, match="no parameter tags; it takes instance_id, tag, exclude_tag, kind, forc"):
        chosen.invoke(TestAws(), RUN, {"kind": "x", "tags": "A=b"}, None)


class Noted:
    """A runner that notes what a part would be given."""

    def run_part(self, part: Part[..., Any], params: dict[str, Any]) -> dict[str, Any]:
        return params

    run_everywhere = run_part


def test_what_a_step_is_called_is_nothing_to_the_part() -> None:
    @part()
    def printed(call: Call, *, title: str) -> Result:
        """Print a page; its title is the part's own."""
        return Result()

    runner: Any = Noted()
    before = current_runner.set(runner)
    try:
        # mypy knows what a part gives back, and not what the runner of this test does.
        given: list[Any] = [
            chosen(kind="x", title="Choose them"),
            chosen(kind="x", regions=["eu-west-1"], title="Choose them everywhere"),
            printed(title="The page"),
        ]
    finally:
        current_runner.reset(before)
    assert given == [{"kind": "x"}, {"kind": "x", "regions": ["eu-west-1"]}, {"title": "The page"}]


def declared_in(module: str) -> Part[..., Any]:
    def stop_it(call: Call, **common: Unpack[Common]) -> Result:
        """Nothing."""
        return Result()

    stop_it.__module__ = module
    declare: Callable[..., Part[..., Any]] = part()
    return declare(stop_it)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("lambdas.parts.ec2.stop_it", "ec2.stop_it"),
        ("lambdas.parts.ec2", "ec2.stop_it"),
        ("tests.parts.test_declaration", "test_declaration.stop_it"),
    ],
)
def test_a_part_is_named_by_its_service(module: str, name: str) -> None:
    assert declared_in(module).name == name


def test_every_part_is_found_by_its_name() -> None:
    assert {name: find_part(name) for name in all_parts()} == all_parts()


def test_a_service_exports_the_part_not_the_module_of_that_name() -> None:
    for name, found in all_parts().items():
        service, _, function = name.partition(".")
        import_module(found.__module__)
        assert getattr(import_module(f"lambdas.parts.{service}"), function) is found


@pytest.mark.parametrize("name", ["ec2", "ec2.", "ec2._power", "ec2.nothing", "nothing.ec2", "os.path", "../ec2.x"])
def test_what_is_no_part_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameter):
        find_part(name)


def test_a_function_loads_no_other_part() -> None:
    code = (
        "import sys; from lambdas.parts import ec2, find_part\n"
        "find_part('ec2.stop_instances')\n"
        "import lambdas.parts.ec2.start_instances\n"
        "print(ec2.stop_instances, ec2.start_instances, 'lambdas.parts.ec2.create_image' in sys.modules)\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "<part ec2.stop_instances> <part ec2.start_instances> False\n"


def test_every_part_is_known_to_the_type_checker() -> None:
    for name in all_parts():
        service, _, function = name.partition(".")
        exports = ast.parse(Path(f"lambdas/parts/{service}/__init__.py").read_text())
        wanted = ast.dump(ast.ImportFrom(f"lambdas.parts.{service}.{function}", [ast.alias(function, function)], 0))
        assert wanted in map(ast.dump, ast.walk(exports))
