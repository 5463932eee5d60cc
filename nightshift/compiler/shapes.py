"""What a value may be as Python tells lists and tuples apart, and JSON does not: in itself, and inside."""

from __future__ import annotations

import dataclasses
from typing import Any

LIST, TUPLE, EMPTY_LIST, EMPTY_TUPLE, VIEW = 1, 2, 4, 8, 16
"""What a value may be, as bits: a list or tuple, one without items, and what d.items() or zip(xs, ys) gives."""

Shape = tuple[int, int, int, int]
"""What a value may be, what its items may be, theirs, and all that is further inside."""

SCALAR: Shape = (0, 0, 0, 0)
LISTS, TUPLES = LIST | EMPTY_LIST, TUPLE | EMPTY_TUPLE
JSON: Shape = (LISTS, LISTS, LISTS, LISTS)
ANYTHING: Shape = (LISTS | TUPLES, LISTS | TUPLES, LISTS | TUPLES, LISTS | TUPLES)


def either(*shapes: Shape) -> Shape:
    """What is one of several."""
    a, b, c, d = SCALAR
    for one in shapes:
        a, b, c, d = a | one[0], b | one[1], c | one[2], d | one[3]
    return a, b, c, d


def holding(kinds: int, items: Shape) -> Shape:
    """What is of these kinds, with such items."""
    return kinds, items[0], items[1], items[2] | items[3]


def items_of(shape: Shape) -> Shape:
    """What the items, values or fields of something may be."""
    return shape[1], shape[2], shape[3], shape[3]


def of_value(value: Any) -> Shape:
    """The shape of a Python object, such as a constant of a module."""
    if isinstance(value, list | tuple):
        kinds = (EMPTY_LIST, LIST) if isinstance(value, list) else (EMPTY_TUPLE, TUPLE)
        return holding(kinds[bool(value)], either(*map(of_value, value)))
    if isinstance(value, dict):
        return holding(0, either(*map(of_value, value.values())))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return holding(0, either(*map(of_value, vars(value).values())))
    return SCALAR


def mixed(left: Shape, right: Shape, levels: int) -> bool:
    """Whether one may be a tuple where the other is a list, within so many levels of what is in what.

    Where both have no item, or both have some: `pair == []` is false in both worlds.
    """
    pairs = ((LIST, TUPLE), (TUPLE, LIST), (EMPTY_LIST, EMPTY_TUPLE), (EMPTY_TUPLE, EMPTY_LIST))
    return any(
        any(one & a and other & b for a, b in pairs) or bool((one | other) & VIEW and one and other)
        for one, other in list(zip(left, right, strict=True))[:levels]
    )
