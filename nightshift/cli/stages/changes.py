"""What differs between two sets of resources, in the words of whoever approves it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lambdas.runs.app_names import AppNames
from nightshift.cli.stages.templates import Resources

Kind = Literal["flow", "schedule", "permission", "member", "other"]
NEW, GONE, CHANGED = "+", "-", "~"
_SHOWN_STEPS = 5


@dataclass(frozen=True)
class Change:
    """One change. sign: "+" new, "-" removed, "~" changed. what: whom or what it is about. words: the change."""

    kind: Kind
    sign: str
    what: str
    words: str

    def to_json(self) -> dict[str, str]:
        """The change as JSON."""
        return asdict(self)


def changes(before: Resources | None, after: Resources, names: AppNames) -> list[Change]:
    """What a deployment changes. before: as deployed, None for a first one. names: of the app."""
    old = before or {}
    return [
        *_flows(
            _named(old, "AWS::StepFunctions::StateMachine"), _named(after, "AWS::StepFunctions::StateMachine"), names
        ),
        *_schedules(_named(old, "AWS::Scheduler::Schedule"), _named(after, "AWS::Scheduler::Schedule")),
        *_permissions(old, after),
        *_others(old, after),
    ]


def member_changes(before: str, after: str, stage: str) -> list[Change]:
    """What member accounts need. before, after: version of their template, as deployed and now; "" for none."""
    what, print_it = "the role in each member account", f"`nightshift member-template {stage}` prints it"
    if before == after:
        return []
    if not after:
        return [Change("member", GONE, what, "is no longer used; take its stack set away")]
    if not before:
        return [Change("member", NEW, what, f"is needed first, version {after}: {print_it}")]
    return [Change("member", CHANGED, what, f"needs an update first, {before} -> {after}: {print_it}")]


def _named(resources: Resources, kind: str) -> dict[str, dict[str, Any]]:
    """Properties of the resources of a type, by the name they have in AWS."""
    found = {}
    for name, resource in resources.items():
        if resource["Type"] == kind:
            properties = resource.get("Properties", {})
            found[str(properties.get("StateMachineName") or properties.get("Name") or name)] = properties
    return found


def _flows(old: Mapping[str, Any], new: Mapping[str, Any], names: AppNames) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        flow = names.flow(name) or name
        if name not in old:
            yield Change("flow", NEW, flow, f"is new: {_definition(new[name]).get('Comment', '')}")
        elif name not in new:
            yield Change("flow", GONE, flow, "is removed")
        elif words := _steps(_definition(old[name]), _definition(new[name])):
            yield Change("flow", CHANGED, flow, words)


def _definition(properties: Mapping[str, Any]) -> dict[str, Any]:
    text = _text(properties.get("DefinitionString", "{}"))
    try:
        found: dict[str, Any] = json.loads(text)
    except json.JSONDecodeError:
        return {"Comment": "", "States": {"definition": text}}
    return found


def _steps(old: dict[str, Any], new: dict[str, Any]) -> str:
    """How the steps of two definitions differ; "" when only their places in the file do."""
    a, b = _plain(old), _plain(new)
    if a == b:
        return ""
    before, after = a.get("States", {}), b.get("States", {})
    said = []
    for sign, names in (
        ("new", after.keys() - before.keys()),
        ("removed", before.keys() - after.keys()),
        ("changed", {n for n in before.keys() & after.keys() if before[n] != after[n]}),
    ):
        if names:
            shown = sorted(names)[:_SHOWN_STEPS]
            more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
            said.append(f"{sign}: {', '.join(shown)}{more}")
    timeouts = [definition.get("TimeoutSeconds", "none") for definition in (a, b)]
    if timeouts[0] != timeouts[1]:
        said.append(f"time limit {timeouts[0]} -> {timeouts[1]} s")
    return f"steps {'; '.join(said)}" if said else "its definition changes"


def _plain(value: Any) -> Any:
    """Without the comments, which hold lines of the file."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != "Comment"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _schedules(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        before, after = (_times(given[name]) if name in given else "" for given in (old, new))
        if before and after and before != after:
            yield Change("schedule", CHANGED, name, f"{before} -> {after}")
        elif not before:
            yield Change("schedule", NEW, name, f"will start it: {after}")
        elif not after:
            yield Change("schedule", GONE, name, f"will no longer start it: {before}")


