"""Helpers and constants of a module beside the flow's file: they read what is around them there."""

import beside
import fake
from beside import LIMIT, acted, limit
from expect import case

from nightshift import flow, for_each, parallel

SUFFIX = "?"


@case(
    [3, 6, 4, "a!", "none", ["b!"], ["c!", "d"], "e?"],
    calls=["act a!", "act b!", "act c!", "act d", "act e?"],
)
@flow
def helpers_of_another_file() -> list[object]:
    each = [acted("a"), beside.acted("x")]
    items = for_each(["b"], acted)
    both = parallel(lambda: acted("c"), lambda: fake.act(name="d").name)
    return [LIMIT, limit(), limit(1), each[0], each[1], items, both, fake.act(name="e" + SUFFIX).name]
