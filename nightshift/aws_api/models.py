"""The models of AWS's services, read from the data files of the botocore that is installed.

botocore itself is not imported: that would take the compiler ten times as long as reading one of these files.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nightshift.aws_api.names import snake

Shape = Mapping[str, Any]


@dataclass(frozen=True)
class Member:
    """A member of a structure.

    shape: the name of its shape. token: whether it is an idempotency token, which is filled in when it is not given.
    secret: whether AWS marks it as sensitive, or what a list or a map of it holds.
    streaming: whether its bytes come as a stream.
    """

    name: str
    shape: str
    required: bool
    token: bool
    secret: bool
    streaming: bool
    doc: str


@dataclass(frozen=True)
class Operation:
    """An operation of a service.

    name: as AWS writes it. python: as boto3's clients have it. input, output: names of shapes, or "".
    """

    service: Model
    name: str
    python: str
    input: str
    output: str
    doc: str

    @cached_property
    def parameters(self) -> dict[str, Member]:
        """What it takes."""
        return self.service.members(self.input)

    @cached_property
    def results(self) -> dict[str, Member]:
        """What it answers."""
        return self.service.members(self.output)

    @property
    def streams(self) -> bool:
        """Whether it answers with a stream of events, which has no end that could be waited for."""
        return any(self.service.shape(member.shape).get("eventstream") for member in self.results.values())

    @property
    def token(self) -> str:
        """The parameter that makes a repetition harmless, or ""."""
        return next((member.name for member in self.parameters.values() if member.token), "")


@dataclass(frozen=True)
class Waiter:
    """A waiter of a service: the operation it polls, every so many seconds, and how often at most."""

    name: str
    operation: str
    delay: int
    attempts: int
    doc: str


class Model:
    """A service. name: as boto3's clients are called ("rds")."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._data: dict[str, Any] = _read(folder / "service-2.json.gz")
        extras = folder / "service-2.sdk-extras.json"
        if extras.exists():
            _merge(self._data, _read(extras)["merge"])

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the model says of the service: its full name, its endpoint, how requests are signed."""
        found: Mapping[str, str] = self._data["metadata"]
        return found

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """By their names in Python."""
        return {
            snake(name): Operation(
                self,
                name,
                snake(name),
                given.get("input", {}).get("shape", ""),
                given.get("output", {}).get("shape", ""),
                given.get("documentation", ""),
            )
            for name, given in self._data["operations"].items()
        }

    @cached_property
    def waiters(self) -> dict[str, Waiter]:
        """By their names in Python."""
        path = self._folder / "waiters-2.json"
        found = _read(path)["waiters"] if path.exists() else {}
        return {
            snake(name): Waiter(
                snake(name),
                snake(given["operation"]),
                given["delay"],
                given["maxAttempts"],
                given.get("description", ""),
            )
            for name, given in found.items()
        }

    def shape(self, name: str) -> Shape:
        """A shape by its name."""
        found: Shape = self._data["shapes"][name]
        return found

    def http(self, operation: str) -> Mapping[str, str]:
        """The method and the path of an operation ("StopDBInstance")."""
        found: Mapping[str, str] = self._data["operations"][operation]["http"]
        return found

    def bindings(self, name: str) -> Mapping[str, Mapping[str, str]]:
        """Where the members of a structure stand in a request."""
        found: Mapping[str, Mapping[str, str]] = self.shape(name).get("members", {}) if name else {}
        return found

    def members(self, name: str) -> dict[str, Member]:
        """The members of a structure; none for ""."""
        return {member.name: member for member in self._members(name)} if name else {}

    def _members(self, name: str) -> Iterator[Member]:
        shape = self.shape(name)
        required = shape.get("required", ())
        for member, given in shape.get("members", {}).items():
            inner = self.shape(given["shape"])
            yield Member(
                member,
                given["shape"],
                member in required,
                bool(given.get("idempotencyToken")),
                bool(given.get("sensitive") or self._holds_secrets(inner)),
                bool(given.get("streaming") or inner.get("streaming")),
                given.get("documentation") or inner.get("documentation", ""),
            )

    def _holds_secrets(self, shape: Shape) -> bool:
        """Whether AWS marks a shape as sensitive: itself, or what a list or a map of it holds."""
        inner = [shape[part]["shape"] for part in ("member", "key", "value") if part in shape]
        return any(found.get("sensitive") for found in (shape, *map(self.shape, inner)))


@cache
def models_version() -> str:
    """The version of botocore whose models these are."""
    return version("botocore")


@cache
def services() -> tuple[str, ...]:
    """The names of all services, sorted."""
    return tuple(sorted(path.name for path in _data_folder().iterdir() if path.is_dir()))


@cache
def model(service: str) -> Model:
    """The model of a service: of the newest version of its API. Raises KeyError when there is none of that name."""
    versions = sorted(path.parent for path in (_data_folder() / service).glob("*/service-2.json.gz"))
    if service not in services() or not versions:
        raise KeyError(service)
    return Model(service, versions[-1])


def _data_folder() -> Path:
    spec = find_spec("botocore")
    assert spec is not None, "nightshift is installed with botocore"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data"


def _read(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    found: dict[str, Any] = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return found


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add what the SDKs add to a model, as botocore's loader does."""
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
