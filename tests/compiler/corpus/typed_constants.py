"""Constants of a file under an annotation that says of TypedDicts, here and in a module beside it; pairs in order."""

from typing import TypedDict

import beside
import fake
from beside import ZONES, Zone
from expect import case

from nightshift import flow


class Row(TypedDict):
    name: str
    size: int


ROWS: list[Row] = [{"name": "a", "size": 2}, {"name": "b", "size": 1}]
BY_NAME: dict[str, Row] = {"x": {"name": "a", "size": 2}}
ONE: Row = {"name": "one", "size": 1}


def size(row: Row, plus: int = 0) -> int:
    return row["size"] + plus


def zone_of(zones: list[Zone], number: int) -> str:
    for zone in zones:
        if zone["number"] == number:
            return zone["name"]
    return "none"


@case([[2, 1], 2, 5, 1, ["b", "a"]])
@flow
def rows_of_the_file() -> list[object]:
    """Given to functions as what they are declared to be."""
    by_size = sorted(ROWS, key=lambda row: row["size"])
    return [
        [size(row) for row in ROWS],
        size(ROWS[0]),
        size(BY_NAME["x"], 3),
        size(ONE),
        [row["name"] for row in by_size],
    ]


@case(["east", "east", "none"], given={"number": 1})
@case(["west", "west", "none"], given={"number": 2})
@flow
def rows_of_a_module(number: int) -> list[str]:
    return [zone_of(ZONES, number), zone_of(beside.ZONES, number), zone_of(ZONES, 5)]


@case({"name": "c", "size": 3}, calls=["act a2", "act b1", "act c3"])
@flow
def rows_joined_with_others() -> Row:
    largest = ONE
    rows: list[Row] = ROWS + [{"name": "c", "size": 3}]
    for row in rows:
        fake.act(name=f"{row['name']}{row['size']}")
        if row["size"] > largest["size"]:
            largest = row
    return largest


@case([["B0", "a2", "b1", "é1"], ["é", "b", "a", "B"]], given={"d": {"b": [1], "a": [2, 3], "é": [4], "B": []}})
@case([[], []], given={"d": {}})
@flow
def items_in_order(d: dict[str, list[int]]) -> list[list[str]]:
    """By their keys, which differ; the values need not be comparable."""
    seen: list[str] = []
    for key, values in sorted(d.items()):
        seen.append(f"{key}{len(values)}")
    return [seen, [key for key, _ in sorted(d.items(), reverse=True)]]


@case([[["a", 1], ["a", 5], ["b", 1], ["b", 2]], ["a", "b", "b", "a"]], given={"names": ["b", "a", "b", "a"]})
@case([[], []], given={"names": []})
@flow
def pairs_in_order(names: list[str]) -> list[object]:
    """By the first, then by the second."""
    numbers = [2, 5, 1, 1]
    return [sorted(zip(names, numbers)), [name for _, name in sorted(zip(numbers, names), reverse=True)]]
