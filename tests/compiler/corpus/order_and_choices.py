"""Orders by functions and tuples, characters of a text, and Literals that are no texts."""

from operator import attrgetter, itemgetter
from typing import Literal, TypedDict

import fake
from expect import case

from nightshift import Failed, NoMatch, flow


class Host(TypedDict):
    """A row of the input."""

    name: str
    size: int


HOSTS = [{"name": "b", "size": 1}, {"name": "a", "size": 2}, {"name": "c", "size": 1}]


def shortest_first(text: str) -> int:
    return len(text)


@case(result=[["a", "bb", "cc"], ["bb", "cc", "a"], ["a", "bb", "cc"]])
@flow
def by_functions(names: list[str] = ["bb", "a", "cc"]) -> list[list[str]]:
    def longest_first(text: str) -> int:
        return -len(text)

    return [
        sorted(names, key=shortest_first),
        sorted(names, key=longest_first),
        sorted(names, key=len),
    ]


@case(result=[["b", "c", "a"], ["a", "b", "c"]], given={"hosts": HOSTS})
@flow
def by_key(hosts: list[Host]) -> list[list[str]]:
    by_size = sorted(hosts, key=itemgetter("size"))
    return [[host["name"] for host in by_size], [host["name"] for host in sorted(hosts, key=lambda h: h["name"])]]


@case(result=["m-2", "m-0"], calls=["machines"])
@flow
def by_field() -> list[str]:
    found = fake.machines(count=3).machines
    by_state = sorted(found, key=lambda m: (m.state, -m.size))
    return [by_state[0].id, sorted(found, key=attrgetter("size"))[0].id]


@case(result=[["b", "c", "a"], ["a", "c", "b"], ["a", "c", "b"]], given={"hosts": HOSTS})
@flow
def by_several(hosts: list[Host]) -> list[list[str]]:
    """Equal ones keep their order, or the next value decides."""
    orders = [
        sorted(hosts, key=lambda h: (h["size"], h["name"])),
        sorted(hosts, key=lambda h: (h["size"], h["name"]), reverse=True),
        sorted(hosts, key=lambda h: (-h["size"], h["name"]))[:1]
        + sorted(hosts, key=lambda h: h["name"], reverse=True)[:2],
    ]
    return [[host["name"] for host in order] for order in orders]


@case(result=[21, 52, 53])
@flow
def orders_within_a_key() -> list[int]:
    """The item of the inner order is not that of the outer one."""
    keys = [sorted([1, 5, 2], key=lambda x: abs(x - n * 2))[0] * 10 + n for n in [1, 2, 3]]
    return sorted(keys, key=lambda k: sorted([k, 0], key=lambda x: -abs(x - k + k))[0])


@case(
    result=["a", "b", "🚀", "🚀"],
    given={"text": "a🚀b", "at": -2},
    unable={"moto": "its JSONata cuts text by UTF-16"},
)
@case(fails="States.QueryEvaluationError", cpython="IndexError", given={"text": "a", "at": 1})
@case(fails="States.QueryEvaluationError", cpython="IndexError", given={"text": "", "at": 0})
@flow
def characters(text: str, at: int) -> list[str]:
    return [text[0], text[-1], text[1], text[at]]


@case(result=["zero", "off", 0, "0"], given={"level": 0})
@case(result=["two", "on", 2, "2"], given={"level": 2})
@case(result=["none", "off", None, "None"], given={"level": None})
@case(result=["one", "on", 1, "1"])
@flow
def choices_of_numbers(level: Literal[0, 1, 2] | None = 1) -> list[object]:
    said = "none" if level is None else "zero"
    if level:
        said = "one" if level == 1 else "two"
    return [said, "on" if level else "off", level, f"{level}"]


@case(result=["no", False, True, "False"])
@case(result=["yes", True, False, "True"], given={"wanted": True})
@flow
def choices_of_bools(wanted: Literal[True, False] = False) -> list[object]:
    return ["yes" if wanted else "no", wanted, not wanted, f"{wanted}"]


@case(result=[True, False], given={"limit": "none"})
@case(result=[False, True], given={"limit": 5})
@flow
def choices_of_several_types(limit: Literal["none", 5]) -> list[bool]:
    return [limit == "none", limit == 5]


@case(result=["tried", "a failed", "done"], calls=["act a", "act tidy"])
@flow
def changing_around_finally() -> list[str]:
    """The list is returned after the `finally`, which can no longer change it."""
    log: list[str] = []
    try:
        log.append("tried")
        fake.act(name="a", fails="NoMatch")
    except NoMatch as error:
        log.append(error.cause)
    finally:
        fake.act(name="tidy")
    log.append("done")
    if not log:
        raise Failed("nothing")
    return log
