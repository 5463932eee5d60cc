"""Lists and dicts that are changed in place, where nothing else refers to them."""

from typing import Any

import fake
from expect import case

from nightshift import PartFailed, flow, for_each


@case([[1, 2, 3], 3, "a,b", [[1], [2]]], calls=["act a", "act b"])
@flow
def appending() -> list[object]:
    xs = [1, 2]
    xs.append(3)
    names: list[str] = []
    rows = []
    for name in ["a", "b"]:
        names.append(fake.act(name=name).name)
    for x in xs[:2]:
        rows.append([x])
    return [xs, len(xs), ",".join(names), rows]


@case([{"a": 1, "b": 2, "i-0": 0, "i-1": 1}, {"a": 3}, [["a", 1], ["b", 2], ["i-0", 0], ["i-1", 1]]], calls=["find"])
@flow
def setting_keys() -> list[object]:
    counts = {"a": 1}
    counts["b"] = 2
    for i, instance in enumerate(fake.find(count=2).matched):
        counts[instance] = i
    other: dict[str, int] = {}
    other["a"] = 1
    other["a"] = other["a"] + 2
    pairs: list[Any] = []
    for key, value in counts.items():
        pairs.append([key, value])
    return [counts, other, pairs]


def doubled(xs: list[int]) -> list[int]:
    made: list[int] = []
    for x in xs:
        made.append(x)
        if x > 1:
            made.append(x)
    return made


@case([[1, 2, 2], [1, 2], 3], calls=["echo value=[1, 2, 2]"])
@flow
def in_helpers(xs: list[int] = [1, 2]) -> list[object]:
    return [fake.echo(value=doubled(xs)).value, xs, len(doubled(xs))]


@case([["problem"], "some"], calls=["act a"])
@flow
def in_clauses() -> list[object]:
    problems: list[str] = []
    try:
        fake.act(name="a", fails="PartFailed")
    except Exception:
        problems.append("problem")
    said = "none"
    if problems and len(problems) < 5:
        said = "some"
    return [problems, said]


@case([[1, 2, 3, 4], "a,b", 3], calls=["act a", "act b"])
@flow
def adding_lists() -> list[object]:
    xs = [1]
    names: list[str] = []
    xs += [2]
    for x in [3, 4]:
        xs += [x]
    for name in ["a", "b"]:
        names += [fake.act(name=name).name]
    total = 1
    total += len(names)
    return [xs, ",".join(names), total]


@case([{"a": 2, "b": 3}, [1, 2, 1, 2]])
@flow
def changing_in_a_loop_over_a_copy() -> list[object]:
    sizes = {"a": 1, "b": 2}
    for name, size in list(sizes.items()):
        sizes[name] = size + 1
    xs = [1, 2]
    for x in xs[:]:
        xs.append(x)
    return [sizes, xs]


@case([[[], [0], [0, 1]], {"done": ["a", "b"], "seen": {"a": 1, "b": 1}}, ["a!", "b!"]])
@flow
def kept_after_the_last_change() -> list[object]:
    """A row that each pass makes anew, and what is put together when all is done."""
    rows: list[list[int]] = []
    for n in range(3):
        row: list[int] = []
        for m in range(n):
            row.append(m)
        rows.append(row)
    done: list[str] = []
    seen: dict[str, int] = {}
    for name in ["a", "b"]:
        done.append(name)
        seen[name] = 1
    report = {"done": done, "seen": seen}
    same = done
    return [rows, report, for_each(same, lambda name: name + "!")]


@case([[[5, 1], [5, 1]], [1, 2]], calls=["act a"])
@flow
def kept_in_a_clause() -> list[object]:
    rows: list[list[int]] = []
    kept: list[int] = []
    for _ in range(2):
        xs = [5]
        try:
            xs.append(1)
        finally:
            rows.append(xs)
    ys = [1]
    try:
        fake.act(name="a", fails="PartFailed")
    except PartFailed:
        ys.append(2)
        kept = ys
    return [rows, kept]
