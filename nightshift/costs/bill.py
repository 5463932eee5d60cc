"""Prices of a region, and a bill at them.

Not every price of every region is known here: where one is missing, that of us-east-1 stands in, and the bill says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

USUAL = "us-east-1"
"""The region all of whose prices are known."""

_PRICES = Path(__file__).parent / "prices.json"

Quantities = Mapping[str, float]
"""Item of the prices -> how much of it."""


@dataclass(frozen=True)
class Prices:
    """What is paid for each item in a region.

    units: what one of an item is, in words. missing: the items whose price in this region is not known, so that that
    of us-east-1 takes its place.
    """

    region: str
    currency: str
    date: str
    terms: str
    prices: Mapping[str, float]
    units: Mapping[str, str]
    sources: tuple[str, ...]
    missing: tuple[str, ...]

    @classmethod
    def of(cls, region: str) -> Prices:
        """Those of a region, by its id."""
        known = json.loads(_PRICES.read_text(encoding="utf-8"))
        items = known["items"]
        usual = {name: item["price"] for name, item in items.items()}
        own = usual if region == USUAL else known["regions"].get(region, {})
        return cls(
            region,
            known["currency"],
            known["date"],
            known["terms"],
            {**usual, **own},
            {name: item["unit"] for name, item in items.items()},
            tuple(sorted({item["source"] for item in items.values()})),
            tuple(name for name in items if name not in own),
        )

    def bill(self, quantities: Quantities) -> Bill:
        """What these quantities cost, in the order of the prices."""
        lines = [
            Line(name, self.units[name], quantities[name], price)
            for name, price in self.prices.items()
            if quantities.get(name)
        ]
        return Bill(tuple(lines), self.currency)

    def said(self) -> str:
        """Region, date and sources of the prices, and which are of another region."""
        where = f"Prices of {self.region}, {self.date}, {self.terms}: {', '.join(self.sources)}."
        if not self.missing:
            return where
        lacking = ", ".join(self.units[name] for name in self.missing)
        return f"{where} Not known here for {self.region}, and taken from {USUAL}: {lacking}."


@dataclass(frozen=True)
class Line:
    """A line of a bill: so much of an item, at its price."""

    item: str
    unit: str
    quantity: float
    price: float

    @property
    def amount(self) -> float:
        """What it comes to."""
        return self.quantity * self.price


@dataclass(frozen=True)
class Bill:
    """What is paid, by item."""

    lines: tuple[Line, ...]
    currency: str

    @property
    def total(self) -> float:
        """All lines."""
        return sum(line.amount for line in self.lines)

    def amount(self, *items: str) -> float:
        """What some of the items come to."""
        return sum(line.amount for line in self.lines if line.item in items)


def added(*given: Quantities) -> dict[str, float]:
    """Quantities taken together."""
    total: dict[str, float] = {}
    for quantities in given:
        for item, quantity in quantities.items():
            total[item] = total.get(item, 0.0) + quantity
    return total
