"""Values under a declared type: dict literals as TypedDicts, and what was Any, which fails where it is not that."""

from typing import Any, NotRequired, TypedDict

import fake
from expect import case

from nightshift import flow, for_each

NOT_IT = "States.QueryEvaluationError"
LATE = {"moto": "its error is States.Runtime where an argument or a branch fails to be evaluated"}


class Disk(TypedDict):
    """Part of a host."""

    size: int
    mode: NotRequired[str]


class Host(TypedDict):
    """A record of the file."""

    name: str
    disks: list[Disk]


def of_size(size: int) -> Disk:
    return {"size": size}


def larger(disk: Disk, than: int = 1) -> bool:
    return disk["size"] > than


@case(result=["a", 3, True, [1, 7], {"name": "b", "disks": []}])
@flow
def typed_dicts(size: int = 2) -> list[object]:
    host: Host = {"name": "a", "disks": [{"size": size + 1, "mode": "rw"}]}
    disks: list[Disk] = [{"size": 1}, of_size(7)]
    empty: Host = {"name": "b", "disks": []}
    return [
        host["name"],
        host["disks"][0]["size"],
        larger({"size": 5}, than=4),
        [disk["size"] for disk in disks],
        empty,
    ]


@case(result=3)
@case(result=4, given={"disk": {"size": 4}})
@flow
def typed_dict_default(disk: Disk = {"size": 3}, more: list[Disk] = [{"size": 1}]) -> int:
    return disk["size"] if more else 0


def count(names: list[str]) -> int:
    return len(names)


def as_names(value: Any) -> list[str]:
    return value


@case(result=[2, 2, 2], given={"value": ["a", "b"]})
@case(fails=NOT_IT, cpython_result=[2, 2, 2], given={"value": "ab"})
@case(fails=NOT_IT, cpython="TypeError", given={"value": None})
@case(fails=NOT_IT, cpython_result=[1, 1, 1], given={"value": [1]})
@flow
def a_list_of_text(value: Any) -> list[int]:
    """CPython takes a text for a list of its characters, JSONata for a list of one text."""
    names: list[str] = value
    return [len(names), count(value), len(as_names(value))]


@case(result="xa", given={"value": "x"})
@case(fails=NOT_IT, cpython="TypeError", given={"value": 5})
@case(fails=NOT_IT, cpython="TypeError", given={"value": None})
@flow
def a_text(value: Any) -> str:
    text = ""
    text = value
    return text + "a"


@case(result=[3, "2"], given={"value": 2})
@case(fails=NOT_IT, cpython_result=[3.5, "2.5"], given={"value": 2.5})
@case(fails=NOT_IT, cpython_result=[2, "True"], given={"value": True})
@flow
def an_int(value: Any) -> list[object]:
    number: int = value
    return [number + 1, f"{number}"]


@case(result="on", given={"value": True})
@case(result="off", given={"value": None})
@case(fails=NOT_IT, cpython_result="on", given={"value": "no"})
@flow
def a_bool_or_none(value: Any) -> str:
    wanted: bool | None = value
    return "on" if wanted else "off"


@case(result=[1, 5], given={"value": {"a": 5}})
@case(fails=NOT_IT, cpython="KeyError", given={"value": {}})
@case(fails=NOT_IT, cpython_result=[1, [5]], given={"value": {"a": [5]}})
@case(fails=NOT_IT, cpython="TypeError", given={"value": [5]})
@flow
def a_dict(value: Any) -> list[Any]:
    sizes: dict[str, int] = value
    return [len(sizes), sizes["a"]]


@case(result=[2, 1], given={"values": [["a", "b"], ["c"]]})
@case(fails=NOT_IT, cpython_result=[2, 1], given={"values": ["ab", "c"]}, unable=LATE)
@flow
def each_of_anything(values: list[Any]) -> list[int]:
    def one(names: list[str]) -> int:
        return len(names)

    return for_each(values, one)


@case(result=5, calls=["echo value=5"])
@flow
def what_a_part_gives_back() -> int:
    """The result of the call is checked where it gets its type."""
    number = 1
    number = fake.echo(value=5).value
    return number


@flow
def anything(value: Any) -> list[str]:
    return value


@case(result=1, given={"value": ["a"]})
@case(fails=NOT_IT, cpython_result=2, given={"value": "ab"}, unable=LATE)
@flow
def what_a_flow_declares(value: Any) -> int:
    return len(anything(value=value))
