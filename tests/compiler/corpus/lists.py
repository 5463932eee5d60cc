"""Lists, dicts, comprehensions: above all those of one item, of none, and of lists."""

import fake
from expect import case

from nightshift import flow


@case(result=[[], [1], [1, 2], [[]], [[1]], [[1], [2]], [[[1]]]])
@flow
def literals() -> list[object]:
    empty: list[int] = []
    one = [1]
    two = [1, 2]
    nested = [[1]]
    return [empty, one, two, [[]], nested, [[1], [2]], [nested]]


@case(result=[[[1]], [[1, 2]], [[]], [[1], [1, 2]]])
@flow
def lists_of_variables() -> list[list[list[int]]]:
    """A list with a variable that is a list: it must not be merged."""
    one = [1]
    two = [1, 2]
    empty: list[int] = []
    return [[one], [two], [empty], [one, two]]


@case(result=[1, 3, 3, 2])
@flow
def indexing(xs: list[int] = [1, 2, 3], i: int = 1) -> list[int]:
    return [xs[0], xs[2], xs[-1], xs[i]]


@case(result=[[1], [2, 3], 2, [4]])
@flow
def indexing_nested(xs: list[list[int]] = [[1], [2, 3]], i: int = 0) -> list[object]:
    """An item that is a list of one item stays a list."""
    one = [[4]]
    return [xs[i], xs[-1], xs[1][0], one[0]]


@case(result=[[1, 2, 3], [1], [], [[1], [2]], [[1]]])
@flow
def adding() -> list[object]:
    empty: list[int] = []
    nested = [[1]]
    return [[1, 2] + [3], empty + [1], empty + empty, nested + [[2]], nested + []]


@case(result=[["a"], ["a", "b"], [["a"], ["b"]]])
@flow
def appending_in_a_loop() -> list[object]:
    xs: list[str] = []
    lists: list[list[str]] = []
    first: list[str] = []
    for name in ["a", "b"]:
        xs = xs + [name]
        lists += [[name]]
        if not first:
            first = xs
    return [first, xs, lists]


@case(result=[[2, 4], [2], [], [4], [[1], [2]], [[1]], [[], [0]]])
@flow
def comprehensions(xs: list[int] = [1, 2]) -> list[object]:
    one = [1]
    empty: list[int] = []
    return [
        [x * 2 for x in xs],
        [x * 2 for x in one],
        [x * 2 for x in empty],
        [x * 2 for x in xs if x > 1],
        [[x] for x in xs],
        [[x] for x in one],
        [[0] if x > 1 else [] for x in xs],
    ]


@case(result=[[3], [], ["1"], ["1", "2", "3"], [True, False, False]])
@flow
def filtering(xs: list[int] = [1, 2, 3]) -> list[object]:
    return [
        [x for x in xs if x > 1 if x != 2],
        [x for x in xs if x > 9],
        [str(x) for x in xs if x == 1],
        [f"{x}" for x in xs],
        [x == 1 for x in xs],
    ]


@case(result=[[["a"]], [["a"], ["b", "c"]], [["b", "c"]], []])
@flow
def filtering_lists(xs: list[list[str]] = [["a"], ["b", "c"]]) -> list[object]:
    """The kept items are lists themselves: one of them must not be unwrapped."""
    return [[x for x in xs if len(x) == 1], [x for x in xs], [x for x in xs if len(x) > 1], [x for x in xs if not x]]


@case(result=[[[1, 1], [2, 2]], [[[1]]], [[2, 3], [3, 4]]])
@flow
def nested_comprehensions(xs: list[int] = [1, 2]) -> list[object]:
    one = [1]
    return [[[x for _ in xs] for x in xs], [[[x] for x in one] for _ in one], [[x + y for y in xs] for x in xs]]


@case(
    result=[[None, 1], [None], [1, None, 1]],
    unable={"ministack": "it reads a null inside a list as nothing"},
)
@flow
def comprehensions_with_none(xs: list[int | None] = [None, 1]) -> list[object]:
    return [[x for x in xs], [x for x in xs if x is None], [1, None] + [x for x in xs if x is not None]]


@case(result=[[0, 2], [3, 4], [], [0, 1, 4], [], [2]])
@flow
def ranges(n: int = 3) -> list[object]:
    return [
        [i for i in range(4) if i % 2 == 0],
        [i for i in range(n, 5)],
        [i for i in range(0)],
        [i * i for i in range(n)],
        [i for i in range(n, 1)],
        [i for i in range(2, n)],
    ]


