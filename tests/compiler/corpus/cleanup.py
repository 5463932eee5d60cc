"""finally: the clean-up runs on every way out, and then the way goes on."""

import fake
from expect import case

from nightshift import Failed, NoMatch, flow


@case(result="done", calls=["act a", "act tidy", "act after"], given={"error": None})
@case(fails="PartFailed: a failed", calls=["act a", "act tidy"], given={"error": "PartFailed"})
@flow
def simple(error: str | None) -> str:
    try:
        fake.act(name="a", fails=error)
    finally:
        fake.act(name="tidy")
    fake.act(name="after")
    return "done"


@case(result=["from try", 1], calls=["act a", "act tidy"])
@flow
def return_through_finally() -> list[str | int]:
    """What is returned is computed before the clean-up."""
    n = 1
    try:
        fake.act(name="a")
        return ["from try", n]
    finally:
        n = 2
        fake.act(name="tidy")


@case(result="finally", calls=["act tidy"])
@flow
def return_in_finally_wins() -> str:
    try:
        return "try"
    finally:
        fake.act(name="tidy")
        return "finally"


@case(result="finally", calls=["act a", "act tidy"])
@flow
def return_in_finally_swallows_the_error() -> str:
    try:
        fake.act(name="a", fails="PartFailed")
    finally:
        fake.act(name="tidy")
        return "finally"


@case(fails="Failed: from finally", calls=["act a"])
@flow
def raise_in_finally_replaces_the_error() -> None:
    try:
        fake.act(name="a", fails="PartFailed")
    finally:
        raise Failed("from finally")


@case(fails="Failed: from finally")
@flow
def raise_in_finally_replaces_the_return() -> str:
    try:
        return "try"
    finally:
        raise Failed("from finally")


@case(fails="NoMatch: tidy failed", calls=["act a", "act tidy"])
@flow
def part_fails_in_finally() -> None:
    try:
        fake.act(name="a", fails="PartFailed")
    finally:
        fake.act(name="tidy", fails="NoMatch")


@case(result="caught", calls=["act a", "act handler", "act tidy", "act after"], given={"error": "NoMatch"})
@case(result="fine", calls=["act a", "act tidy", "act after"], given={"error": None})
@case(fails="PartFailed: a failed", calls=["act a", "act tidy"], given={"error": "PartFailed"})
@flow
def except_and_finally(error: str | None) -> str:
    said = "fine"
    try:
        fake.act(name="a", fails=error)
    except NoMatch:
        fake.act(name="handler")
        said = "caught"
    finally:
        fake.act(name="tidy")
    fake.act(name="after")
    return said


@case(fails="Failed: in the clause", calls=["act a", "act tidy"])
@flow
def raise_in_a_clause_before_finally() -> None:
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        raise Failed("in the clause")
    finally:
        fake.act(name="tidy")


@case(fails="NoMatch: a failed", calls=["act a", "act handler", "act tidy"])
@flow
def bare_raise_before_finally() -> None:
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        fake.act(name="handler")
        raise
    finally:
        fake.act(name="tidy")


@case(result="handler", calls=["act a", "act tidy"])
@flow
def return_in_a_clause_before_finally() -> str:
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        return "handler"
    finally:
        fake.act(name="tidy")
    return "after"


@case(result="else", calls=["act a", "act else", "act tidy"], given={"error": None})
@case(result="except", calls=["act a", "act tidy"], given={"error": "NoMatch"})
@case(fails="PartFailed: else failed", calls=["act a", "act else", "act tidy"], given={"error": "else"})
@flow
def all_four_parts(error: str | None) -> str:
    try:
        fake.act(name="a", fails="NoMatch" if error == "NoMatch" else None)
    except NoMatch:
        said = "except"
    else:
        fake.act(name="else", fails="PartFailed" if error == "else" else None)
        said = "else"
    finally:
        fake.act(name="tidy")
    return said


@case(result=[1, 2], calls=["act 1", "act tidy", "act 2", "act tidy"])
@flow
def finally_in_a_loop() -> list[int]:
    seen: list[int] = []
    for n in [1, 2]:
        try:
            fake.act(name=f"{n}")
            seen = seen + [n]
        finally:
            fake.act(name="tidy")
    return seen


@case(result=1, calls=["act 1", "act tidy 1", "act after"])
@flow
def break_through_finally() -> int:
    n = 0
    for n in [1, 2, 3]:
        try:
            fake.act(name=f"{n}")
            break
        finally:
            fake.act(name=f"tidy {n}")
    fake.act(name="after")
    return n


@case(result=[2], calls=["act tidy 1", "act 2", "act tidy 2"])
@flow
def continue_through_finally() -> list[int]:
    seen: list[int] = []
    for n in [1, 2]:
        try:
            if n == 1:
                continue
            fake.act(name=f"{n}")
            seen = seen + [n]
        finally:
            fake.act(name=f"tidy {n}")
    return seen
