"""Counts the states that runs enter, beside the least that a machine written by hand enters for the same.

    python bench/transitions.py

Each state entered is a transition on the bill and two events of the history. A part that waits is polled twice. Beside
it stands what sfnx's compiler makes of the same steps; it has no parts, so the flow whose parts wait is left out there.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfnx.compiler import compile_file as compile_with_sfnx
from sfnx.testing import Call, run

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "compiler" / "corpus")]

from lambdas.parts import find_part  # noqa: E402
from nightshift.compiler import compile_file  # noqa: E402

MOST = 1.15
"""States entered for each that a machine written by hand enters."""

OURS = "import fake\nfrom nightshift import PartError, flow, for_each, parallel\n\n\n@flow\n"
THEIRS = """from sfnx import TaskFailed, aws, inline_map, parallel, state_machine


def act(name: str):
    return aws.optimized.lambda_.invoke(FunctionName="act", Payload={"name": name})


@state_machine
"""


@dataclass(frozen=True)
class Machine:
    """A flow. least: states that a machine written by hand enters. sfnx: the same for sfnx's compiler."""

    name: str
    least: int
    flow: str
    sfnx: str


MACHINES = (
    Machine(
        "if and f-string",
        3,
        "def machine(limit: int = 3):\n    found = fake.find(count=5)\n    if found.total > limit:\n"
        '        fake.act(name=f"{found.total} of {limit}")\n',
        'def machine(input: dict):\n    limit: int = input["limit"]\n    found: dict = act("found")\n'
        '    total: int = found["Payload"]["result"]["total"]\n'
        '    if total > limit:\n        act(f"{total} of {limit}")\n',
    ),
    Machine(
        "loop with except",
        9,
        'def machine():\n    for name in ["a", "b", "c"]:\n        try:\n            fake.act(name=name)\n'
        "        except PartError:\n            pass\n",
        'def machine(input: dict):\n    for name in ["a", "b", "c"]:\n        try:\n            act(name)\n'
        "        except TaskFailed:\n            pass\n",
    ),
    Machine(
        "parallel of three",
        4,
        "def machine():\n"
        '    return parallel(lambda: fake.act(name="a"), lambda: fake.act(name="b"), lambda: fake.act(name="c"))\n',
        "def machine(input: dict):\n"
        "    def one():\n        return act('a')\n\n    def two():\n        return act('b')\n\n"
        "    def three():\n        return act('c')\n\n    return parallel(one, two, three)\n",
    ),
    Machine(
        "for_each of five",
        6,
        'def machine():\n    return for_each(["a", "b", "c", "d", "e"], lambda name: fake.act(name=name).name)\n',
        'def machine(input: dict):\n    return inline_map(act, ["a", "b", "c", "d", "e"])\n',
    ),
    Machine(
        "four steps in a row",
        4,
        'def machine():\n    a = fake.act(name="a")\n    b = fake.act(name=a.name)\n    c = fake.act(name=b.name)\n'
        "    return fake.act(name=c.name).changed\n",
        'def machine(input: dict):\n    a = act("a")\n    b = act("b")\n    c = act("c")\n    return act("d")\n',
    ),
)


def entered(definition: dict[str, Any]) -> int:
    """States that a run enters, those in branches and items included."""
    polled: set[str] = set()

    def task(call: Call) -> Any:
        request: Any = call.arguments
        payload = request["Payload"]
        step = payload.get("run", {}).get("step", "")
        if "." in payload.get("part", "") and not payload["part"].startswith("fake.") and step not in polled:
            polled.add(step)
            if find_part(payload["part"]).waits:
                return {"Payload": {"done": False, "state": {}, "wait": 1}}
        result = {"matched": ["i-1"], "changed": ["i-1"], "name": "x", "total": 5, "summary": ""}
        return {"Payload": {"done": True, "result": result}}

    made = run(definition, {"limit": 3}, task)
    assert made.error is None, (made.error, made.cause)
    return len(made.states)


def main() -> int:
    """Print the counts; 1 when a machine enters more than MOST allows."""
    rows: list[tuple[str, int, int, int | None]] = []
    (nightly,) = compile_file(ROOT / "flow_defs" / "nightly_backup.py")
    rows.append(("nightly_backup", 16, entered(nightly.definition), None))
    with tempfile.TemporaryDirectory() as folder:
        for number, machine in enumerate(MACHINES):
            path = Path(folder) / f"machine_{number}.py"
            path.write_text(OURS + machine.flow)
            ours = entered(compile_file(path)[0].definition)
            path.write_text(THEIRS + machine.sfnx)
            rows.append((machine.name, machine.least, ours, entered(compile_with_sfnx(path)["machine"])))
    print(f"{'machine':<22}{'by hand':>8}{'ours':>6}{'ratio':>7}{'sfnx':>6}")
    for name, least, ours, theirs in rows:
        print(f"{name:<22}{least:>8}{ours:>6}{ours / least:>7.2f}{theirs if theirs is not None else '-':>6}")
    return int(any(ours / least > MOST for _, least, ours, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
