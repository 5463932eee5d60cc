"""Which resources a part acts on: ids, tags, wildcards and exclusions, as EC2 API parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any, cast

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Changing, Common
from lambdas.engine.progress import Progress

FILTER_VALUES = 200
"""Values in one filter. Amazon EC2 User Guide, "Filter your Amazon EC2 resources"."""

Ids = str | list[str] | None
Tags = str | list[str] | None


@dataclass(frozen=True)
class TagPattern:
    """One condition on a tag: "AutoOff=yes", "Env=prod-*", or "Owner" for any value.

    `*` stands for any text, `?` for one character, a backslash takes the next character as it is; upper and lower
    case differ. (Amazon EC2 User Guide, "Filter your Amazon EC2 resources".)
    """

    key: str
    value: str | None

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Whether a resource with these tags fulfils the condition."""
        key = wildcards(self.key)
        value = None if self.value is None else wildcards(self.value)
        return any(key.fullmatch(k) and (value is None or value.fullmatch(v)) for k, v in tags.items())

    def filter(self) -> dict[str, Any]:
        """The EC2 filter; where the key has a wildcard it only narrows, and `matches` decides."""
        if self.value is None or has_wildcard(self.key):
            return {"Name": "tag-key", "Values": [self.key]}
        return {"Name": f"tag:{self.key}", "Values": [self.value]}

    def __str__(self) -> str:
        return self.key if self.value is None else f"{self.key}={self.value}"


class Why(Enum):
    """Why a resource is not selected, as a result words it."""

    NOT_MEANT = "does not carry the tag"
    EXCLUDED = "excluded by the tag"


@dataclass(frozen=True)
class Unselected:
    """A resource is not selected, for these tags of the selection."""

    why: Why
    tags: str

    def __str__(self) -> str:
        return f"{self.why.value} {self.tags}"


@dataclass(frozen=True)
class Selection:
    """Ids, tags that must all match, and tags none of which may match.

    ids: None when the selection is by tag alone; an empty list selects nothing.
    """

    ids: list[str] | None
    tags: tuple[TagPattern, ...]
    exclude: tuple[TagPattern, ...]

    def filters(self) -> list[dict[str, Any]]:
        """The EC2 filters for the tags; several are joined by AND."""
        unique: dict[str, dict[str, Any]] = {}
        for pattern in self.tags:
            # EC2 takes one filter per name, its values joined by OR: `why_not` applies the second condition.
            unique.setdefault(pattern.filter()["Name"], pattern.filter())
        return list(unique.values())

    def why_not(self, tags: Mapping[str, str]) -> Unselected | None:
        """Why a resource with these tags is not selected; None when it is."""
        missing = [str(p) for p in self.tags if not p.matches(tags)]
        if missing:
            return Unselected(Why.NOT_MEANT, ", ".join(missing))
        hit = [str(p) for p in self.exclude if p.matches(tags)]
        return Unselected(Why.EXCLUDED, ", ".join(hit)) if hit else None

    def tells(self, unselected: Unselected) -> bool:
        """Whether a result tells of it: it was given by its id, or would be selected but for an exclusion."""
        return self.ids is not None or unselected.why is Why.EXCLUDED


class SelectInstances(Common, total=False):
    """Which instances a part acts on.

    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Role=web", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the ones
        with the tag.
    exclude_tag: instances with one of these tags are left alone.
    """

    instance_id: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeInstances(SelectInstances, Changing, total=False):
    """Which instances a part changes, and within which guard rails."""


# The docstrings say what the parameters mean, and a TypedDict does not know its bases before Python 3.12.
ChangeInstances.__doc__ = SelectInstances.__doc__


class SelectSnapshots(Common, total=False):
    """Which snapshots a part acts on.

    snapshot_id: ids, as a list or as "snap-1;snap-2".
    tag: "Purpose=test", or a list of which all must match; `*` and `?` are wildcards. With snapshot_id: of those, the
        ones with the tag.
    exclude_tag: snapshots with one of these tags are left alone.
    """

    snapshot_id: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeSnapshots(SelectSnapshots, Changing, total=False):
    """Which snapshots a part changes, and within which guard rails."""


ChangeSnapshots.__doc__ = SelectSnapshots.__doc__


class SelectImages(Common, total=False):
    """Which images (AMIs) a part acts on.

    image_id: ids, as a list or as "ami-1;ami-2".
    tag: "Purpose=test", or a list of which all must match; `*` and `?` are wildcards. With image_id: of those, the ones
        with the tag.
    exclude_tag: images with one of these tags are left alone.
    """

    image_id: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeImages(SelectImages, Changing, total=False):
    """Which images a part changes, and within which guard rails."""


ChangeImages.__doc__ = SelectImages.__doc__


class SelectVolumes(Common, total=False):
    """Which volumes a part acts on.

    volume_id: ids, as a list or as "vol-1;vol-2".
    tag: "Purpose=test", or a list of which all must match; `*` and `?` are wildcards. With volume_id: of those, the
        ones with the tag.
    exclude_tag: volumes with one of these tags are left alone.
    """

    volume_id: Ids
    tag: Tags
    exclude_tag: Tags


