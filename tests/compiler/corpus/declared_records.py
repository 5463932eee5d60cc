"""Records a flow declares itself: a TypedDict is read by key, a dataclass by attribute, in both worlds."""

from dataclasses import dataclass, field
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


@dataclass
class Disk:
    """A disk, with defaults."""

    name: str
    size: int = 8
    tags: list[str] = field(default_factory=list)


@case(
    [["a", 1], 6, {"name": "b", "ids": [], "note": None}, [8, 3], ["x"], [], "c", {"name": "a", "size": 8, "tags": []}]
)
@flow
def made_by_calls(n: int = 3) -> list[object]:
    row = Row(name="a", ids=["i-1"], note=None)
    rows = [Row(name=f"{i}", ids=["x" for _ in range(i)], note="n") for i in range(4)]
    disks = [Disk("a"), Disk("c", n, tags=["x"])]
    smallest = sorted(disks, key=lambda disk: disk.size)[0]
    sizes = [disk.size for disk in disks]
    return [
        [row["name"], len(row["ids"])],
        sum(len(r["ids"]) for r in rows),
        Row(name="b", ids=[], note=None),
        sizes,
        disks[1].tags,
        disks[0].tags,
        smallest.name,
        disks[0],
    ]


class Size(TypedDict):
    name: str
    size: int


class Table(TypedDict):
    rows: list[Size]
    first: Size | None
    by: dict[str, Size]


def sizes(n: int) -> list[Size]:
    return [{"name": f"{k}", "size": k} for k in range(n)]


def total(rows: list[Size]) -> int:
    return sum(row["size"] for row in rows)


@flow
def grown(row: Size, by: int = 1) -> Size:
    return {"name": row["name"] + "+", "size": row["size"] + by} if by > 0 else {"name": "", "size": 0}


@case([9, 3, "a+", 2], calls=[])
@flow
def dict_literals_where_one_is_wanted(n: int = 1) -> list[object]:
    """Inside of lists and dicts, on either way of a condition, added, appended, returned, given to a flow."""
    rows: list[Size] = [{"name": "a", "size": n}] if n > 0 else []
    rows = rows + [{"name": "b", "size": 2}]
    rows += [{"name": "c", "size": 3}]
    rows.append({"name": "d", "size": 3})
    table: Table = {"rows": sizes(3), "first": {"name": "e", "size": 3}, "by": {"x": {"name": "f", "size": 5}}}
    first = table["first"]
    made = grown(row={"name": "a", "size": n})
    return [total(rows), total(table["rows"]) if first is not None else 0, made["name"], made["size"]]


@case([5, {"name": "b", "size": 5}, 2, {"name": "x", "size": 7}], calls=["act value", "act key"])
@flow
def values_of_keys_changed() -> list[object]:
    """Of a TypedDict and of a dict of them; the value is evaluated before the key."""
    row: Size = {"name": "a", "size": 1}
    row["size"] = fake.act(name="value").length
    row["name"] = "b"
    by: dict[str, Size] = {}
    by["y"] = {"name": "y", "size": 2}
    by[fake.act(name="key").name] = {"name": "x", "size": 7}
    return [row["size"], row, by["y"]["size"], by["key"]]
