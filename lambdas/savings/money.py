"""What the hours saved are worth: hours of a type, multiplied by its on-demand price in its Region."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypedDict

from lambdas.prices.kept import Known
from lambdas.prices.price_list import Kind, Price
from lambdas.savings.hours import Saved, hours_by


class Row(TypedDict):
    """A row of money saved, as pages, files and the command line tell it; None: not known."""

    type: str | None
    region: str
    hours: float
    price: float | None
    currency: str | None
    money: float | None


@dataclass(frozen=True)
class Worth:
    """The hours saved of a type in a Region. type: "" when it is not known. price: None when it is not.

    fetching: whether the price has not been asked for yet.
    """

    kind: Kind
    hours: float
    price: Price | None
    fetching: bool = False

    @property
    def money(self) -> float | None:
        """What they would have cost; None without a price."""
        return self.hours * self.price.amount if self.price else None

    def row(self) -> Row:
        """It as a row, hours to a few seconds and money to a hundredth of a cent."""
        return Row(
            type=self.kind.type or None,
            region=self.kind.region,
            hours=round(self.hours, 3),
            price=self.price.amount if self.price else None,
            currency=self.price.currency if self.price else None,
            money=None if self.money is None else round(self.money, 4),
        )


def worth(saved: Iterable[Saved], region: str, known: Callable[[list[Kind]], Known]) -> list[Worth]:
    """What these hours are worth, by Region and type. region: of the app. known: gives the prices of some kinds."""
    hours = hours_by(saved, lambda each: Kind(each.region or region, each.type))
    found = known([kind for kind in hours if kind.type])
    ordered = sorted(hours, key=lambda kind: (kind.region, kind.type))
    return [Worth(kind, hours[kind], found.prices.get(kind), kind in found.fetching) for kind in ordered]


def together(found: Iterable[Worth]) -> Price | None:
    """The money of all whose price is known, to a hundredth of a cent; None when that is none."""
    priced = [(each.money, each.price.currency) for each in found if each.money is not None and each.price]
    return Price(round(sum(money for money, _ in priced), 4), priced[0][1]) if priced else None
