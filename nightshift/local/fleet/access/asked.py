"""A request to the fleet, and what has to be allowed for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

TagsOf = Callable[[str], Mapping[str, str]]
"""The tags of a resource by its id."""


@dataclass(frozen=True)
class Asked:
    """A request. params: of a JSON request its members, else its flat parameters, "InstanceId.1"."""

    service: str
    action: str
    region: str
    account: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """An action on a resource ("*" where it takes none), with the condition keys of the request and the resource."""

    action: str
    resource: str = "*"
    keys: dict[str, Any] = field(default_factory=dict)
