"""Each difference from CPython that docs/language.md lists, and that it lists all of those which tests know."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from corpus_files import entries
from engines import cpython, moto_engine, sfnx_engine
from engines.world import Outcome, World, canonical
from expect import SAME
from listed_differences import CORPUS, ROWS, Shown
from node_judges import EVALUATE, ask

from nightshift.compiler import compile_file
from nightshift.flow import Flow

LANGUAGE = Path(__file__).parent.parent.parent / "docs" / "language.md"
HEAD = (
    "from dataclasses import dataclass\nfrom typing import Any, TypedDict\n\nimport fake\n"
    "from nightshift import Calendar, Failed, age_in_days, flow, for_each, parallel, sleep\n\n\n"
)
SHOWN = [pytest.param(shown, id=f"{row}-{n}") for row, flows in ROWS.items() for n, shown in enumerate(flows, 1)]
TESTED: set[str] = set()
"""Rows that a test below is about."""
T = TypeVar("T", bound=Callable[..., None])


def row(beginning: str) -> Callable[[T], T]:
    """Say which row of the page a test is about."""

    def add(test: T) -> T:
        TESTED.add(beginning)
        return test

    return add


def both(tmp_path: Path, source: str, **given: Any) -> tuple[Outcome, Outcome, dict[str, Any]]:
    """The flow `shown` under CPython and in sfnx, and its definition."""
    path = tmp_path / "difference.py"
    path.write_text(HEAD + source, encoding="utf-8")
    names: dict[str, Any] = {"__name__": "difference"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True), names)
    flow: Flow[..., Any] = names["shown"]
    machines = {compiled.name: compiled.definition for compiled in compile_file(path)}
    machine = sfnx_engine.run(machines, "shown", given, World())
    return cpython.run(flow, given, World()), machine, machines["shown"]


def ended(outcome: Outcome) -> str | None:
    """The result of a run, or else its error."""
    return outcome.error or outcome.result


@pytest.mark.parametrize("shown", SHOWN)
def test_difference(shown: Shown, tmp_path: Path) -> None:
    """CPython and the machine end as the row says, and called the same parts as far as it says so."""
    wanted, found, _ = both(tmp_path, shown.text, **shown.given)
    assert (ended(wanted), ended(found)) == (shown.cpython, shown.machine)
    assert (wanted.calls, found.calls) == shown.calls


def test_each_row_of_the_page_is_shown() -> None:
    """By flows of listed_differences.py, a test of this file, or the corpus; and there are no rows but those."""
    page = LANGUAGE.read_text(encoding="utf-8").split("\n## Differences\n")[1].split("\n## ")[0]
    rows = [line.strip("| ") for line in page.splitlines() if line.startswith("| ") and "| CPython |" not in line]
    of = {text: [beginning for beginning in ROWS if text.startswith(beginning)] for text in rows}
    assert {text: found for text, found in of.items() if len(found) != 1} == {}
    assert sorted(ROWS) == sorted(found for each in of.values() for found in each)
    assert {beginning for beginning, flows in ROWS.items() if not flows} - TESTED - set(CORPUS) == set()
    assert TESTED | set(CORPUS) <= set(ROWS)


def test_each_difference_of_the_corpus_is_of_a_row() -> None:
    """A case that says of CPython something else than of the machine."""
    differ = {
        f"{entry.path.stem}.{entry.flow.name}"
        for entry in entries()
        if entry.case.cpython is not None or entry.case.cpython_result is not SAME
    }
    assert differ == {flow for flows in CORPUS.values() for flow in flows}


def in_jsonata(source: str, tmp_path: Path, moto: moto_engine.Moto, **given: Any) -> tuple[Outcome, list[str]]:
    """The flow `shown` under CPython, and what JSONata's own implementation makes of the expressions it compiles to."""
    wanted, _, definition = both(tmp_path, source, **given)
    heard: list[dict[str, Any]] = []
    moto.heard = lambda code, millis, _: heard.append({"code": code, "variables": {}, "millis": millis})
    try:
        moto.run({"shown": definition}, "shown", given, World())
    finally:
        moto.heard = None
    return wanted, [canonical(answer.get("value")) for answer in ask(EVALUATE, heard)]


