"""Records a flow declares itself: a TypedDict is read by key, a dataclass by attribute, in both worlds."""

from dataclasses import dataclass
from typing import TypedDict

import fake
from expect import case

from nightshift import flow


class Row(TypedDict):
    """A row of a table."""

    name: str
    ids: list[str]
    note: str | None


@dataclass
class Host:
    """A host."""

    name: str
    size: int
    parent: str | None
    tags: dict[str, str]


ROWS = [{"name": "a", "ids": ["i-1"], "note": None}, {"name": "b", "ids": [], "note": "n"}]
HOSTS = [
    {"name": "web", "size": 2, "parent": None, "tags": {"Tier": "web"}},
    {"name": "db", "size": 8, "parent": "web", "tags": {}},
]


def described(row: Row) -> str:
    return row["name"] + ":" + ",".join(row["ids"])


def larger(host: Host, than: int) -> bool:
    return host.size > than


@case([["a", "b"], ["a:i-1", "b:"], ["-", "n"], 1, True, False], given={"rows": ROWS})
@flow
def typed_dicts(rows: list[Row]) -> list[object]:
    notes: list[str] = []
    for row in rows:
        note = row["note"]
        notes = notes + [note if note is not None else "-"]
    first = rows[0]
    return [
        [row["name"] for row in rows],
        [described(row) for row in rows],
        notes,
        len(first["ids"]),
        "name" in first,
        "x" in first,
    ]


@case([["web", "db"], [False, True], "web", ["db <- web"], 10], given={"hosts": HOSTS})
@flow
def dataclasses(hosts: list[Host]) -> list[object]:
    return [
        [host.name for host in hosts],
        [larger(host, 4) for host in hosts],
        hosts[0].tags["Tier"],
        [host.name + " <- " + host.parent for host in hosts if host.parent is not None],
        sum([host.size for host in hosts]),
    ]


@case("db web", given={"host": HOSTS[1], "row": ROWS[1]}, calls=["act b"])
@case("web", given={"host": HOSTS[0]})
@flow
def one_of_each(host: Host, row: Row | None = None) -> str:
    if row is not None and row["note"] is not None and row["note"] == "n":
        fake.act(name=row["name"])
    if host.parent is not None:
        return host.name + " " + host.parent
    return host.name


@flow
def child(host: Host) -> str:
    return host.name


@case(["web", "db"], given={"hosts": HOSTS}, unable={"moto": "it takes no text as the result of a called flow"})
@flow
def given_to_a_flow(hosts: list[Host]) -> list[str]:
    return [child(host=hosts[0]), child(hosts[1])]


@case(["m-1 of 2", "none"], calls=["machines", "machines"])
@flow
def fields_that_were_tested() -> list[str]:
    """Of a result, and of a record in it."""
    said: list[str] = []
    for count in [2, 0]:
        found = fake.machines(count=count)
        if found.largest is not None and found.largest.parent is not None:
            said = said + [f"{found.largest.id} of {found.largest.size}"]
        else:
            said = said + ["none"]
    return said


@case(["b", "none", "a"], calls=['find ids=["b"]', "find ids=[]", 'find ids=["a"]'])
@flow
def tests_end_with_an_assignment() -> list[str]:
    first = fake.find(ids=["b"])
    said: list[str] = []
    if first.first:
        said = said + [first.first]
        first = fake.find(ids=[])
        said = said + [first.first if first.first is not None else "none"]
    second = fake.find(ids=["a"])
    return said + [second.first or "x"]
