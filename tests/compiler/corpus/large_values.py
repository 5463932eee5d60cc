"""Results too large for a state: the same with 3 ids, with 2,000 (which a flow reads all the same) and with 20,000.

20,000 ids of EC2 are more than a state can hold: they are counted, tested and handed on as a reference, and where a
flow reads them it fails, as docs/language.md says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar

import fake
from expect import case

from nightshift import ResultTooLarge, flow, for_each, parallel

F = TypeVar("F")
UNREADABLE = "States.QueryEvaluationError"
OTHER_ERROR = {"moto": "its error is States.Runtime where an argument or a branch fails to be evaluated"}


def sized(
    result: Callable[[int], Any], calls: str = "inventory", *, reads: str | None = UNREADABLE, moto: bool = True
) -> Callable[[F], F]:
    """A case for each size.

    reads: how the flow fails where it reads 20,000; None for one that reads nothing large.
    moto: whether moto fails there with the same error.
    """

    def add(flow: F) -> F:
        for count in (20_000, 2_000, 3):
            expected: dict[str, Any] = {"result": result(count)}
            if reads is not None and count == 20_000:
                expected = {"fails": reads, "cpython_result": result(count)}
                expected["unable"] = {} if moto else OTHER_ERROR
            flow = case(**expected, calls=calls.split("+"), given={"count": count})(flow)  # type: ignore[type-var]
        return flow

    return add


# What needs no items.


@sized(lambda n: [n, True, n, f"{n} found"], "inventory", reads=None)
@flow
def counted(count: int) -> list[object]:
    found = fake.inventory(count=count)
    some = False
    if found.matched and found.tags and found.text:
        some = True
    return [len(found.matched), some, len(found.tags), found.summary]


@sized(lambda n: "many" if n > 100 else "few", "inventory", reads=None)
@flow
def guarded(count: int) -> str:
    """A guard goes the right way, whatever comes after it."""
    ids: list[str] = fake.inventory(count=count).matched
    if len(ids) > 100:
        return "many"
    for instance in ids:
        if not instance:
            break
    return "few"


@sized(lambda n: [n, n, 4], "inventory+size_of+size_of+size_of", reads=None)
@flow
def handed_on(count: int) -> list[int]:
    """A part is given the whole of it: a list, a dict, and inside another list."""
    found = fake.inventory(count=count)
    inside = fake.size_of(contents=[found, 1, 2, 3])
    return [fake.size_of(contents=found.matched).value, fake.size_of(contents=found.tags).value, inside.value]


def same(ids: list[str]) -> list[str]:
    return ids


def larger(ids: list[str], than: int = 100) -> bool:
    return len(ids) > than


def counted_twice(ids: list[str]) -> int:
    n = len(ids)
    if n != len(ids):
        n = -1
    return n


@sized(lambda n: [n, n > 100, n], "inventory", reads=None)
@flow
def through_helpers(count: int) -> list[object]:
    found = fake.inventory(count=count)
    return [len(same(found.matched)), larger(found.matched), counted_twice(same(found.matched))]


@sized(lambda n: [n, n, n, n], "inventory", reads=None)
@flow
def joined_and_counted(count: int) -> list[int]:
    """A conditional expression, `or`, branches that meet, and a variable that was None."""
    found = fake.inventory(count=count)
    nothing: list[str] = []
    chosen = ["i-0"] if count == 0 else found.matched
    fallback = nothing or found.matched
    later: list[str] = []
    maybe = None
    if count:
        later = found.matched
        maybe = found.matched
    return [len(chosen), len(fallback), len(later), len(maybe or [])]


@sized(lambda n: [n, n], "inventory+inventory", reads=None)
@flow
def results_of_branches_counted(count: int) -> list[int]:
    both = parallel(lambda: fake.inventory(count=count), lambda: fake.inventory(count=count))
    return [len(both[0].matched), len(both[1].tags)]


@sized(lambda n: [n, n], "inventory+inventory", reads=None)
@flow
def results_of_items_counted(count: int) -> list[int]:
    return [len(found.matched) for found in for_each([count, count], lambda n: fake.inventory(count=n))]


# What reads them.


@sized(lambda n: 3)
@flow
def looped_over(count: int) -> int:
    ids: list[str] = fake.inventory(count=count).matched
    seen = 0
    for instance in ids:
        seen += 1
        if instance.endswith("2"):
            break
    return seen


@sized(lambda n: [n - 1, n, True, False, "i-00000000000000002"])
@flow
def read_in_expressions(count: int) -> list[object]:
    found = fake.inventory(count=count)
    others = [i for i in found.matched if not i.endswith("00000000000000001")]
    return [
        len(others),
        len(sorted(same(found.matched))),
        "i-00000000000000001" in found.matched,
        "i-1" in found.matched,
        found.matched[2],
    ]


@sized(lambda n: [True, False, True], "inventory+inventory")
@flow
def compared(count: int) -> list[bool]:
    before, after = fake.inventory(count=count).matched, fake.inventory(count=count).matched
    return [before == after, before == [], before != ["i-0"]]


@sized(lambda n: [n * 31 - 1, True, "i-00000000000000000"], reads="ResultTooLarge")
@flow
def text_read(count: int) -> list[object]:
    found = fake.inventory(count=count)
    text = found.text
    said = f"{text}"
    return [len(said), said.startswith("i-") and "is running" in text, text.split(" ")[0]]


@case("too large", cpython_result="619999", calls=["inventory"], given={"count": 20_000})
@case("61999", calls=["inventory"], given={"count": 2_000})
@flow
def text_that_does_not_fit_is_an_error(count: int) -> str:
    try:
        return f"{len(fake.inventory(count=count).text)}"
    except ResultTooLarge:
        return "too large"


@sized(lambda n: ["server 1", n, True, "none", 3])
@flow
def dict_read(count: int) -> list[object]:
    tags = fake.inventory(count=count).tags
    seen = 0
    for key, value in tags.items():
        if key and value:
            seen += 1
        if seen == 3:
            break
    return [
        tags["i-00000000000000001"],
        len([k for k in tags]),
        "i-00000000000000001" in tags,
        tags.get("x", "none"),
        seen,
    ]


@sized(lambda n: [n, "i-00000000000000001"])
@flow
def any_read(count: int) -> list[object]:
    ids: list[str] = fake.inventory(count=count).anything
    kept: dict[str, list[str]] = {"ids": ids}
    return [len(kept["ids"]), ids[1]]


@sized(lambda n: [n, 3])
@flow
def joined_and_read(count: int) -> list[int]:
    """What a variable may hold after branches met is read as the items, whichever way was taken."""
    ids: list[str] = []
    maybe = None
    if count:
        ids = fake.inventory(count=count).matched
        maybe = ids
    several = maybe or ["i-0"]
    return [len([i for i in several]), len([i for i in ids if i < "i-00000000000000003"])]


@sized(lambda n: n, moto=False)
@flow
def read_in_a_branch(count: int) -> int:
    """A branch reads the variables around it."""
    ids = fake.inventory(count=count).matched

    def read() -> int:
        return len([i for i in ids])

    (all_of_them,) = parallel(read)
    return all_of_them


@case([2, 2], calls=["inventory"], given={"count": 2_000})
@case([2, 2], calls=["inventory"], given={"count": 3})
@flow
def read_in_executions_of_their_own(count: int) -> list[int]:
    """So does an item of a Distributed Map, to which they are handed."""
    ids = fake.inventory(count=count).matched
    return for_each([1, 2], lambda n: len([i for i in ids if i < "i-00000000000000002"]), at_most=50)


@case([2000, 2000], calls=["inventory", "inventory"], given={"count": 2_000})
@case([3, 3], calls=["inventory", "inventory"], given={"count": 3})
@flow
def results_of_items_read(count: int) -> list[int]:
    ids = for_each([count, count], lambda n: fake.inventory(count=n).matched)
    return [len(each) for each in ids]


@flow
def counts(ids: list[str]) -> int:
    return len(ids)


@flow
def gives(count: int) -> list[str]:
    return fake.inventory(count=count).matched


@sized(lambda n: n, moto=False)
@flow
def given_to_a_flow(count: int) -> int:
    return counts(ids=fake.inventory(count=count).matched)


@sized(lambda n: n, moto=False)
@flow
def taken_from_a_flow(count: int) -> int:
    return len(gives(count=count))


@flow
def gives_all(count: int) -> fake.Inventory:
    return fake.inventory(count=count)


@case([2000, 2000, "i-00000000000000001"], calls=["inventory"], given={"count": 2_000})
@case([3, 3, "i-00000000000000001"], calls=["inventory"], given={"count": 3})
@flow
def a_whole_result_from_a_flow(count: int) -> list[object]:
    found = gives_all(count=count)
    return [len(found.matched), len(found.tags), found.matched[1]]


@sized(lambda n: [n, n, 2])
@flow
def untyped(count: int) -> list[object]:
    """Lists and dicts whose type says nothing of what is in them."""
    found = fake.inventory(count=count)
    kept: list[Any] = []
    kept = kept + [found.matched] + [found.summary]
    first: list[str] = kept[0]
    mixed = {"ids": found.matched, "count": count}
    ids: list[str] = mixed["ids"]
    return [len(first), len(ids), len(mixed)]


# What makes lists and dicts of them reads them, too.


@sized(lambda n: [3, "i-00000000000000002"])
@flow
def sliced(count: int) -> list[object]:
    first = fake.inventory(count=count).matched[:3]
    return [len(first), first[-1]]


@sized(lambda n: [2, 2, n + 2], "inventory+inventory")
@flow
def joined_in_a_loop(count: int) -> list[int]:
    """Results are collected: one list of lists, and one list of all."""
    each: list[list[str]] = []
    together: list[str] = []
    for n in [2, count]:
        ids = fake.inventory(count=n).matched
        each.append(ids)
        together = together + ids
    return [len(each), len(each[0]), len(together)]


@sized(lambda n: {"a": 1, "b": n}, "inventory+inventory")
@flow
def kept_under_a_key(count: int) -> dict[str, int]:
    found: dict[str, list[str]] = {}
    for name, n in zip(["a", "b"], [1, count]):
        found[name] = fake.inventory(count=n).matched
    return {name: len(found[name]) for name in found}


# In records that the flow declares.


@dataclass
class Group:
    name: str
    ids: list[str]


class Row(TypedDict):
    name: str
    ids: list[str]


@sized(lambda n: [n, n, n, 0, n], "inventory+count_of", reads=None)
@flow
def kept_in_records(count: int) -> list[int]:
    found = fake.inventory(count=count)
    group = Group("a", found.matched)
    best = Group("b", [])
    if len(group.ids) > len(best.ids):
        best = group
    row: Row = {"name": "a", "ids": found.matched}
    rows: list[Row] = [row, {"name": "b", "ids": []}]
    given = fake.count_of(many=best.ids)
    return [len(best.ids), len(row["ids"]), len(rows[0]["ids"]), len(rows[1]["ids"]), given.total]


@sized(lambda n: [n, "i-00000000000000001", True], "inventory+inventory")
@flow
def read_in_records(count: int) -> list[object]:
    group = Group("a", fake.inventory(count=count).matched)
    same = Group("a", fake.inventory(count=count).matched)
    return [len([i for i in group.ids]), group.ids[1], group == same]