@case(result=[{"a": 1}, {"a": 1, "b": 2}, {}, {"a": ["a"]}, {"x-a": None}])
@flow
def dict_comprehensions(xs: list[str] = ["a", "b"]) -> list[object]:
    empty: list[str] = []
    return [
        {x: len(x) for x in xs if x == "a"},
        {"a": 1, "b": 2},
        {x: 0 for x in empty},
        {x: [x] for x in xs if x == "a"},
        {f"x-{x}": None for x in ["a"]},
    ]


@case(result=[1, 1, None, 7, True, False, ["a", "b"], [1, 2], 2])
@flow
def dicts(d: dict[str, int] = {"a": 1, "b": 2}, key: str = "a") -> list[object]:
    return [
        d["a"],
        d[key],
        d.get("x"),
        d.get("x", 7),
        key in d,
        "x" in d,
        sorted(d.keys()),
        sorted(d.values()),
        len(d),
    ]


@case(result=[[], ["a"], [1], 0, [], None])
@flow
def small_dicts() -> list[object]:
    """JSONata gives one key as a text and none as nothing."""
    empty: dict[str, int] = {}
    one = {"a": 1}
    return [list(empty), list(one), list(one.values()), len(empty), list(empty.values()), empty.get("a")]


@case(result={"a b": 1, "$c": {"x": [1]}, "": None, "d": {"e": {"f": "g"}}})
@flow
def dict_literals(n: int = 1) -> dict[str, object]:
    return {"a b": n, "$c": {"x": [n]}, "": None, "d": {"e": {"f": "g"}}}


@case(result=[[3, 2, 1], [1, 2, 3], ["A", "a", "b"], [1], [], [0.5, 2]])
@flow
def sorting(xs: list[int] = [3, 1, 2]) -> list[object]:
    empty: list[int] = []
    return [
        sorted(xs, reverse=True),
        sorted(xs),
        sorted(["b", "A", "a"]),
        sorted([1]),
        sorted(empty),
        sorted([2, 0.5]),
    ]


@case(result=[True, False, True, False, False, True, True, False])
@flow
def any_and_all(xs: list[int] = [1, 2]) -> list[bool]:
    empty: list[int] = []
    return [
        any(x > 1 for x in xs),
        all(x > 1 for x in xs),
        all(x > 0 for x in xs),
        any(x > 5 for x in xs),
        any(x > 0 for x in empty),
        all(x > 0 for x in empty),
        any([False, True]),
        all([0, 1]),
    ]


@case(result=[True, False, True, True, False])
@flow
def comparing_lists(xs: list[int] = [1]) -> list[bool]:
    empty: list[int] = []
    return [xs == [1], xs == [1, 2], xs != [], empty == [], 1 in empty]


@case(result=["empty", "one", "many"])
@flow
def truth_of_lists() -> list[str]:
    found: list[str] = []
    for xs in [[], [0], [0, 0]]:
        if not xs:
            found = found + ["empty"]
        elif len(xs) == 1:
            found = found + ["one"]
        else:
            found = found + ["many"]
    return found


@case(result=[6, 3, 1, 0, 2.5])
@flow
def sums(xs: list[int] = [1, 2, 3]) -> list[float]:
    return [sum(xs), sum([x for x in xs if x == 3]), min(x for x in xs), sum(x for x in xs if x > 5), sum([2, 0.5])]


@case(result=[["b", "c"], "a", 2, [1]])
@flow
def unpacking(n: int = 1) -> list[object]:
    name, rest = "a", ["b", "c"]
    one, more = [n], n + 1
    return [rest, name, more, one]


@case(result=[[1, "x"], ["1x"]])
@flow
def list_of_lists_in_a_comprehension(rows: list[list[str]] = [["1", "x"]]) -> list[object]:
    return [[int(rows[0][0]), rows[0][1]], [row[0] + row[1] for row in rows]]


@case(result=[3, 2], calls=['find ids=["i-1"]', "find ids=[]"])
@flow
def a_list_as_parameter() -> list[int]:
    one = fake.find(ids=["i-1"])
    none = fake.find(ids=[x for x in one.matched if x != "i-1"])
    return [len(one.matched) + 2, len(none.matched) + 2]


@case(result=[2, "ab", 2, [1, "a"]])
@flow
def tuples() -> list[object]:
    """Each item of a tuple has a type of its own."""
    pair = (1, "a")
    number, text = pair
    return [pair[0] + 1, pair[1] + "b", len(pair), [number, text]]


@case(result=[True, False, True, True])
@flow
def membership_in_a_tuple(s: str = "a") -> list[bool]:
    return [s in ("a", "b"), s in ("b",), s not in ("c", "d"), 1 in (1, 2)]
