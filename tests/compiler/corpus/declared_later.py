"""TypedDicts of a file whose annotations are text."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from expect import case

from nightshift import flow


class Disk(TypedDict):
    """A key that may be missing, which Python itself does not tell in such a file."""

    size: int
    mode: NotRequired[str]


@case(result=["rw", "none"])
@flow
def keys_that_may_be_missing() -> list[str]:
    disks: list[Disk] = [{"size": 1, "mode": "rw"}, {"size": 2}]
    return [disk["mode"] if "mode" in disk else "none" for disk in disks]
