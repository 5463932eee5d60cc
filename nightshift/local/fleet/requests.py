"""One EC2 request as a rule sees it, and the registry of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends

from nightshift.local.fleet.faults import Fault
from nightshift.local.fleet.world import World

Before = Callable[["Request"], None]
Instead = Callable[["Request"], ActionResult]
After = Callable[["Request", ActionResult], None]

FIRST: dict[str, list[Before]] = {}
BEFORE: dict[str, list[Before]] = {}
INSTEAD: dict[str, Instead] = {}
AFTER: dict[str, list[After]] = {}


@dataclass
class Request:
    """One request.

    action: the API's name, such as "StartInstances". response: moto's object that answers it.
    """

    world: World
    action: str
    response: Any

    @property
    def backend(self) -> Any:
        """moto's EC2 of the request's account and Region."""
        return self.response.ec2_backend

    @property
    def scope(self) -> tuple[str, str]:
        """Account and Region of the request."""
        return self.response.current_account, self.response.region

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter by the name it has in boto3."""
        return self.response._get_param(name, default)

    def backend_of(self, region: str) -> Any:
        """moto's EC2 of the same account in another Region."""
        return ec2_backends[self.response.current_account][region]

    def ids(self, name: str) -> list[str]:
        """The ids of a parameter that is one id or, with an "s", several."""
        one = self.get(name)
        return list(self.get(f"{name}s") or ([one] if isinstance(one, str) else []))

    @property
    def instance_ids(self) -> list[str]:
        """The instances the request names."""
        return self.ids("InstanceId")

    def instances(self) -> list[Any]:
        """The instances the request names, as moto's objects, in its order; unknown ids are left out."""
        known = all_instances(self.backend)
        return [known[id_] for id_ in self.instance_ids if id_ in known]

    def named(self) -> list[Any]:
        """moto's objects of all instances, volumes, snapshots and images the request names."""
        backend = self.backend
        stores = {"VolumeId": backend.volumes, "SnapshotId": backend.snapshots, "ImageId": backend.amis}
        found = [store[id_] for name, store in stores.items() for id_ in self.ids(name) if id_ in store]
        return self.instances() + found

    def faults(self, kind: str, resource: Any = None) -> Iterable[Fault]:
        """The faults of a kind that lie on this action and this resource and are not spent."""
        for fault in self.world.faults:
            here = fault.kind == kind and not fault.spent and fault.action in ("*", self.action)
            if here and (resource is None or fault.concerns(resource)):
                yield fault


@dataclass
class _Index:
    """The instances of moto's `reservations` by id, and how many of each reservation are in it."""

    reservations: dict[str, Any]
    counts: dict[str, int] = field(default_factory=dict)
    instances: dict[str, Any] = field(default_factory=dict)


def all_instances(backend: Any) -> Mapping[str, Any]:
    """moto's instances by id."""
    index: _Index | None = backend.__dict__.get("_index")
    # A reset makes new reservations; without one they only grow.
    if index is None or index.reservations is not backend.reservations:
        index = backend.__dict__["_index"] = _Index(backend.reservations)
    # moto fills one after the other: those before the last that was seen have all their instances.
    for id_, reservation in list(islice(backend.reservations.items(), max(0, len(index.counts) - 1), None)):
        known = index.counts.get(id_, 0)
        if len(reservation.instances) > known:
            index.instances.update((i.id, i) for i in reservation.instances[known:])
            index.counts[id_] = len(reservation.instances)
    return index.instances


def first(*actions: str) -> Callable[[Before], Before]:
    """A rule that holds also for a dry run: permissions, rates, and whether the ids exist. "*" is every action."""
    return _register(FIRST, actions)


def before(*actions: str) -> Callable[[Before], Before]:
    """A rule that may refuse the request, by raising an `ec2_error`."""
    return _register(BEFORE, actions)


def after(*actions: str) -> Callable[[After], After]:
    """A rule for what follows from a request that moto has answered."""
    return _register(AFTER, actions)


def instead(action: str) -> Callable[[Instead], Instead]:
    """What is done in the place of moto's own action."""

    def add(rule: Instead) -> Instead:
        INSTEAD[action] = rule
        return rule

    return add


def _register(table: dict[str, list[Any]], actions: tuple[str, ...]) -> Callable[[Any], Any]:
    def add(rule: Any) -> Any:
        for action in actions:
            table.setdefault(action, []).append(rule)
        return rule

    return add
