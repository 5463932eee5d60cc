"""raise, try, except, else: which clause takes which error, and what happens in clauses."""

import fake
from expect import case

from nightshift import (
    Failed,
    NightshiftError,
    NoMatch,
    PartError,
    PartFailed,
    ServiceError,
    Throttled,
    flow,
)


class OutOfQuota(Failed):
    """An error of this file."""


class SnapshotQuota(OutOfQuota):
    """A subclass of it."""


class Other(Failed):
    """Another one."""


@case(fails="Failed: no more disks", calls=["act a"])
@flow
def raise_ends_the_flow() -> None:
    fake.act(name="a")
    raise Failed("no more disks")


@case(fails="OutOfQuota: 7 of 5", given={"n": 7})
@case(result=3, given={"n": 3})
@flow
def raise_of_an_own_class(n: int) -> int:
    if n > 5:
        raise OutOfQuota(f"{n} of {5}")
    return n


@case(fails="Failed: ")
@flow
def raise_without_message() -> None:
    raise Failed()


@case(fails="Failed: ")
@flow
def raise_of_a_class() -> None:
    raise Failed


@case(fails="PartFailed: a failed", calls=["act a"])
@flow
def error_of_a_part_ends_the_flow() -> str:
    fake.act(name="a", fails="PartFailed")
    return "never"


@case(fails="PartTimeout", calls=["work a"], waits=[30])
@flow
def error_of_a_part_that_waited() -> None:
    fake.work(name="a", looks=1, fails="PartTimeout")


@case(result="PartFailed a failed", calls=["act a", "act after"])
@flow
def caught_with_name() -> str:
    said = ""
    try:
        fake.act(name="a", fails="PartFailed")
    except PartFailed as e:
        said = e.error + " " + e.cause
    fake.act(name="after")
    return said


@case(result="caught", calls=["act a", "act handler"])
@flow
def return_in_a_clause() -> str:
    try:
        fake.act(name="a", fails="NoMatch")
        return "try"
    except NoMatch:
        fake.act(name="handler")
        return "caught"


@case(result="NoMatch", calls=["act x"], given={"error": "NoMatch"})
@case(result="ServiceError", calls=["act x"], given={"error": "Throttled"})
@case(result="PartError", calls=["act x"], given={"error": "AccessDenied"})
@case(result="PartError", calls=["act x"], given={"error": "PartFailed"})
@case(result="none", calls=["act x"], given={"error": None})
@flow
def clauses_by_class(error: str | None) -> str:
    """The first clause whose class is the error's or one above it."""
    try:
        fake.act(name="x", fails=error)
    except NoMatch:
        return "NoMatch"
    except ServiceError:
        return "ServiceError"
    except PartError:
        return "PartError"
    return "none"


@case(result="some", calls=["act x"], given={"error": "NoMatch"})
@case(result="some", calls=["act x"], given={"error": "Throttled"})
@case(fails="PartFailed: x failed", calls=["act x"], given={"error": "PartFailed"})
@flow
def clause_of_several_classes(error: str) -> str:
    try:
        fake.act(name="x", fails=error)
    except (NoMatch, Throttled):
        return "some"
    return "none"


@case(result="Exception PartFailed", calls=["act x"], given={"error": "PartFailed"})
@case(result="no error", calls=["act x"], given={"error": None})
@flow
def except_exception(error: str | None) -> str:
    try:
        fake.act(name="x", fails=error)
    except Exception as e:
        return "Exception " + e.error
    return "no error"


@case(result="bare", calls=["act x"])
@flow
def bare_except() -> str:
    try:
        fake.act(name="x", fails="PartFailed")
    except:  # noqa: E722
        return "bare"
    return "no error"


@case(result=["own", "base", "other"], calls=[])
@flow
def own_classes_are_caught_by_their_bases() -> list[str]:
    seen: list[str] = []
    for n in range(3):
        try:
            if n == 0:
                raise SnapshotQuota("s")
            elif n == 1:
                raise OutOfQuota("q")
            else:
                raise Other("o")
        except SnapshotQuota:
            seen = seen + ["own"]
        except OutOfQuota:
            seen = seen + ["base"]
        except Failed:
            seen = seen + ["other"]
    return seen


@case(result="NightshiftError", calls=[])
@flow
def failed_is_no_part_error() -> str:
    try:
        raise Failed("x")
    except PartError:
        return "PartError"
    except NightshiftError:
        return "NightshiftError"


@case(result="outer PartFailed", calls=["act x"])
@flow
def not_caught_inside_caught_outside() -> str:
    try:
        try:
            fake.act(name="x", fails="PartFailed")
        except NoMatch:
            return "inner"
    except PartFailed as e:
        return "outer " + e.error
    return "none"


@case(result=["else", "after"], calls=["act a", "act else"], given={"error": None})
@case(result=["except", "after"], calls=["act a"], given={"error": "NoMatch"})
@flow
def try_else(error: str | None) -> list[str]:
    try:
        fake.act(name="a", fails=error)
    except NoMatch:
        said = ["except"]
    else:
        fake.act(name="else")
        said = ["else"]
    return said + ["after"]


@case(fails="PartFailed: else failed", calls=["act a", "act else"])
@flow
def error_in_else_is_not_caught() -> str:
    try:
        fake.act(name="a")
    except PartFailed:
        return "except"
    else:
        fake.act(name="else", fails="PartFailed")
    return "never"


@case(fails="Other: in the clause", calls=["act a", "act b"])
@flow
def raise_in_a_clause() -> None:
    """A sibling clause does not take what a clause raises."""
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        fake.act(name="b")
        raise Other("in the clause")
    except Other:
        fake.act(name="never")


@case(result="outer Other in the clause", calls=["act a"])
@flow
def raise_in_a_clause_caught_outside() -> str:
    try:
        try:
            fake.act(name="a", fails="NoMatch")
        except NoMatch:
            raise Other("in the clause")
    except Other as e:
        return "outer " + e.error + " " + e.cause
    return "never"


@case(fails="PartFailed: b failed", calls=["act a", "act b"])
@flow
def part_fails_in_a_clause() -> None:
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        fake.act(name="b", fails="PartFailed")


@case(fails="NoMatch: a failed", calls=["act a", "act tidy"])
@flow
def bare_raise() -> None:
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        fake.act(name="tidy")
        raise


@case(fails="NoMatch: a failed", calls=["act a", "act b"])
@flow
def bare_raise_after_another_error_was_handled() -> None:
    """`raise` raises the error of its own clause again, not the latest."""
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        try:
            fake.act(name="b", fails="PartFailed")
        except PartFailed:
            pass
        raise


@case(fails="NoMatch: a failed", calls=["act a"])
@flow
def raise_of_the_caught_error() -> None:
    try:
        fake.act(name="a", fails="NoMatch")
    except PartError as e:
        raise e


@case(result=["NoMatch", "PartFailed", "NoMatch"], calls=["act a", "act b"])
@flow
def nested_clauses_with_names() -> list[str]:
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch as e:
        first = e.error
        try:
            fake.act(name="b", fails="PartFailed")
        except PartFailed as inner:
            return [first, inner.error, e.error]
    return []
