"""What a client would read in moto's answer, without writing it as XML and reading that.

A value is looked up in moto's objects by the names moto itself tries, and becomes what botocore makes of its text. The
tests hold the two to the same answers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from functools import cache, lru_cache
from typing import Any

from botocore.utils import parse_to_aware_datetime
from moto.core import utils
from moto.core.serialize import AttributePickerContext
from moto.core.utils import get_value

Read = Callable[[Any], Any]

MISSING: Any = utils.MISSING  # type: ignore[attr-defined]
"""What moto finds where there is nothing."""


class Parsed:
    """In the place of one of moto's serializers: the body is the answer as botocore parses it."""

    def __init__(self, operation_model: Any, pretty_print: bool, value_picker: Any) -> None:
        self.shape = operation_model.output_shape
        self.name = str(operation_model.name)
        self.picker = value_picker

    def serialize(self, result: Any) -> dict[str, Any]:
        """The answer, in the form moto hands on: status, headers, body."""
        body: dict[str, Any] = {}
        if self.shape is not None:
            plan = _plans.get(self.name)
            if plan is None:
                plan = _plans[self.name] = _Plan(self.shape, f"{self.name}.{self.shape.name}", self.picker)
            body = plan.read(result) or {}
        return {"status_code": 200, "headers": {}, "body": body}


_plans: dict[str, _Plan] = {}


Pick = Callable[[Any, str, Any], Any]
"""Finds a member of an object: of the object, the member's name, and what there is instead where it has none."""

_Inside = tuple[str, str, Read]
"""A member that is in moto's object itself: its name in the answer, its name there, and how to read it."""

_Place = tuple[str, str, Pick, "Read | None", Read]
"""Any other member: its name in the answer, its name in moto's object, how it is found there, a transformation, and how
to read it."""


@lru_cache(100_000)
def _moment(value: Any) -> Any:
    # The text has whole seconds.
    return parse_to_aware_datetime(value).astimezone(UTC).replace(microsecond=0)


class _Plan:
    """How the values at one place of an answer are read.

    path: the names on the way there, by which moto finds transformations.
    """

    def __init__(self, shape: Any, path: str, picker: Any) -> None:
        self.shape = shape
        self.path = path
        self.picker = picker
        self.read: Read = getattr(self, f"_{shape.type_name}", _as_it_is)
        self._members: list[_Member] | None = None
        self._known: dict[tuple[Any, ...], tuple[list[_Inside], list[_Place]]] = {}
        self._item: _Plan | None = None
        self._pairs = False

    def _structure(self, value: Any) -> dict[str, Any] | None:
        if value is None:
            return None
        kind: Any = type(value)
        # What is in a dictionary, or in an object of itself, decides where its members are.
        own: Any = value if kind is dict else value.__dict__ if _plain(kind) else ()
        like = (kind, *own)
        places = self._known.get(like)
        if places is None:
            places = self._known[like] = self._looked_up(value, like)
        inside, others = places
        found = {}
        for key, name, read in inside:
            picked = own[name]
            if picked is not None:
                found[key] = read(picked)
        for key, name, pick, transform, read in others:
            picked = pick(value, name, None)
            if transform is not None:
                picked = transform(picked)
            if picked is not None:
                found[key] = read(picked)
        return found

    def _looked_up(self, value: Any, like: tuple[Any, ...]) -> tuple[list[_Inside], list[_Place]]:
        """Where the members are that an object like this one can have: few of those in the model."""
        kind: Any = type(value)
        if self._members is None:
            self._members = [_Member(self, key, shape) for key, shape in self.shape.members.items()]
        known: set[str] | None = None
        if kind is dict or _plain(kind):
            known = {str(name) for name in like[1:]} | (set() if kind is dict else set(dir(kind)))
        inside: list[_Inside] = []
        others: list[_Place] = []
        for member in self._members:
            names = [n for n in member.names(value) if known is None or n.partition(".")[0] in known]
            if names or member.transform is not None:
                first = names[0] if names else ""
                # A property of that name would come before what is in the object.
                if first in like[1:] and (kind is dict or not hasattr(kind, first)) and member.transform is None:
                    inside.append((member.key, first, member.plan.read))
                else:
                    others.append((member.key, first, _pick(kind, names), member.transform, member.plan.read))
        return inside, others

    def _list(self, value: Any) -> list[Any]:
        if self._item is None:
            member = self.shape.member
            self._item = _Plan(member, f"{self.path}.{member.name}", self.picker)
            self._pairs = getattr(member, "members", {}).keys() == {"Key", "Value"}
        if self._pairs:
            # Tags, of which a resource has many.
            pairs = [
                {"Key": str(item["key"]), "Value": item["value"]}
                for item in value
                if type(item) is dict and type(item.get("value")) is str
            ]
            if len(pairs) == len(value):
                return pairs
        read = self._item.read
        # moto leaves empty items out.
        return [item for item in map(read, value) if item is not None and item != {}]

    def _map(self, value: Any) -> dict[str, Any]:
        return {str(key): item for key, item in value.items() if item is not None}

    def _boolean(self, value: Any) -> bool:
        return value if value is True or value is False else str(value).lower() == "true"

    _timestamp = staticmethod(_moment)
    _string = staticmethod(str)
    _integer = _long = staticmethod(int)
    _float = _double = staticmethod(float)


class _Member:
    """One member of a structure, and under which names it is found in an object of moto's."""

    def __init__(self, parent: _Plan, key: str, shape: Any) -> None:
        shape.parent = parent.shape
        path = f"{parent.path}.{key}"
        self.key = key
        self.plan = _Plan(shape, path, parent.picker)
        transformers = parent.picker.response_transformers.items()
        self.transform: Read | None = next((t for end, t in transformers if path.endswith(end)), None)

    def names(self, obj: Any) -> list[str]:
        """The names moto tries in an object of that class, in order."""
        context = AttributePickerContext(obj=obj, key=self.key, shape=self.plan.shape)
        return list(dict.fromkeys(self.plan.picker.get_possible_keys(context)))


@cache
def _plain(kind: Any) -> bool:
    """Whether objects of a class have what is in their __dict__ and in the class, and nothing else."""
    special = hasattr(kind, "__getitem__") or hasattr(kind, "__getattr__")
    return not special and not hasattr(kind, "__slots__") and kind.__dict__.get("__getattribute__") is None


def _pick(kind: Any, names: list[str]) -> Pick:
    """How to find what is a property, in the class, or behind a path, in an object of a class, under the first of these
    names that it has."""
    # A name with dots is a path, which only `get_value` follows.
    by_name: Pick = getattr if _plain(kind) else get_value
    begin, *others = [by_name if "." not in name else get_value for name in names or [""]]
    if not others:
        return begin

    def pick(value: Any, first: str, default: Any) -> Any:
        picked = begin(value, first, MISSING)
        if picked is not MISSING:
            return picked
        rest = (other(value, name, MISSING) for other, name in zip(others, names[1:], strict=True))
        return next((picked for picked in rest if picked is not MISSING), default)

    return pick


def _as_it_is(value: Any) -> Any:
    return value