@row("throttling, `retry=`")
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


@row("`timeout=` of the flow")
def test_timeout_of_a_flow(tmp_path: Path) -> None:
    """It is the machine's own, so no state of the flow can run after it."""
    _, _, definition = both(tmp_path, '@flow(timeout="90m")\ndef shown():\n    pass\n')
    assert definition["TimeoutSeconds"] == 5400


@row("`parallel`, `for_each`")
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


@row("an error in `for_each` beyond 40")
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


@row("the order of keys")
def test_keys_that_are_whole_numbers(tmp_path: Path, moto: moto_engine.Moto) -> None:
    """They come first in JSONata, and by value."""
    source = "@flow\ndef shown(d: dict[str, int]):\n    return list(d)\n"
    wanted, found = in_jsonata(source, tmp_path, moto, d={"b": 1, "10": 2, "2": 3})
    assert wanted.result == '["b", "10", "2"]'
    assert '["2", "10", "b"]' in found


@row("order of text")
def test_the_order_of_rare_characters(tmp_path: Path, moto: moto_engine.Moto) -> None:
    """JSONata's text is UTF-16."""
    source = "@flow\ndef shown(xs: list[str]):\n    return [sorted(xs)[0], 'end']\n"
    wanted, found = in_jsonata(source, tmp_path, moto, xs=["🚀", "～"])
    assert wanted.result == '["～", "end"]'
    assert '["🚀", "end"]' in found


def test_powers_beyond_all_floats(tmp_path: Path) -> None:
    """The row "floats beyond": JSONata fails; of its Python port, which sfnx and moto use, Python's own error comes."""
    path = tmp_path / "power.py"
    path.write_text(HEAD + "@flow\ndef shown(x: float = 1e200):\n    return x**2\n", encoding="utf-8")
    (compiled,) = compile_file(path)
    assert "$power($x, 2)" in str(compiled.definition)
    (answer,) = ask(EVALUATE, [{"code": "$power($x, 2)", "variables": {"x": 1e200}, "millis": 0}])
    assert "error" in answer


@row("`sum()` of floats")
def test_sums_of_floats(tmp_path: Path) -> None:
    """Ten tenths; Python 3.12 and later make up for what each addition rounds."""
    source = "@flow\ndef shown(xs: list[float]):\n    return sum(xs) == 1.0\n"
    wanted, found, _ = both(tmp_path, source, xs=[0.1] * 10)
    assert (wanted.result, found.result) == ("true" if sys.version_info >= (3, 12) else "false", "false")


@row("a result of more than 240 KiB")
def test_a_large_result_of_a_flow(tmp_path: Path) -> None:
    """Its fields are references in what the run gives."""
    wanted, found, _ = both(tmp_path, "@flow\ndef shown():\n    return fake.find(count=40_000)\n")
    assert len(json.loads(wanted.result or "")["matched"]) == 40_000
    assert json.loads(found.result or "")["matched"].keys() == {"ref", "count"}


@row("errors of Step Functions itself")
@pytest.mark.parametrize("error", ["States.Runtime", "States.DataLimitExceeded"])
def test_errors_that_no_clause_takes(error: str, tmp_path: Path) -> None:
    """`States.ALL` takes neither, and no Catch of a flow names them."""
    source = "@flow\ndef shown():\n    try:\n        fake.act(name='a')\n    except Exception:\n        return 1\n"
    _, _, definition = both(tmp_path, source)
    (caught,) = [state["Catch"] for state in definition["States"].values() if "Catch" in state]
    assert [name for catcher in caught for name in catcher["ErrorEquals"]] == ["States.ALL"]
    assert error not in str(definition)
