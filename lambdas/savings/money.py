"""What the hours saved are worth: hours of a type, multiplied by its on-demand price in its Region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lambdas.savings.hours import Saved, hours_by
from lambdas.savings.prices import Kind, Price, prices


@dataclass(frozen=True)
class Worth:
    """The hours saved of a type in a Region. type: "" when it is not known. price: None when it is not."""

    kind: Kind
    hours: float
    price: Price | None

    @property
    def money(self) -> float | None:
        """What they would have cost; None without a price."""
        return self.hours * self.price.amount if self.price else None


def worth(table: Any, saved: Iterable[Saved], region: str, client: Any, *, keep: bool) -> list[Worth]:
    """What these hours are worth, by Region and type. region: of the app. client, keep: as `prices` takes them."""
    hours = hours_by(saved, lambda each: Kind(each.region or region, each.type))
    known = prices(table, (kind for kind in hours if kind.type), client, keep=keep)
    ordered = sorted(hours, key=lambda kind: (kind.region, kind.type))
    return [Worth(kind, hours[kind], known.get(kind)) for kind in ordered]


def together(found: Iterable[Worth]) -> Price | None:
    """The money of all whose price is known; None when that is none."""
    priced = [(each.money, each.price.currency) for each in found if each.money is not None and each.price]
    return Price(sum(money for money, _ in priced), priced[0][1]) if priced else None
