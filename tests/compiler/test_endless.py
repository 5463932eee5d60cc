"""Flows that never end: each way through them calls themselves again, also in the first pass of a loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors, Diagnostic

FLOW = "from nightshift import flow\n\n\n@flow\ndef {name}():\n    {body}\n"


def errors(path: Path) -> list[Diagnostic]:
    """What is wrong with a file."""
    with pytest.raises(CompileErrors) as raised:
        compile_file(path)
    return raised.value.errors


def single(tmp_path: Path, source: str) -> Diagnostic:
    """The only thing wrong with a source."""
    path = tmp_path / "broken.py"
    path.write_text(source, encoding="utf-8")
    (only,) = errors(path)
    return only


def test_flows_that_call_each_other_without_end(tmp_path: Path) -> None:
    """In one file, in two, with a gate, whose skipped runs do not count, for each item; one may return and is right."""
    (tmp_path / "a.py").write_text(FLOW.format(name="alone", body="alone()"))
    counted = "from nightshift import flow\n\n\n@flow\ndef count(n: int):\n    if n > 0:\n        count(n - 1)\n"
    (tmp_path / "c.py").write_text(counted)
    assert [(e.code, e.line, e.source_line) for e in errors(tmp_path / "a.py")] == [("NS406", 5, "def alone():")]
    assert [flow.name for flow in compile_file(tmp_path / "c.py")] == ["count"]
    gated = FLOW.format(name="nightly", body="nightly()").replace("@flow", "@flow(overlap='skip')")
    assert single(tmp_path, gated).code == "NS406"
    pair = FLOW.format(name="one", body="two()") + "\n\n@flow\ndef two():\n    one()\n"
    (tmp_path / "d.py").write_text(pair)
    assert [e.code for e in errors(tmp_path / "d.py")] == ["NS406", "NS406"]
    each = FLOW.format(name="all_of", body='for_each(["a"], one)').replace("flow\n", "flow, for_each\n", 1)
    helper = "\n\ndef one(name: str):\n    all_of()\n"
    assert single(tmp_path, each + helper).code == "NS406"
    given = each.replace("all_of()", "all_of(names: list[str])").replace('["a"]', "names")
    (tmp_path / "g.py").write_text(given + helper.replace("()\n", "([name])\n"))
    assert [flow.name for flow in compile_file(tmp_path / "g.py")] == ["all_of"]


LOOPS = {
    "a list": 'for name in ["a", "b"]:\n        again()',
    "a constant of the file": "for name in NAMES:\n        again()",
    "a variable": 'names = ["a"]\n    for name in names:\n        again()',
    "a range": "for n in range(3):\n        again()",
    "a range of steps": "for n in range(2, 8, 3):\n        again()",
    "numbered": "for n, name in enumerate(NAMES):\n        again()",
    "side by side": "for n, name in zip([1, 2], NAMES):\n        again()",
    "a dict": 'for key, value in {"a": 1}.items():\n        again()',
    "behind a finally": "for name in NAMES:\n        try:\n            again()\n        finally:\n            pass",
    "counted": "n = 0\n    while n < 3:\n        again()\n        n += 1",
    "a flag": "more = True\n    while more:\n        again()\n        more = False",
    "what is left": 'todo = ["a"]\n    while todo:\n        again()\n        todo = todo[1:]',
    "for_each of a variable": 'names = ["a"]\n    for_each(names, lambda name: again())',
    "the second loop": "n = 0\n    while n < 3:\n        n += 1\n    for name in NAMES:\n        again()",
}


@pytest.mark.parametrize("body", LOOPS.values(), ids=LOOPS)
def test_the_first_pass_of_a_loop_is_made(body: str, tmp_path: Path) -> None:
    """What the flow calls there never returns, so nothing behind it is reached."""
    head = 'from nightshift import flow, for_each\n\nNAMES = ["a"]\n\n\n@flow\ndef again():\n    '
    found = single(tmp_path, f"{head}{body}\n")
    assert (found.code, found.source_line) == ("NS406", "def again():")


@pytest.mark.parametrize(
    "body",
    [
        "for n in range(depth):\n        again(depth - 1)",
        "while depth > 0:\n        again(depth - 1)\n        depth = 0",
        'for name in ["a"]:\n        if depth > 0:\n            again(depth - 1)',
        'for name in ["a"]:\n        if depth < 1:\n            break\n        again(depth - 1)',
        "for name in []:\n        again(depth)",
        "n = 3\n    while n < 3:\n        again(depth)",
        "n = 0\n    if depth:\n        n = 3\n    while n < 3:\n        again(depth - 1)\n        n += 1",
        "n = 0\n    for _ in range(2):\n        if n > 0:\n            return\n        n += 1\n    again(depth)",
    ],
)
def test_loops_that_may_end_without_the_call(body: str, tmp_path: Path) -> None:
    """What a run is given, and what a pass before has changed, is not known."""
    head = "from nightshift import flow\n\n\n@flow\ndef again(depth: int):\n    "
    (tmp_path / "f.py").write_text(f"{head}{body}\n")
    assert [flow.name for flow in compile_file(tmp_path / "f.py")] == ["again"]
