"""Error classes with an `__init__` of their own: the message is what it gives to `super().__init__`."""

from typing import Any

import fake
from expect import case

from nightshift import Failed, NightshiftError, NoMatch, flow, parallel

SITE = "tokyo"


class Down(Failed):
    """A host is down."""

    def __init__(self, host: str, since: int = 5, *, site: str = SITE) -> None:
        """Words the message."""
        super().__init__(f"host {host} in {site} is down since {since} minutes")
        self.host = host


class Gone(Down):
    """It has the message of its base."""


class Fixed(Failed):
    """Always the same message."""

    def __init__(self) -> None:
        super().__init__("nothing to do")


@case(fails="Down: host web1 in tokyo is down since 5 minutes", given={"host": "web1"})
@flow
def raised(host: str) -> None:
    raise Down(host)


@case(["Gone", "host b in osaka is down since 7 minutes"])
@flow
def raised_and_caught() -> list[str]:
    SITE = "nara"  # noqa: N806
    try:
        raise Gone("b", 7, site="osaka" if SITE else "")
    except Down as e:
        return [e.error, e.cause]


@case("host x in tokyo is down since 5 minutes")
@flow
def raised_in_a_branch() -> str:
    def bad() -> None:
        raise Down(host="x")

    try:
        parallel(bad)
    except NightshiftError as e:
        return e.cause
    return ""


@case([["Fixed", "nothing to do"], ["Fixed", "nothing to do"]])
@flow
def without_parameters() -> list[list[str]]:
    said: list[list[str]] = []
    for called in [True, False]:
        try:
            if called:
                raise Fixed()
            raise Fixed
        except Fixed as e:
            said = said + [[e.error, e.cause]]
    return said


@case(["Down", "host a in tokyo is down since 5 minutes"], calls=["act between"], given={"again": True})
@case("nothing", calls=["act between"], given={"again": False})
@flow
def raised_later(again: bool) -> Any:
    """An error that is kept, and raised again when something else has been done."""
    kept = None
    try:
        if again:
            raise Down(host="a")
    except Down as e:
        kept = e
    fake.act(name="between")
    try:
        if kept is not None:
            raise kept
    except Failed as e:
        return [e.error, e.cause]
    return "nothing"


@case(fails="NoMatch: b failed", calls=["act a", "act b", "act c"])
@flow
def the_last_of_several() -> None:
    last = None
    for name in ["a", "b", "c"]:
        try:
            fake.act(name=name, fails="NoMatch" if name == "b" else None)
        except NoMatch as e:
            last = e
    if last is not None:
        raise last
