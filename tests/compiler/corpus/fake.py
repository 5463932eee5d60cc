"""Parts that do nothing but say they were called, and fail, wait or answer as their parameters tell them.

They are declared with the real `@part`, so the compiler reads their signatures and the contract drives them; what
they did is kept by the `World` that stands in for AWS. The corpus and the random flows call them as `fake.act(...)`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal, Unpack

import lambdas.contract.errors
from lambdas.contract.part import Call, Common, Failure, Pending, Result, Skipped, part

SCRIPT = ("fails", "looks", "times", "wait", "count", "many", "contents")
"""Parameters that tell a fake what to do; they are not shown among the calls."""


@dataclass
class Acted(Result):
    """What `act` and `flaky` return."""

    name: str = ""
    length: int = 0


@dataclass
class Worked(Result):
    """What `work` returns: how many polls it took."""

    name: str = ""
    looks: int = 0


@dataclass
class Found(Result):
    """What `find` returns."""

    first: str | None = None
    total: int = 0


@dataclass
class Number(Result):
    """What `number` returns: one value in several types."""

    value: int = 0
    half: float = 0.0
    even: bool = False
    text: str = ""
    digits: list[int] = field(default_factory=list)


@dataclass
class Echo(Result):
    """What `echo` returns: the value it was given."""

    value: Any = None


@dataclass
class Inventory(Result):
    """What `inventory` returns: large values of every kind."""

    text: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    anything: Any = None
    first: str | None = None


@dataclass
class Machine:
    """One of the `machines`."""

    id: str
    size: int
    state: str
    tags: dict[str, str]
    volumes: list[str]
    parent: str | None


@dataclass
class Machines(Result):
    """What `machines` returns: records, nested lists, and a record that may not be there."""

    machines: list[Machine] = field(default_factory=list)
    largest: Machine | None = None
    groups: list[list[str]] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)


def _made(call: Call, function: str) -> None:
    """Tell the world, once per call: a retry or a later poll is the same call."""
    shown = {k: v for k, v in call.params.items() if k not in SCRIPT}
    words = [str(shown.pop("name"))] if "name" in shown else []
    words += [f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in sorted(shown.items())]
    call.aws.made(call.run, " ".join([function, *words]))  # type: ignore[attr-defined]


def _fail(name: str, error: str | None) -> None:
    if error is not None:
        raise getattr(lambdas.contract.errors, error)(f"{name} failed")


@part(waits=False)
def act(call: Call, *, name: str, fails: str | None = None, **common: Unpack[Common]) -> Acted:
    """Succeed at once, or raise the error class named by `fails`."""
    _made(call, "act")
    _fail(name, fails)
    return Acted(matched=[name], changed=[name], summary=f"{name} acted", name=name, length=len(name))


@part(waits=True, interval=10)
def work(
    call: Call,
    *,
    name: str,
    looks: int = 2,
    fails: str | None = None,
    wait: int = 30,
    **common: Unpack[Common],
) -> Worked | Pending:
    """Be pending `looks` times, `wait` seconds each, and then succeed or raise."""
    _made(call, "work")
    seen = call.state.get("seen", 0)
    if seen < looks:
        return Pending({"seen": seen + 1}, f"{name} to work", wait=wait)
    _fail(name, fails)
    return Worked(matched=[name], changed=[name], summary=f"{name} worked", name=name, looks=seen)


@part(waits=False)
def flaky(call: Call, *, name: str, times: int, fails: str = "Throttled", **common: Unpack[Common]) -> Acted:
    """Raise at the first `times` invocations of one call, and then succeed."""
    _made(call, "flaky")
    if call.aws.attempt(call.run) <= times:  # type: ignore[attr-defined]
        _fail(name, fails)
    return Acted(matched=[name], summary=f"{name} acted", name=name, length=len(name))


@part(waits=False)
def find(
    call: Call,
    *,
    ids: list[str] | None = None,
    tag: str | list[str] | None = None,
    count: int = 0,
    **common: Unpack[Common],
) -> Found:
    """Find what it is told: `ids`, or `count` of them made up."""
    _made(call, "find")
    found = ids if ids is not None else [f"i-{n}" for n in range(count)]
    return Found(matched=found, summary=f"{len(found)} found", first=found[0] if found else None, total=len(found))


@part(waits=False)
def inventory(call: Call, *, count: int, **common: Unpack[Common]) -> Inventory:
    """`count` ids as long as those of EC2, a text with a line for each, and a tag for each."""
    _made(call, "inventory")
    ids = [f"i-{n:017x}" for n in range(count)]
    return Inventory(
        matched=ids,
        summary=f"{count} found",
        text="\n".join(f"{id_} is running" for id_ in ids),
        tags={id_: f"server {n}" for n, id_ in enumerate(ids)},
        anything=ids,
        first=ids[0] if ids else None,
    )


@part(waits=False)
def size_of(call: Call, *, contents: Any = None, **common: Unpack[Common]) -> Number:
    """The length of whatever it is given, and of the JSON text of it."""
    _made(call, "size_of")
    return Number(["n"], value=len(contents), text=str(len(json.dumps(contents))))


@part(waits=False)
def count_of(call: Call, *, many: list[str], **common: Unpack[Common]) -> Found:
    """Count the items of a list, which may be long."""
    _made(call, "count_of")
    return Found(matched=many, summary=f"{len(many)} given", total=len(many))


@part(waits=False)
def number(call: Call, *, value: int, **common: Unpack[Common]) -> Number:
    """Give `value` back as several types."""
    _made(call, "number")
    digits = [int(d) for d in str(abs(value))]
    return Number(["n"], summary="n", value=value, half=value / 2, even=value % 2 == 0, text=str(value), digits=digits)


@part(waits=False)
def echo(
    call: Call,
    *,
    value: Any = None,
    size: int = 0,
    ratio: float = 0.0,
    flag: bool = False,
    mode: Literal["soft", "hard"] = "soft",
    labels: dict[str, str] | None = None,
    **common: Unpack[Common],
) -> Echo:
    """Give `value` back."""
    _made(call, "echo")
    return Echo(matched=["value"], summary="echoed", value=value)


@part(waits=False)
def partial(call: Call, *, names: list[str], bad: list[str], **common: Unpack[Common]) -> Result:
    """Change those of `names` that are not `bad`; what to do about the others is up to `on_failure`."""
    _made(call, "partial")
    return Result(
        matched=names,
        changed=[n for n in names if n not in bad],
        failed=[Failure(n, "Broken", f"{n} is broken") for n in names if n in bad],
        skipped=[Skipped("other", "excluded")],
        summary=f"{len(names)} names",
    )


@part(waits=False)
def machines(call: Call, *, count: int, **common: Unpack[Common]) -> Machines:
    """`count` machines: m-0 of size 1, m-1 of size 2, and so on, each the child of the one before."""
    _made(call, "machines")
    items = [
        Machine(
            id=f"m-{n}",
            size=n + 1,
            state="running" if n % 2 == 0 else "stopped",
            tags={"Name": f"name {n}", "Tier": "web" if n < 2 else "db"},
            volumes=[f"v-{n}-{k}" for k in range(n)],
            parent=f"m-{n - 1}" if n else None,
        )
        for n in range(count)
    ]
    return Machines(
        matched=[m.id for m in items],
        summary=f"{count} machines",
        machines=items,
        largest=items[-1] if items else None,
        groups=[m.volumes for m in items],
        sizes={m.id: m.size for m in items},
    )
