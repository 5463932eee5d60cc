"""Items that may be lists themselves (Any, a union, `list | None`): JSONata would merge them into the list."""

from typing import Any

import fake
from expect import case

from nightshift import flow, for_each, parallel


@flow
def pair(n: int):  # type: ignore[no-untyped-def]
    """A flow without a declared result."""
    return [n, n + 1]


@case([[1, 2], [5, 6], [7]], calls=["echo value=[7]"])
@flow
def results_of_any_type() -> list[Any]:
    results: list[Any] = []
    for n in [1, 5]:
        results = results + [pair(n=n)]
    return results + [fake.echo(value=[7]).value]


@case([[[1, 2], [1, 2]], [[1, 2]], 2], given={"x": [1, 2]})
@case([[[], []], [[]], 2], given={"x": []})
@case([["a", "a"], ["a"], 2], given={"x": "a"})
@case([[None, None], [None], 2], given={"x": None})
@case([[[[1]], [[1]]], [[[1]]], 2], given={"x": [[1]]})
@flow
def items_of_any_type(x: Any) -> list[Any]:
    chosen = [x] if True else []
    return [[x, x] + [], chosen + [], len([x, x])]


@case([[["b"], None], [None, ["c"]], [["b"], ["c"]]])
@flow
def items_that_may_be_missing() -> list[Any]:
    some = {"b": ["b"]}
    others = {"c": ["c"]}
    first, second = some.get("b"), others.get("c")
    return [[some.get("b"), some.get("c")], [others.get("b"), others.get("c")], [first, second]]


@case([[["a"], "b"], [["a"], ["c"]], ["b", ["c"]]])
@flow
def items_of_a_union(rows: list[dict[str, str | list[str]]] = [{"ids": ["a"]}, {"ids": "b"}]) -> list[Any]:
    x = rows[0]["ids"]
    y = rows[1]["ids"]
    return [[r["ids"] for r in rows], [x] + [["c"]], [y] + [["c"]]]


@case([{"a": [1], "b": [[1]]}, {"a": [[1], 2], "b": [1]}])
@flow
def items_in_dicts(x: Any = [1]) -> list[Any]:
    return [{"a": x, "b": [x]}] + [{"a": [x, 2], "b": x}]


@case([[1, 2], [[3]], [[1, 2], [3]]])
@flow
def items_of_a_list_of_lists(at: int = 0) -> list[Any]:
    """An item that is itself taken from a list written out."""
    rows = [[1, 2], [3]]
    return [[[1, 2], [at, 9]][at], [[[1], [3]][at + 1]], [rows[at], [[3], [at]][at]]]


@case([[[1], [1]], [[1], None]], given={"x": [1]})
@case([["a", "a"], ["a", None]], given={"x": "a"})
@flow
def items_from_branches(x: Any) -> list[Any]:
    def given() -> Any:
        return x

    def given_or_none() -> Any:
        if x == "never":
            return [x]
        return None

    return [parallel(given, given), parallel(given, given_or_none)]


@case([[[1], 2, ["a"]], [[1], 2, ["a"]], 3], given={"xs": [[1], 2, ["a"]]})
@case([[[1]], [[1]], 1], given={"xs": [[1]]})
@flow
def mapped_and_filtered(xs: list[Any]) -> list[Any]:
    kept = [x for x in xs if x != "no"]
    return [[x for x in kept], for_each(kept, lambda x: x), len(kept)]


@case(["a", "b"], given={"x": "a"})
@case([["a"], "b"], given={"x": ["a"]})
@flow
def conditional_items(x: str | list[str], other: bool = True) -> list[Any]:
    return [x if other else "c", "b"]


@case([False, True, True, False, True, True], given={"rows": [["a"], [], ["b", "c"]]})
@case([False, True, True, False, True, True], given={"rows": [[], ["a"]]})
@case([False, False, True, False, True, True], given={"rows": [[]]})
@case([True, True, False, True, False, False], given={"rows": [["a"]]})
@case([True, False, False, True, False, False], given={"rows": []})
@flow
def one_empty_list_among_lists(rows: list[list[str]]) -> list[bool]:
    """The only item that decides is an empty list, which counts all the same."""
    empty = any(not row for row in rows)
    full = all(len(row) > 0 for row in rows)
    return [all(rows), any(rows), empty, full, any(row == [] for row in rows), not all(row for row in rows)]


@case([True, False, True], given={"xs": []})
@case([True, False, True], given={"xs": None})
@case([False, True, False], given={"xs": ["a"]})
@flow
def one_optional_list_among_others(xs: list[str] | None) -> list[bool]:
    rows: list[list[str] | None] = [["b"], xs, ["c"]]
    return [any(not row for row in rows), all(rows), not all(row for row in rows)]


@case([["a", 1], ["a", 1, "b", ["c"], None], ["x", [], "a", 1], 2], given={"first": ["a", 1]})
@case([[], ["b", ["c"], None], ["x", []], 2], given={"first": []})
@flow
def literals_of_several_types_added(first: list[Any]) -> list[object]:
    """Each item stays one, also a list."""
    seen: list[Any] = first
    more = seen + ["b", ["c"], None]
    before = ["x", []] + first
    pairs: list[Any] = []
    for name in ["a", "b"]:
        pairs = pairs + [[name, 1]]
    return [seen, more, before, len(pairs)]
