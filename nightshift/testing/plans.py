"""The plans of all flows of a project, as text: what each would do on the fleet of the project, by names.

They are kept in `tests/plans/`, so that a change of a flow shows in a pull request what it does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import Any

from lambdas.contract.errors import NightshiftError
from nightshift.model import CompiledFlow
from nightshift.project import load_flows
from nightshift.testing.described import FILE, machines_of, parameters_of, work_of
from nightshift.testing.fleet import BEGIN, Fleet, NoSuchInstance, running_fleet
from nightshift.testing.result import PartCall, RunResult
from nightshift.testing.running import planned

PLANS = Path("tests") / "plans"

_SHOWN = 20


@dataclass(frozen=True)
class Change:
    """A plan that is not as it was. diff: its lines; kind: "changed", "new" or "gone"."""

    path: Path
    kind: str
    diff: str
    text: str


def changes(flow_defs: Path) -> list[Change]:
    """The plans of a folder of flows that are not as their files say. Raises CompileErrors, WrongDescription."""
    folder = flow_defs.resolve().parent / PLANS
    wanted = plans(flow_defs)
    found = []
    for name in sorted({*wanted, *(path.stem for path in folder.glob("*.txt"))}):
        path = folder / f"{name}.txt"
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        now = wanted.get(name, "")
        if before != now:
            kind = "changed" if before and now else "new" if now else "gone"
            lines = unified_diff(before.splitlines(), now.splitlines(), str(path.name), "now", lineterm="", n=2)
            found.append(Change(path, kind, "\n".join(lines), now))
    return found


def accept(found: Iterable[Change]) -> None:
    """Write the plans as they are now; those of flows that are gone are removed."""
    for change in found:
        change.path.parent.mkdir(parents=True, exist_ok=True)
        if change.text:
            change.path.write_text(change.text, encoding="utf-8")
        else:
            change.path.unlink()


def plans(flow_defs: Path) -> dict[str, str]:
    """Flow -> its plan, each on a fleet of its own, at the first moment its schedule starts it from 2026-01-05 on."""
    project = flow_defs.resolve().parent
    flows = {flow.name: flow for flow in load_flows(flow_defs)}
    parameters, templates = parameters_of(project), (flow_defs / "templates").resolve()
    fleet = partial(running_fleet, machines_of(project), templates if templates.is_dir() else None, work_of(project))
    return {
        flow.name: "\n".join(_plan(flow, flows, parameters.get(flow.name, {}), fleet)) + "\n" for flow in flows.values()
    }


def _plan(
    flow: CompiledFlow,
    flows: Mapping[str, CompiledFlow],
    given: Mapping[str, Any],
    new_fleet: Callable[[], AbstractContextManager[Fleet]],
) -> Iterator[str]:
    yield f"{flow.name}: {flow.doc.partition(chr(10))[0]}".rstrip(": ")
    yield from _starts(flow)
    missing = [p.name for p in flow.parameters if p.required and p.name not in given]
    if missing:
        yield f"needs {', '.join(missing)}: say in {FILE} PARAMETERS = {{{flow.name!r}: {{{missing[0]!r}: ...}}}}"
        return
    with new_fleet() as fleet:
        fleet.agenda.now = _moment(flow)
        params = {name: _with_ids(fleet, value) for name, value in given.items()}
        yield f"planned for {datetime.fromtimestamp(fleet.agenda.now, UTC):%a %Y-%m-%d %H:%M} UTC{_with(given)}"
        yield ""
        try:
            result = planned(fleet, flows, flow.name, params)
        except NightshiftError as error:
            assert fleet.last is not None, "a run that fails has a result"
            result = fleet.last
            yield from _steps(flow, result)
            yield f"ends with {type(error).__name__}: {str(error).partition(chr(10))[0]}"
            return
        yield from _steps(flow, result)


def _starts(flow: CompiledFlow) -> Iterator[str]:
    schedule, alarm = flow.options.schedule, flow.options.on_alarm
    if schedule is not None:
        yield f"starts at {', '.join(schedule.expressions)} {schedule.timezone}"
    if alarm is not None:
        yield f"starts on {alarm.words}"


def _moment(flow: CompiledFlow) -> float:
    from nightshift.simulation.simulate import firings

    begin = BEGIN.timestamp()
    return next(firings(flow, begin, begin + 366 * 86400), begin)


def _with_ids(fleet: Fleet, value: Any) -> Any:
    """A parameter with the ids of the instances that it names."""
    if isinstance(value, list | tuple):
        return [_with_ids(fleet, item) for item in value]
    try:
        return fleet.instance(value).id if isinstance(value, str) else value
    except NoSuchInstance:
        return value


def _with(given: Mapping[str, Any]) -> str:
    return f", with {', '.join(f'{name}={value!r}' for name, value in given.items())}" if given else ""


def _steps(flow: CompiledFlow, result: RunResult) -> Iterator[str]:
    for call in result.calls:
        yield from _called(call, result)
    done = {call.step for call in result.calls}
    not_run = [name for name, row in flow.steps.items() if row.part and row.kind != "gate" and name not in done]
    if not_run:
        yield f"not run: {', '.join(not_run)}"


def _called(call: PartCall, result: RunResult) -> Iterator[str]:
    yield call.part
    sends = call.part.startswith("notify.")
    changed, matched = _names(call.result.get("changed"), result), _names(call.result.get("matched"), result)
    if changed:
        yield f"  {'sends to' if sends else 'changes'}: {changed}"
    elif not matched:
        yield "  finds nothing"
    elif not call.result.get("skipped") and not call.result.get("failed"):
        yield f"  finds: {matched}"
    for what in ("skipped", "failed"):
        told = []
        for item in call.result.get(what) or []:
            reason = item["reason"] if what == "skipped" else f"{item['error']}: {item['message']}"
            told.append(f"  {'leaves' if what == 'skipped' else 'fails for'} {_name(item['id'], result)}: {reason}")
        yield from sorted(told)


def _names(ids: Any, result: RunResult) -> str:
    """Ids as names, sorted, for the order of ids is any; what has the same name is counted."""
    if isinstance(ids, Mapping):
        return f"{ids.get('count')} resources"
    found = Counter(_name(i, result) for i in ids or [])
    shown = [name if times == 1 else f"{name} ({times})" for name, times in sorted(found.items())]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def _name(id_: str, result: RunResult) -> str:
    """A name; an id is not the same in the next release of moto, so of what has no name only its kind is said."""
    kinds = {"i": "an instance", "vol": "a volume", "snap": "a snapshot", "ami": "an image"}
    kind = kinds.get(id_.partition("-")[0]) if id_.rpartition("-")[2].isalnum() else None
    name = result.names.get(id_)
    return name or (f"{kind} without a name" if kind and id_ not in result.names else id_)
