"""Ids as short text: ten thousand of them have to fit the state of a state machine."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

_READABLE = 100
"""So few ids stay a list, which an operator can read in the console."""

_ID = re.compile(r"([a-z]+)-([0-9a-f]+)")


def pack(ids: Iterable[str]) -> list[str] | str:
    """`ids` as JSON: a list when short, else text with about 12 characters for an id instead of 23."""
    ids = list(ids)
    # Keys of S3 may hold line feeds.
    if len(ids) <= _READABLE or any("\n" in i for i in ids):
        return ids
    # An empty line: what follows are whole ids, also when the first looks like a prefix.
    text = "\n" + "\n".join(ids)
    prefixes = {m[1] if (m := _ID.fullmatch(i)) else "" for i in ids}
    if len(prefixes) == 1 and (prefix := prefixes.pop()):
        digits = [i[len(prefix) + 1 :] for i in ids]
        # Hexadecimal digits compress to little more than half; the ids of one account share no more than that.
        text = prefix + "\n" + "\n".join(digits)
    return base64.b85encode(zlib.compress(text.encode(), 9)).decode()


def unpack(packed: list[str] | str | None) -> list[str]:
    """The ids that `pack` was given."""
    if not packed:
        return []
    if isinstance(packed, list):
        return packed
    lines = zlib.decompress(base64.b85decode(packed)).decode().split("\n")
    if not lines[0]:
        return lines[1:]
    if re.fullmatch("[a-z]+", lines[0]):
        return [f"{lines[0]}-{digits}" for digits in lines[1:]]
    return lines


def all_ids(state: Mapping[str, Any]) -> list[str]:
    """The ids in a part's state, in all groups of its progress."""
    return sorted({i for packed in state.get("ids", {}).values() for i in unpack(packed)})
