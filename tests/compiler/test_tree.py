"""The tree of a flow: it says what the author wrote, and nothing of the state machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from lambdas.parts import all_parts
from lambdas.runs.part_titles import PART_TITLES_JA
from lambdas.runs.tree import STEPS, TreeNode
from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "flow_defs").glob("*.py"), *(ROOT / "tests/e2e/flow_defs").glob("*.py")])
INTERNAL = ("$", "gate:", "gate", "raise", "after finally", "States.ALL", "{%", "done?", "take what is given")


def _compiled(name: str) -> CompiledFlow:
    return next(flow for file in FILES for flow in compile_file(file) if flow.name == name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_of_the_machine_is_shown(file: Path) -> None:
    for flow in compile_file(file):
        for node in flow.tree:
            shown = " ".join((node.title, node.title_ja))
            assert not [word for word in INTERNAL if word in shown], (flow.name, node)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_call_of_the_flow_is_one_step(file: Path) -> None:
    for flow in compile_file(file):
        called = {name for name, row in flow.steps.items() if row.kind in ("part", "flow", "approval", "wait")}
        called |= {name for name, row in flow.steps.items() if row.kind in ("parallel", "map")}
        told = [node.id for node in flow.tree if node.kind in STEPS]
        assert sorted(told) == sorted(called), flow.name
        assert len({node.id for node in flow.tree}) == len(flow.tree)
        known = {""}
        for node in flow.tree:
            assert node.parent in known
            known.add(node.id)


def test_the_frames_are_those_of_the_file() -> None:
    flow = _compiled("nightly_backup")
    assert _outline(flow.tree) == [
        "part ec2.stop_instances",
        "try",
        "  body",
        "    part ebs.create_snapshot",
        "  finally",
        "    part ec2.start_instances",
        "part notify.email",
    ]


def test_branches_loops_and_parallel_ones_are_nested() -> None:
    flow = _compiled("thirty_steps")
    assert sum(node.kind in STEPS for node in flow.tree) >= 30
    kinds = [line.strip().partition(" ")[0] for line in _outline(flow.tree)]
    assert {"parallel", "branch", "each", "loop", "if", "then", "else", "try", "except", "finally", "wait"} <= {*kinds}
    titles = {node.title for node in flow.tree}
    assert {"something is stopped and number is more than 5", "seen is empty", "Wait 1 second"} <= titles


def test_a_step_is_called_what_its_author_calls_it(tmp_path: Path) -> None:
    file = tmp_path / "called.py"
    file.write_text(
        dedent("""
            from lambdas.parts import aws, ec2
            from nightshift import flow, parallel


            def _web():
                ec2.stop_instances(tag="Role=web", title="Stop the web servers")


            @flow
            def called():
                ec2.start_instances(tag="A=b", regions=["eu-west-1", "eu-west-2"], title="Start them everywhere")
                aws.call("rds", "stop_db_instance", DBInstanceIdentifier="orders", title="受注DBを停止")
                parallel(lambda: _web(), lambda: ec2.stop_instances(tag="Role=batch"))
            """),
        encoding="utf-8",
    )
    (flow,) = compile_file(file)
    steps = [node for node in flow.tree if node.kind == "part"]
    titles = ["Start them everywhere", "受注DBを停止", "Stop the web servers"]
    assert [(node.title, node.title_ja) for node in steps[:3]] == [(title, title) for title in titles]
    assert [flow.steps[node.id].title for node in steps[:3]] == titles
    assert [node.title for node in flow.tree if node.kind == "branch"] == ["web", ""]
    assert [line.strip().partition(" [")[0] for line in flow.outline if "title=" in line] == titles
    assert not [name for name in _sent(flow.definition) if name == "title"]


def _sent(data: object) -> Iterator[str]:
    """The keys of all that the states send."""
    if isinstance(data, dict):
        yield from data
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _sent(inner)


def test_every_part_has_a_japanese_title() -> None:
    assert all_parts().keys() == PART_TITLES_JA.keys()


def _outline(tree: tuple[TreeNode, ...]) -> list[str]:
    depth = {"": -1}
    lines = []
    for node in tree:
        depth[node.id] = depth[node.parent] + 1
        lines.append(f"{'  ' * depth[node.id]}{node.kind} {node.calls}".rstrip())
    return lines
