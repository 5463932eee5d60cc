"""Random expressions of a known type, over the variables of a place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random


@dataclass(frozen=True)
class Place:
    """Where a statement stands.

    ints, texts, lists, maybes (int or None), dicts: the variables by type. fixed: those that must not be assigned.
    loop: whether `break` leads anywhere. guarded: whether a clause around may take an error.
    safe: nothing may fail here. helpers: functions to call.
    handling: name of the caught error, or None; "" for a clause without name.
    depth: how much deeper it may nest. sides: how many parallel and for_each may still nest.
    """

    ints: tuple[str, ...]
    texts: tuple[str, ...]
    lists: tuple[str, ...]
    maybes: tuple[str, ...] = ()
    dicts: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()
    loop: bool = False
    guarded: bool = False
    safe: bool = False
    handling: str | None = None
    helpers: tuple[str, ...] = ()
    depth: int = 3
    sides: int = 2

    def deeper(self) -> Place:
        """One level further in."""
        return replace(self, depth=self.depth - 1)


@dataclass
class Expressions:
    """Writes expressions of a known type."""

    random: Random
    serial: int = 0

    def name(self, stem: str) -> str:
        """A name not used before."""
        self.serial += 1
        return f"{stem}{self.serial}"

    def pick(self, *choices: str) -> str:
        """One of them."""
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        """True so often."""
        return self.random.randrange(100) < percent

    def integer(self, place: Place, depth: int = 2) -> str:
        """An int that stays small."""
        if depth == 0 or self.chance(35):
            return self.pick(*place.ints, str(self.random.randint(-3, 9)))
        a = self.integer(place, depth - 1)
        kind = self.random.randrange(8)
        if kind == 0:
            return f"({a} {self.pick('+', '-')} {self.integer(place, depth - 1)})"
        if kind == 1:
            return f"max({a}, {self.integer(place, depth - 1)})"
        if kind == 2:
            return f"({a} if {self.test(place, depth - 1)} else {self.integer(place, 0)})"
        if kind == 3:
            return f"int({self.test(place, depth - 1)})"
        if place.maybes and kind == 4:
            o, d = self.random.choice(place.maybes), self.random.choice(place.dicts)
            key = self.key()
            return self.pick(
                f"({o} or {a})",
                f"({a} if {o} is None else {o})",
                f"({o} if {o} is not None and {o} > {a} else {a})",
                f"{d}.get({key}, {a})",
                f"({d}[{key}] if {key} in {d} else {a})",
                f"len({d})",
                f"sum([{d}[k] for k in {d}])",
            )
        xs, s = self.random.choice(place.lists), self.random.choice(place.texts)
        return self.pick(
            f"{a} * {self.random.randint(-2, 3)}",
            f"{a} // {self.pick('2', '3', '-4')}",
            f"{a} % {self.pick('5', '-3')}",
            f"-({a})",
            f"abs({a})",
            f"len({xs})",
            f"len({s})",
            f"sum({xs})",
            f"sum([x for x in {xs} if x > {a}])",
            f"len({xs}[{self.pick('1', '-1', '0', '-2')}:])",
            f"len({s}[:{self.pick('2', '-1')}])",
            f"first({a}, {self.integer(place, depth - 1)})",
            f"round({a} / {self.pick('2', '3', '-4')})",
        )

    def test(self, place: Place, depth: int = 2) -> str:
        """A bool."""
        a = self.integer(place, 0)
        if depth == 0:
            return f"{a} < {self.integer(place, 0)}"
        kind = self.random.randrange(6)
        if kind == 0:
            return f"({self.test(place, depth - 1)} {self.pick('and', 'or')} {self.test(place, depth - 1)})"
        if kind == 1:
            return f"(not {self.test(place, depth - 1)})"
        if kind in (2, 3):
            return f"({self.integer(place, 1)} {self.pick('<', '<=', '==', '!=', '>', '>=')} {a})"
        if place.maybes and kind == 4:
            o = self.random.choice(place.maybes)
            return self.pick(f"({o} is None)", f"({o} is not None)", f"bool({o})", f"({o} == {a})", f"(not {o})")
        xs, s = self.random.choice(place.lists), self.random.choice(place.texts)
        return self.pick(
            f"({a} in {xs})",
            f"({a} < {self.integer(place, 0)} <= {self.random.randint(0, 9)})",
            f"bool({xs})",
            f"any(x == {a} for x in {xs})",
            f"all(x > {a} for x in {xs})",
            f"({s} == {self.literal()})",
            f"{s}.endswith({self.literal()})",
        )

    def key(self) -> str:
        """A key of a dict."""
        return self.pick('"k"', '"l"', '"m-1"')

    def literal(self) -> str:
        """A constant text, now and then an awkward one."""
        if self.chance(6):
            texts = ['{"errorMessage": "x"}', '{"errorMessage":"x', '{"Error":"Own","Cause":"y"}']
            return f"'{self.pick(*texts)}'"
        return self.pick('"a"', '"b-1"', '""', '"it\'s"', '"{% x %}"', '"${y}"', '"\\"q\\""', '"ü\\n"')

    def text(self, place: Place) -> str:
        """A str that grows slowly."""
        s, n = self.random.choice(place.texts), self.integer(place, 1)
        if '"' in n:
            # Before Python 3.12 an f-string may not hold its own quotes.
            n = self.integer(place, 0)
        if place.maybes and self.chance(20):
            return f'f"{{{self.random.choice(place.maybes)}}}"'
        return self.pick(
            self.literal(),
            f"{s} + {self.literal()}",
            f'f"{{{n}}}"',
            f'f"{{{s}}}:{{{n}}}"',
            f"{s}.upper()",
            f"{s}.strip()",
            f"{s}[:4]",
            f"({s} or {self.literal()})",
            f"({s} if {self.test(place, 1)} else {self.literal()})",
            f'",".join([str(x) for x in {self.random.choice(place.lists)}])',
        )

    def numbers(self, place: Place) -> str:
        """A list of ints that grows slowly."""
        xs, n = self.random.choice(place.lists), self.integer(place, 1)
        return self.pick(
            f"{xs} + [{n}]",
            f"[{n}]",
            "[]",
            f"[{n}, {self.integer(place, 1)}]",
            f"[x + 1 for x in {xs}]",
            f"[x for x in {xs} if x != {self.random.randint(0, 4)}]",
            f"sorted({xs})",
            f"sorted({xs}, key=lambda x: x % 3, reverse=True)",
            f"{xs}[:2]",
            f"{xs}[-2:]",
            f"({xs} if {self.test(place, 1)} else [{n}])",
        )

    def mapping(self, place: Place) -> str:
        """A dict of ints."""
        d, n = self.random.choice(place.dicts), self.integer(place, 1)
        return self.pick(
            f"{{{self.key()}: {n}}}",
            "{}",
            f'{{"k": {n}, "l": {self.integer(place, 1)}}}',
            f"{{k: {d}[k] + 1 for k in {d}}}",
            f'{{f"n{{x}}": x for x in {self.random.choice(place.lists)} if x > {n}}}',
        )
