"""finally inside finally, and finally with control flow of its own."""

import fake
from expect import case

from nightshift import NoMatch, PartFailed, flow


@case(result=7, calls=["act inner", "act outer"])
@flow
def return_through_two_finallys() -> int:
    try:
        try:
            return 7
        finally:
            fake.act(name="inner")
    finally:
        fake.act(name="outer")


@case(fails="PartFailed: a failed", calls=["act a", "act inner", "act outer"])
@flow
def error_through_two_finallys() -> None:
    try:
        try:
            fake.act(name="a", fails="PartFailed")
        finally:
            fake.act(name="inner")
    finally:
        fake.act(name="outer")


@case(result=[1], calls=["act inner 1", "act outer 1", "act after"])
@flow
def break_through_two_finallys() -> list[int]:
    seen: list[int] = []
    for n in [1, 2]:
        try:
            try:
                seen = seen + [n]
                break
            finally:
                fake.act(name=f"inner {n}")
        finally:
            fake.act(name=f"outer {n}")
    fake.act(name="after")
    return seen


@case(result=["1", "2"], calls=["act inner 1", "act outer 1", "act inner 2", "act outer 2"])
@flow
def continue_through_two_finallys() -> list[str]:
    seen: list[str] = []
    for n in [1, 2]:
        try:
            try:
                seen = seen + [f"{n}"]
                continue
            finally:
                fake.act(name=f"inner {n}")
        finally:
            fake.act(name=f"outer {n}")
    return seen


@case(result="caught PartFailed", calls=["act a", "act inner", "act handler", "act outer"])
@flow
def finally_inside_a_try_with_clause() -> str:
    said = ""
    try:
        try:
            fake.act(name="a", fails="PartFailed")
        finally:
            fake.act(name="inner")
    except PartFailed as e:
        fake.act(name="handler")
        said = "caught " + e.error
    finally:
        fake.act(name="outer")
    return said


@case(result="inner", calls=["act tidy"])
@flow
def error_in_finally_caught_outside() -> str:
    try:
        try:
            return "never"
        finally:
            fake.act(name="tidy", fails="NoMatch")
    except NoMatch:
        return "inner"


@case(result="try of finally", calls=["act a", "act tidy"])
@flow
def try_in_finally() -> str:
    said = ""
    try:
        fake.act(name="a")
    finally:
        try:
            fake.act(name="tidy", fails="NoMatch")
        except NoMatch:
            said = "try of finally"
    return said


@case(fails="PartFailed: a failed", calls=["act a", "act tidy"])
@flow
def try_in_finally_keeps_the_error() -> None:
    """An error handled inside the clean-up is not the one that goes on."""
    try:
        fake.act(name="a", fails="PartFailed")
    finally:
        try:
            fake.act(name="tidy", fails="NoMatch")
        except NoMatch:
            pass


@case(fails="PartFailed: a failed", calls=["act a", "act b", "act tidy b", "act tidy a"])
@flow
def finally_in_finally() -> None:
    try:
        fake.act(name="a", fails="PartFailed")
    finally:
        try:
            fake.act(name="b")
        finally:
            fake.act(name="tidy b")
        fake.act(name="tidy a")


@case(result=3, calls=["act 0", "act 1", "act 2"])
@flow
def loop_in_finally() -> int:
    n = 0
    try:
        n = 3
    finally:
        for i in range(n):
            fake.act(name=f"{i}")
    return n


@case(result=5, calls=["act 0", "act 1"])
@flow
def return_through_a_finally_with_a_loop() -> int:
    """The clean-up has a break of its own."""
    try:
        return 5
    finally:
        for i in range(5):
            fake.act(name=f"{i}")
            if i == 1:
                break


@case(result=[0, 1], calls=["act tidy 0", "act tidy 1"])
@flow
def break_in_finally_swallows_the_return() -> list[int]:
    seen: list[int] = []
    for n in range(3):
        try:
            seen = seen + [n]
            if n == 1:
                return [99]
        finally:
            fake.act(name=f"tidy {n}")
            if n == 1:
                break
    return seen


@case(result=[0, 2], calls=["act 0", "act 1", "act 2"])
@flow
def continue_in_finally_swallows_the_error() -> list[int]:
    seen: list[int] = []
    for n in range(3):
        failed = True
        try:
            fake.act(name=f"{n}", fails="NoMatch" if n == 1 else None)
            failed = False
        finally:
            if failed:
                continue
        seen = seen + [n]
    return seen


@case(result=None, calls=["act stop", "act snapshot", 'find ids=["stop"]', "act mail"], given={"error": None})
@case(
    fails="PartFailed: snapshot failed",
    calls=["act stop", "act snapshot", 'find ids=["stop"]'],
    given={"error": "PartFailed"},
)
@flow
def the_nightly_backup(error: str | None = None) -> None:
    stopped = fake.act(name="stop")
    try:
        snapshots = fake.act(name="snapshot", fails=error)
    finally:
        fake.find(ids=stopped.changed)
    fake.act(name="mail" if snapshots.changed else "nothing")


@case(result=[1, 2, 3, 4], calls=["act a", "act t1", "act t2"])
@flow
def assignments_in_every_part() -> list[int]:
    seen = [1]
    try:
        seen = seen + [2]
        fake.act(name="a")
    finally:
        fake.act(name="t1")
        seen = seen + [3]
        fake.act(name="t2")
        seen = seen + [4]
    return seen


@case(
    result=["a: fine", "b: NoMatch", "c: tidy c failed"],
    calls=[
        "act a",
        "act tidy a",
        "act b",
        "act tidy b",
        "act c",
        "act tidy c",
    ],
)
@flow
def every_way_in_one_loop() -> list[str]:
    said: list[str] = []
    for name in ["a", "b", "c"]:
        try:
            try:
                fake.act(name=name, fails="NoMatch" if name == "b" else None)
            finally:
                fake.act(name=f"tidy {name}", fails="PartFailed" if name == "c" else None)
            said = said + [f"{name}: fine"]
        except NoMatch as e:
            said = said + [f"{name}: {e.error}"]
        except PartFailed as e:
            said = said + [f"{name}: {e.cause}"]
    return said
