"""A flow that calls another flow: it waits for it, takes its result, or gets its error."""

import fake
from expect import case

from nightshift import Failed, NoMatch, PartFailed, flow, for_each, parallel


class Quota(Failed):
    """An error of this file."""


@case(result=3, given={"n": 2}, calls=["number value=2"])
@flow
def child(n: int, name: str = "none") -> int:
    return fake.number(value=n).value + len(name) - 3


@flow
def failing(kind: str = "part") -> None:
    fake.act(name="inner")
    if kind == "part":
        fake.act(name="bad", fails="PartFailed")
    if kind == "quota":
        raise Quota('too "many"\nlines')
    raise Failed("own")


@flow
def lists() -> list[str]:
    return fake.find(ids=["i-1"]).matched


@flow
def silent() -> None:
    fake.act(name="silent")


@case(result=[6, 9], calls=["number value=5", "number value=10"])
@flow
def results() -> list[int]:
    a = child(n=5)
    b = child(n=10, name="no")
    return [a, b]


@case(result=["i-1", 1], calls=['find ids=["i-1"]'])
@flow
def list_result() -> list[object]:
    found = lists()
    return [found[0], len(found)]


@case(result=None, calls=["act silent", "act after"])
@flow
def without_result() -> None:
    silent()
    fake.act(name="after")


@case(fails="PartFailed: bad failed", calls=["act inner", "act bad"])
@flow
def error_ends_the_caller() -> None:
    failing()


@case(result="PartFailed: bad failed", calls=["act inner", "act bad", "act after"])
@flow
def error_caught_by_the_caller() -> str:
    said = ""
    try:
        failing(kind="part")
    except NoMatch:
        said = "NoMatch"
    except PartFailed as e:
        said = f"{e.error}: {e.cause}"
    fake.act(name="after")
    return said


@case(result='Quota: too "many"\nlines', calls=["act inner"])
@flow
def own_error_caught_by_the_caller() -> str:
    try:
        failing(kind="quota")
    except Quota as e:
        return f"{e.error}: {e.cause}"
    return "never"


@case(fails="Failed: own", calls=["act inner", "act tidy"])
@flow
def error_through_a_finally() -> None:
    try:
        failing(kind="raise")
    except NoMatch:
        fake.act(name="never")
    finally:
        fake.act(name="tidy")


@case(result=[2, 3], calls=["number value=1", "number value=2"])
@flow
def in_a_loop() -> list[int]:
    seen: list[int] = []
    for n in [1, 2]:
        seen = seen + [child(n=n)]
    return seen


@case(result=[[2, 3], [4]], calls=["number value=1", "number value=2", "number value=3"])
@flow
def side_by_side() -> list[list[int]]:
    a, b = parallel(lambda: child(n=1), lambda: child(n=2))
    return [[a, b], for_each([3], lambda n: child(n=n))]


@flow
def middle(n: int) -> int:
    return child(n=n) * 10


@case(result=31, calls=["number value=2"])
@flow
def three_levels() -> int:
    return middle(n=2) + 1


@case(result=None, calls=["act silent"], dry_run=True)
@flow
def a_dry_run_is_dry_below_too() -> None:
    silent()