class ChangeVolumes(SelectVolumes, Changing, total=False):
    """Which volumes a part changes, and within which guard rails."""


ChangeVolumes.__doc__ = SelectVolumes.__doc__


def selected(given: Mapping[str, object], id_name: str, tag_name: str = "tag") -> Selection:
    """The selection in the parameters a part was called with: selected(common, "instance_id").

    Raises InvalidParameter as `select` does.
    """
    ids, tags, exclude = (cast(Ids, given.get(name)) for name in (id_name, tag_name, "exclude_tag"))
    return select(ids, tags, exclude, id_name=id_name, tag_name=tag_name)


def select(ids: Ids, tags: Tags, exclude_tag: Tags, *, id_name: str, tag_name: str) -> Selection:
    """The selection a flow's parameters make.

    ids: a list, or text with ids separated by ";" or ","; None or "" when not given. An empty list selects nothing.
    tags, exclude_tag: "Key=value", "Key", or a list of those.
    id_name, tag_name: the parameters' names, for the message.

    Raises InvalidParameter when neither ids nor tags are given, or a tag has no key.
    """
    chosen = parse_ids(ids)
    patterns = parse_tags(tags, tag_name)
    if chosen is None and not patterns:
        raise InvalidParameter(f'give {id_name}="..." or {tag_name}="Key=value"; without either nothing is selected')
    return Selection(chosen, patterns, parse_tags(exclude_tag, "exclude_tag"))


def parse_ids(ids: Ids) -> list[str] | None:
    """A list of ids without repetition; None when none were given (None or "")."""
    if ids is None or ids == "":
        return None
    parts: Iterable[str] = re.split(r"[;,\s]+", ids) if isinstance(ids, str) else ids
    return list(dict.fromkeys(i.strip() for i in parts if i.strip()))


def account_changes(what: str, to_add: Ids, to_remove: Ids) -> tuple[set[str], set[str]]:
    """The accounts that something is shared with from now on, and those that it is no longer shared with.

    what: what the parameters are called, "user_ids" for user_ids_to_add and user_ids_to_remove.
    Raises InvalidParameter when there is none, one is in both, or one is no account id.
    """
    add, remove = _account_ids(to_add, f"{what}_to_add"), _account_ids(to_remove, f"{what}_to_remove")
    if not add | remove:
        raise InvalidParameter(f"give {what}_to_add or {what}_to_remove; without, nothing is changed")
    if both := add & remove:
        raise InvalidParameter(f"{what}_to_add and {what}_to_remove both name {', '.join(sorted(both))}")
    return add, remove


def _account_ids(given: Ids, name: str) -> set[str]:
    accounts = set(parse_ids(given) or ())
    for account in accounts:
        if not re.fullmatch(r"\d{12}", account):
            raise InvalidParameter(f"{name}: {account!r} is not an account id; those have twelve digits")
    return accounts


def parse_tags(tags: Tags, name: str) -> tuple[TagPattern, ...]:
    """The conditions in `tags`.

    Raises InvalidParameter for a condition without a key.
    """
    if tags is None or tags == "":
        return ()
    patterns = []
    for text in [tags] if isinstance(tags, str) else tags:
        key, equals, value = text.partition("=")
        if not key.strip():
            raise InvalidParameter(f'{name}={text!r} has no tag key; write "Key=value", or "Key" for any value')
        patterns.append(TagPattern(key.strip(), value.strip() if equals else None))
    return tuple(patterns)


def tag_map(tags: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as EC2 gives them ([{"Key": ..., "Value": ...}]) as a dict."""
    return {t["Key"]: t.get("Value", "") for t in tags or ()}


def has_wildcard(text: str) -> bool:
    """Whether `text` is more than the literal text: it has `*`, `?` or an escaping backslash."""
    return bool(re.search(r"[*?\\]", text))


@lru_cache(1000)
def wildcards(pattern: str) -> re.Pattern[str]:
    """What `pattern` matches, as a regular expression."""
    out = []
    for match in re.finditer(r"\\(.)|(.)", pattern, re.DOTALL):
        escaped, plain = match[1], match[2]
        out.append(re.escape(escaped) if escaped else {"*": ".*", "?": "."}.get(plain) or re.escape(plain))
    return re.compile("".join(out), re.DOTALL)


@lru_cache(10_000)
def timestamp(moment: datetime) -> str:
    """A time as the EC2 API writes it: "2016-11-15T08:34:01.000Z"."""
    # Without the offset that follows.
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def choose(found: list[Any], key: str, selection: Selection, progress: Progress) -> list[Any]:
    """Those of `found` that the selection's tags choose; others that were named or excluded are noted as skipped."""
    chosen = []
    for item in found:
        unselected = selection.why_not(tag_map(item.get("Tags")))
        if not unselected:
            chosen.append(item)
        elif selection.tells(unselected):
            progress.skip([item[key]], str(unselected))
            progress.add("excluded", [item[key]])
    return chosen
