"""What operations flows asked for most: slices, zip, strip, round, sorting by fields, the text of an error."""

from typing import Literal

import fake
from expect import case

from nightshift import Failed, flow

LONG = list(range(5))


@case([[0, 1], [3, 4], [1, 2], [0, 1, 2, 3, 4], [], [4], [0, 1, 2], []], given={"a": 1, "b": 3})
@case([[0, 1], [3, 4], [3], [0, 1, 2, 3, 4], [], [4], [0, 1, 2], []], given={"a": -2, "b": -1})
@case([[0, 1], [3, 4], [], [0, 1, 2, 3, 4], [], [4], [0, 1, 2], []], given={"a": 4, "b": 2})
@case([[0, 1], [3, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [], [4], [0, 1, 2], []], given={"a": -9, "b": 9})
@flow
def slices(a: int, b: int, xs: list[int] = LONG) -> list[list[int]]:
    return [xs[:2], xs[-2:], xs[a:b], xs[:], xs[9:], xs[4:], xs[:-2], xs[3:1]]


@case([[[1, 2]], [[1, 2], [3]], [[]], [["a"], "b"]])
@flow
def slices_of_lists_in_lists(xs: list[list[int]] = [[1, 2], [3], []]) -> list[object]:
    mixed = [["a"], "b", ["c"]]
    return [xs[:1], xs[:2], xs[2:], [mixed[0], mixed[1]]]


@case(["ab", "ef", "cd", "", "abcdef", "🚀b"])
@flow
def slices_of_text(s: str = "abcdef", rocket: str = "🚀bc") -> list[str]:
    return [s[:2], s[-2:], s[2:4], s[4:2], s[:9], rocket[:2]]


@case(["1. a", "2. b", "a=x", "b=y", "0-a-5", "1-b-7"])
@flow
def loops(xs: list[str] = ["a", "b"], ys: list[str] = ["x", "y", "z"]) -> list[str]:
    said: list[str] = []
    for number, x in enumerate(xs, start=1):
        said = said + [f"{number}. {x}"]
    for x, y in zip(xs, ys):  # noqa: B905
        said = said + [f"{x}={y}"]
    for n, x, z in zip(range(5), xs, [5, 7, 9]):  # noqa: B905
        said = said + [f"{n}-{x}-{z}"]
    return said


@case(["a  b", "a  b \n", "\t a  b", "", "x"], given={"s": "\t a  b \n"})
@flow
def stripped(s: str) -> list[str]:
    return [s.strip(), s.lstrip(), s.rstrip(), "".join([" \n"]).strip(), "\u3000x\u2028".strip()]


@case([True, False, True, False], given={"s": "web-1"})
@case([False, True, False, True], given={"s": "db-2"})
@flow
def one_of_several(s: str) -> list[bool]:
    return [s.startswith(("web", "app")), s.startswith(("db",)), s.endswith(("1", "3")), s.endswith(("2", "-2"))]


@case([2, 4, -2, 3, 0, 7, 1.2, 5])
@flow
def rounded(a: float = 2.5, b: float = 3.5, c: float = 2.6, n: int = 7) -> list[float]:
    return [round(a), round(b), round(-a), round(c), round(0.5), round(n), round(1.2345, 1), round(5)]


@case([["m-2", "m-1", "m-0"], ["m-0", "m-2", "m-1"], ["m-1", "m-0", "m-2"], ["bb", "a", "ccc"]], calls=["machines"])
@flow
def sorted_by_fields() -> list[list[str]]:
    """Equal keys keep their order, also in descending order."""
    found = fake.machines(count=3).machines
    words = ["bb", "a", "ccc"]
    by_length = sorted(words, key=lambda w: 0)
    return [
        [m.id for m in sorted(found, key=lambda m: m.size, reverse=True)],
        [m.id for m in sorted(found, key=lambda m: m.state)],
        [m.id for m in sorted(found, key=lambda m: m.state, reverse=True)],
        by_length,
    ]


@case(["b failed", "PartFailed: b failed", "b failed!"], calls=["act b"])
@flow
def the_text_of_an_error() -> list[str]:
    try:
        fake.act(name="b", fails="PartFailed")
    except Exception as e:
        return [f"{e}", f"{e.error}: {e}", str(e) + "!"]
    return []


@case(["soft!", "soft", True], calls=['echo mode="soft" value=1'])
@case(["hard!", "hard", False], given={"mode": "hard"}, calls=['echo mode="hard" value=1'])
@flow
def one_of_a_few_texts(mode: Literal["soft", "hard"] = "soft") -> list[object]:
    fake.echo(value=1, mode=mode)
    return [mode + "!", f"{mode}", mode == "soft"]


@case(fails="Failed: i-0, i-1, i-2 and 1 more", calls=["find"])
@flow
def the_first_few() -> None:
    ids = fake.find(count=4).matched
    if len(ids) > 3:
        raise Failed(f"{', '.join(ids[:3])} and {len(ids) - 3} more")


@case([{"a": "1", "all": "a=1"}, {"a": 2}, "1. a, 2. b", 3])
@flow
def keys_computed_and_generators_joined(text: str = "a=1") -> list[object]:
    """A later key takes the place of the same one before it."""
    key, names = text.split("=")[0], ["a", "b"]
    numbered = ", ".join(f"{n}. {name}" for n, name in enumerate(names, start=1))
    return [{key: text.split("=")[1], "all": text}, {"a": 1, key: 2}, numbered, len({key: 1, "b": 2, text: 3})]


def how_many(names: list[str]) -> int:
    return len(names)


@case([[1, 2], ["a", "b"]])
@flow
def lists_given_to_functions_that_keep_nothing() -> list[object]:
    names: list[str] = []
    counts: list[int] = []
    for name in ["a", "b"]:
        names.append(name)
        counts.append(how_many(names))
    return [counts, names]
