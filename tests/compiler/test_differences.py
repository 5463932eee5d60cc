"""Differences from CPython that docs/language.md lists and that are not a matter of one flow's result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engines import cpython, sfnx_engine
from engines.world import Outcome, World
from node_judges import EVALUATE, ask

from nightshift.compiler import compile_file
from nightshift.flow import Flow

HEAD = "import fake\nfrom typing import Any\nfrom nightshift import Failed, flow, for_each, parallel, sleep\n\n\n"


def both(tmp_path: Path, source: str) -> tuple[Outcome, Outcome, dict[str, Any]]:
    """The flow `shown` under CPython and in sfnx, and its definition."""
    path = tmp_path / "difference.py"
    path.write_text(HEAD + source, encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    flow: Flow[..., Any] = names["shown"]
    (compiled,) = compile_file(path)
    machine = sfnx_engine.run({"shown": compiled.definition}, "shown", {}, World())
    return cpython.run(flow, {}, World()), machine, compiled.definition


def test_throttling_is_tried_again(tmp_path: Path) -> None:
    """CPython raises at once; the step is tried again, as the same call."""
    wanted, found, _ = both(tmp_path, '@flow\ndef shown():\n    return fake.flaky(name="a", times=2).name\n')
    assert (wanted.error, wanted.calls) == ("Throttled", ("flaky a",))
    assert (found.result, found.calls) == ('"a"', ("flaky a",))


@pytest.mark.parametrize(("retry", "error"), [(1, "PartFailed"), (2, None)])
def test_retry_of_a_flow(retry: int, error: str | None, tmp_path: Path) -> None:
    """A part that failed is tried so many times more."""
    call = 'fake.flaky(name="a", times=2, fails="PartFailed")'
    wanted, found, _ = both(tmp_path, f"@flow(retry={retry})\ndef shown():\n    {call}\n")
    assert wanted.error == "PartFailed"
    assert found.error == error


def test_timeout_of_a_flow(tmp_path: Path) -> None:
    """It is the machine's own, so no state of the flow can run after it."""
    _, _, definition = both(tmp_path, '@flow(timeout="90m")\ndef shown():\n    pass\n')
    assert definition["TimeoutSeconds"] == 5400


def test_side_by_side(tmp_path: Path) -> None:
    """Nothing orders the branches in the machine: each is one of a Parallel, each item one of a Map."""
    source = (
        "@flow\ndef shown():\n"
        '    parallel(lambda: fake.act(name="a", fails="PartFailed"), lambda: fake.act(name="b"))\n'
    )
    wanted, _, definition = both(tmp_path, source)
    assert wanted.calls == ("act a",)
    (state,) = [s for s in definition["States"].values() if s["Type"] == "Parallel"]
    assert len(state["Branches"]) == 2


def test_items_beyond_forty_at_a_time_are_finished(tmp_path: Path) -> None:
    """The error of the first that failed is raised after the others are done."""
    source = (
        "@flow\ndef shown():\n"
        '    def one(n: int) -> None:\n        fake.act(name=f"{n}", fails="PartFailed" if n == 1 else None)\n\n'
        "    for_each([1, 2], one, at_most=41)\n"
    )
    wanted, found, _ = both(tmp_path, source)
    assert wanted.calls == ("act 1",)
    assert found.calls == ("act 1", "act 2")
    assert (found.error, found.cause) == (wanted.error, wanted.cause) == ("PartFailed", "1 failed")


def test_large_ints_and_the_order_of_rare_characters() -> None:
    """JSONata's own implementation: numbers are doubles, text is UTF-16, keys that are numbers come first."""
    given = [
        {"code": "$keys($d)", "variables": {"d": {"b": 1, "10": 2, "2": 3}}, "millis": 0},
        {"code": "$n + 1", "variables": {"n": 2**53}, "millis": 0},
        {"code": "$sort($xs)", "variables": {"xs": ["🚀", "～"]}, "millis": 0},
    ]
    keys, total, ordered = ask(EVALUATE, given)
    assert keys["value"] == ["2", "10", "b"] != list(given[0]["variables"]["d"])  # type: ignore[attr-defined]
    assert total["value"] == 2**53 != 2**53 + 1
    assert ordered["value"] == ["🚀", "～"] != sorted(["🚀", "～"])


def test_sleeping_less_than_nothing(tmp_path: Path) -> None:
    """An error of nightshift in CPython; the machine fails at the Wait."""
    wanted, found, _ = both(tmp_path, "@flow\ndef shown(n: int = -3):\n    sleep(n)\n")
    assert (wanted.error, found.error) == ("InvalidParameter", "States.QueryEvaluationError")


def test_bools_inside_of_anything(tmp_path: Path) -> None:
    """True equals 1 also inside of lists and dicts; the machine tells them apart there."""
    source = "@flow\ndef shown(v: Any = [True]):\n    return [v == [1], v == [True]]\n"
    wanted, found, _ = both(tmp_path, source)
    assert (wanted.result, found.result) == ("[true, true]", "[false, true]")


def test_replacing_nothing(tmp_path: Path) -> None:
    """CPython puts the new text between all characters; the machine fails."""
    wanted, found, _ = both(tmp_path, '@flow\ndef shown(old: str = ""):\n    return "ab".replace(old, "-")\n')
    assert (wanted.result, found.error) == ('"-a-b-"', "States.QueryEvaluationError")


def test_a_field_that_is_not_given(tmp_path: Path) -> None:
    """A dataclass has defaults; what a run is started with is JSON, and read as it is."""
    source = (
        "@dataclass\nclass Host:\n    name: str\n    size: int = 1\n\n\n"
        "@flow\ndef child(host: Host):\n    return host.size\n\n\n"
        "@flow\ndef shown():\n    return 1\n"
    )
    path = tmp_path / "field.py"
    path.write_text("from dataclasses import dataclass\n" + HEAD + source, encoding="utf-8")
    compiled = {flow.name: flow.definition for flow in compile_file(path)}
    machine = sfnx_engine.run(compiled, "child", {"host": {"name": "a"}}, World())
    assert machine.error == "States.QueryEvaluationError"


def test_a_field_too_many(tmp_path: Path) -> None:
    """A dataclass takes its fields only; the machine carries along what a run was started with."""
    source = "@dataclass\nclass Host:\n    name: str\n\n\n@flow\ndef shown(host: Host):\n    return host\n"
    path = tmp_path / "field.py"
    path.write_text("from dataclasses import dataclass\n" + HEAD + source, encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True), names)
    given = {"host": {"name": "a", "extra": 1}}
    (compiled,) = compile_file(path)
    machine = sfnx_engine.run({"shown": compiled.definition}, "shown", given, World())
    assert cpython.run(names["shown"], given, World()).error == "TypeError"
    assert machine.result == '{"extra": 1, "name": "a"}'


def test_no_cleanup_after_an_expression_that_fails(tmp_path: Path) -> None:
    """A Pass has no Catch: where an expression of its own fails, the run ends."""
    source = (
        "@flow\ndef shown(n: int = 0):\n    try:\n        x = 10 // n\n        return x\n"
        '    finally:\n        fake.act(name="a")\n'
    )
    wanted, found, _ = both(tmp_path, source)
    assert (wanted.error, wanted.calls) == ("ZeroDivisionError", ("act a",))
    assert (found.error, found.calls) == ("States.QueryEvaluationError", ())