def _times(properties: Mapping[str, Any]) -> str:
    off = "" if properties.get("State", "ENABLED") == "ENABLED" else ", off"
    zone = properties.get("ScheduleExpressionTimezone", "UTC")
    return f"{properties.get('ScheduleExpression')} {zone}{off}"


def _permissions(old: Resources, new: Resources) -> Iterator[Change]:
    before, after = _statements(old), _statements(new)
    for who in sorted(before.keys() | after.keys()):
        had, has = before.get(who, set()), after.get(who, set())
        yield from (Change("permission", NEW, who, f"may {words}") for words in sorted(has - had))
        yield from (Change("permission", GONE, who, f"may no longer {words}") for words in sorted(had - has))


def _statements(resources: Resources) -> dict[str, set[str]]:
    """By role, what its policies say: an action on a resource, each by itself."""
    found: dict[str, set[str]] = {}
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            who = _text(properties.get("Description", "")) or name
            documents = [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
        elif resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            who, documents = name, [properties["PolicyDocument"]]
        else:
            continue
        said = found.setdefault(who, set())
        said |= {words for document in documents for s in _list(document["Statement"]) for words in _words(s)}
        said |= {f"do what {_text(arn)} allows" for arn in properties.get("ManagedPolicyArns", ())}
    return found


def _words(statement: Mapping[str, Any]) -> Iterator[str]:
    denied = "" if statement.get("Effect") == "Allow" else "not "
    condition = statement.get("Condition")
    where = f" where {_text(condition)}" if condition else ""
    for action in _list(statement.get("Action", statement.get("NotAction", []))):
        for resource in _list(statement.get("Resource", statement.get("NotResource", []))):
            yield f"{denied}{action} on {_text(resource)}{where}"


_TOLD: Mapping[str, tuple[str, ...]] = {
    "AWS::StepFunctions::StateMachine": ("DefinitionString",),
    "AWS::Scheduler::Schedule": ("ScheduleExpression", "ScheduleExpressionTimezone", "State"),
    "AWS::IAM::Role": ("Description", "Policies", "ManagedPolicyArns"),
    "AWS::IAM::Policy": ("PolicyDocument",),
}
"""Types that are told by themselves -> the properties that are; of the others, such as whom a role trusts, a change is
counted as that of any resource."""


def _others(old: Resources, new: Resources) -> Iterator[Change]:
    counted: Counter[tuple[str, str]] = Counter()
    for name in old.keys() | new.keys():
        before, after = old.get(name), new.get(name)
        kind = str((after or before or {}).get("Type"))
        if before and after:
            if _untold(before) != _untold(after):
                counted[kind, CHANGED] += 1
        elif kind not in _TOLD:
            counted[kind, NEW if after else GONE] += 1
    for (kind, sign), count in sorted(counted.items()):
        verb = {NEW: "new", GONE: "removed", CHANGED: "changed"}[sign]
        yield Change("other", sign, kind, f"{count} {verb}")


def _untold(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a resource that are not told by themselves."""
    told = _TOLD.get(resource["Type"], ())
    return {name: value for name, value in resource.get("Properties", {}).items() if name not in told}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """A value of a template as text; intrinsic functions as they would be written in one."""
    if isinstance(value, str):
        return value.replace("${AWS::Partition}", "aws")
    if isinstance(value, dict) and len(value) == 1:
        ((function, given),) = value.items()
        if function == "Fn::Sub":
            return _text(given if isinstance(given, str) else given[0])
        if function == "Fn::GetAtt":
            return "${" + (given if isinstance(given, str) else ".".join(given)) + "}"
        if function == "Ref":
            return "${" + str(given) + "}"
        if function == "Fn::Join":
            return str(given[0]).join(_text(item) for item in given[1])
    return json.dumps(value, sort_keys=True).replace("${AWS::Partition}", "aws")
