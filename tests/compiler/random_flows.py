"""Random flows: nested control flow around calls that succeed or raise; of right types, and ending, by construction.

A program is drawn from a `random.Random`, so Hypothesis can shrink it and a seed alone can repeat it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from random_expressions import Place
from random_features import RECORDS, Features

HEAD = '''"""A random flow."""

from dataclasses import dataclass
from typing import Any, TypedDict

import fake

from nightshift import AccessDenied, Failed, NoMatch, PartError, PartFailed, ServiceError, flow, for_each, parallel


LIMIT = 4


class Own(Failed):
    """An error of this file."""


class Special(Own):
    """A subclass of it."""


class Worded(Own):
    """An error that words its message itself."""

    def __init__(self, what: str, often: int = LIMIT) -> None:
        super().__init__(f"{what} x{often}")


def same(ids: list[str]) -> list[str]:
    return ids


def first(a: int, b: int = LIMIT) -> int:
    return a


def length(values: list[Any], least: int = LIMIT) -> int:
    if len(values) > least:
        return least
    return len(values)
'''

PART_ERRORS = ["NoMatch", "PartFailed", "ServiceError", "AccessDenied"]
FLOW_ERRORS = ["Failed", "Own", "Special", "NoMatch", "Worded"]
CLAUSES = [
    "Special",
    "Worded",
    "Own",
    "Failed",
    "NoMatch",
    "PartFailed",
    "AccessDenied",
    "ServiceError",
    "PartError",
    "Exception",
]
"""Of any two the narrower class is first, so that each clause of a `try` can be reached."""


@dataclass
class Writer(Features):
    """Writes one program."""

    lines: list[str] = field(default_factory=list)

    def block(self, place: Place, indent: str, least: int = 1) -> None:
        """A few statements."""
        for _ in range(self.random.randint(least, 3)):
            self.statement(place, indent)

    def add(self, indent: str, line: str) -> None:
        """A line."""
        self.lines.append(indent + line)

    def statement(self, place: Place, indent: str) -> None:
        """One statement, of those that may stand here."""
        kinds = [self.assign] * 6 + [self.call] * 6 + [self.anything] * 2 + [self.feature] * 3
        if self.chance(8):
            kinds += [self.large] * 4
        if place.guarded or place.loop or self.chance(15):
            kinds += [self.leave, *([self.raise_] if place.guarded and not place.safe else [])] * 2
        if place.helpers:
            kinds += [self.help_] * 2
        if place.depth > 0:
            kinds += [self.branch] * 3 + [self.loop] * 2 + [self.repeat] + [self.try_] * 5
            if place.sides > 0:
                kinds += [self.side_by_side, self.each]
        self.random.choice(kinds)(place, indent)

    def assign(self, place: Place, indent: str) -> None:
        """An assignment that keeps numbers small."""
        known = (*place.ints, *place.texts, *place.lists, *place.maybes, *place.dicts)
        target = self.random.choice([v for v in known if v not in place.fixed])
        if target in place.maybes:
            self.add(indent, f"{target} = {self.pick('None', self.integer(place), self.integer(place))}")
        elif target in place.dicts:
            self.add(indent, f"{target} = {self.mapping(place)}")
        elif target in place.ints:
            self.add(
                indent, self.pick(f"{target} = ({self.integer(place)}) % 97", f"{target} += {self.integer(place, 0)}")
            )
        elif target in place.texts:
            self.add(indent, f"{target} = {self.text(place)}")
        else:
            self.add(indent, f"{target} = {self.numbers(place)}")

    def fails(self, place: Place) -> str:
        """Whether a call fails: mostly not, always, or as a test says."""
        error = f'"{self.random.choice(PART_ERRORS)}"'
        if place.safe or self.chance(45 if place.guarded else 92):
            return ""
        return self.pick(f", fails={error}", f", fails={error} if {self.test(place, 1)} else None")

    def call(self, place: Place, indent: str) -> None:
        """A call of a part."""
        label = f"{self.pick('stop', 'tidy', 'scan')}{self.random.randint(1, 9)}"
        free = [v for v in place.ints if v not in place.fixed]
        target = f"{self.random.choice(free)} = " if free and self.chance(50) else ""
        name = f'f"{label}-{{{self.random.choice(place.ints)}}}"' if self.chance(40) else f'"{label}"'
        if target and self.chance(40):
            self.add(indent, f"{target}fake.number(value={self.integer(place)}).value % 50")
        elif self.chance(25):
            waiting = f"fake.work(name={name}, looks={self.random.randint(0, 2)}{self.fails(place)})"
            self.add(indent, f"{target}{waiting}.looks" if target else waiting)
        else:
            acting = f"fake.act(name={name}{self.fails(place)})"
            self.add(indent, f"{target}{acting}.length" if target else acting)

    def large(self, place: Place, indent: str) -> None:
        """A result that may be too large for a state, counted and read in several ways."""
        free = [v for v in place.ints if v not in place.fixed]
        if not free or place.loop:
            self.call(place, indent)
            return
        target, ids = self.random.choice(free), self.name("ids")
        found = f"fake.inventory(count={self.pick('3', '3', '700', '2000')})"
        test = self.test(place, 1)
        ways = [
            [f"{ids}: list[str] = {found}.matched"],
            [f"{ids}: list[str] = []", f"if {test}:", f"    {ids} = {found}.matched"],
            [f"{ids} = same({found}.matched)"],
            [f"{ids}_all = {found}", f'{ids} = ["i-0"] if {test} else {ids}_all.matched'],
            [f"{ids}_all = {found}", f"{ids}_none: list[str] = []", f"{ids} = {ids}_none or {ids}_all.matched"],
            [f"{ids}_all = {found}", f"{ids} = [t for t in {ids}_all.tags]"],
        ]
        for line in self.random.choice(ways):
            self.add(indent, line)
        read = self.pick(
            f"len({ids})",
            f'len([i for i in {ids} if i.endswith("1")])',
            f"int({ids} == same({ids}))",
            f'int("i-00000000000000001" in {ids})',
            f'len(",".join({ids}[:3]))',
            f"len(sorted({ids})[-2:])",
        )
        self.add(indent, f"{target} = {read} % 97")

    def anything(self, place: Place, indent: str) -> None:
        """Lists of which the items are lists, nothing or of any type, counted and compared."""
        free = [v for v in place.ints if v not in place.fixed]
        if not free:
            self.call(place, indent)
            return
        xs, kept, maybe = self.random.choice(place.lists), self.name("kept"), self.name("some")
        self.add(indent, f"{maybe}: list[int] | None = {self.pick('None', xs, f'{xs} + [1]')}")
        self.add(indent, f"{kept}: list[Any] = []")
        for _ in range(self.random.randint(1, 2)):
            item = self.pick(xs, maybe, self.integer(place, 1), kept, "None", f"fake.echo(value={xs}).value")
            self.add(indent, f"{kept} = {kept} + [{item}]")
        target = self.random.choice(free)
        value = self.pick(
            f"length({kept})",
            f"length({kept}, {self.integer(place, 0)})",
            f"len([{maybe}, {xs}, {kept}])",
            f"len([x for x in {kept} if x != {self.integer(place, 0)}])",
            f"int([{maybe}] == [{xs}])",
            f"len({maybe} or [])",
            f"int(any(not x for x in [{maybe}, {xs}]))",
            f"int(all([{xs}, {maybe}]))",
            f"first(len({kept}), {self.integer(place, 1)})",
            f"first(len({kept}[1:]))",
        )
        self.add(indent, f"{target} = {value}")

    def raise_(self, place: Place, indent: str) -> None:
        """A raise, mostly under a condition."""
        if self.chance(80):
            self.add(indent, f"if {self.test(place, 1)}:")
            indent += "    "
        ways = [f"raise {self.random.choice(FLOW_ERRORS)}({self.text(place)})"] * 3
        if place.handling is not None:
            ways += ["raise", f"raise {place.handling}" if place.handling else "raise"]
        self.add(indent, self.random.choice(ways))

    def leave(self, place: Place, indent: str) -> None:
        """break, continue or return, mostly under a condition."""
        if self.chance(90):
            self.add(indent, f"if {self.test(place, 1)}:")
            indent += "    "
        ways = ["break", "continue"] * 3 if place.loop else []
        self.add(indent, self.random.choice([*ways, f"return {self.integer(place)}"]))

    def help_(self, place: Place, indent: str) -> None:
        """A call of a helper."""
        free = [v for v in place.ints if v not in place.fixed]
        helper = f"{self.random.choice(place.helpers)}({self.integer(place, 1)}, {self.text(place)})"
        self.add(indent, f"{self.random.choice(free)} = {helper} % 90" if free and self.chance(70) else helper)

    def branch(self, place: Place, indent: str) -> None:
        """if, elif, else."""
        self.add(indent, f"if {self.test(place)}:")
        self.block(place.deeper(), indent + "    ")
        for _ in range(self.random.choice([0, 0, 1])):
            self.add(indent, f"elif {self.test(place)}:")
            self.block(place.deeper(), indent + "    ")
        if self.chance(50):
            self.add(indent, "else:")
            self.block(place.deeper(), indent + "    ")

    def loop(self, place: Place, indent: str) -> None:
        """A for over a few items; the list it goes over is left alone inside."""
        item, xs = self.name("item"), self.random.choice(place.lists)
        few = ", ".join(str(self.random.randint(-2, 5)) for _ in range(self.random.randint(1, 3)))
        over = self.pick(xs, f"range({self.random.randint(0, 3)})", f"[{few}]", f"enumerate({xs})")
        target = f"{self.name('at')}, {item}" if over.startswith("enumerate") else item
        self.add(indent, f"for {target} in {over}:")
        inside = replace(place.deeper(), loop=True, ints=(*place.ints, item), fixed=place.fixed | {xs, item})
        self.block(inside, indent + "    ")
        self.loop_else(place, indent)

    def loop_else(self, place: Place, indent: str) -> None:
        """The else of a loop, sometimes."""
        if self.chance(25):
            self.add(indent, "else:")
            self.block(place.deeper(), indent + "    ")

    def repeat(self, place: Place, indent: str) -> None:
        """A while that ends after a few passes, whatever its body does."""
        passes = self.name("passes")
        self.add(indent, f"{passes} = 0")
        more = f" and {self.test(place, 1)}" if self.chance(50) else ""
        self.add(indent, f"while {passes} < {self.random.randint(0, 3)}{more}:")
        self.add(indent + "    ", f"{passes} += 1")
        inside = replace(place.deeper(), loop=True, ints=(*place.ints, passes), fixed=place.fixed | {passes})
        self.block(inside, indent + "    ")
        self.loop_else(place, indent)

    def try_(self, place: Place, indent: str) -> None:
        """try with clauses, else and finally in every combination."""
        clauses = sorted(self.random.sample(CLAUSES, self.random.choice([0, 1, 1, 2])), key=CLAUSES.index)
        self.add(indent, "try:")
        self.block(replace(place.deeper(), guarded=place.guarded or bool(clauses)), indent + "    ")
        for clause in clauses:
            error = self.name("error") if self.chance(60) else ""
            self.add(indent, f"except {clause} as {error}:" if error else f"except {clause}:")
            texts = [t for t in place.texts if t not in place.fixed]
            if error and texts:
                self.add(indent + "    ", f'{texts[0]} = {error}.error + "|" + {error}.cause')
            self.block(replace(place.deeper(), handling=error), indent + "    ")
        if clauses and self.chance(30):
            self.add(indent, "else:")
            self.block(place.deeper(), indent + "    ")
        if not clauses or self.chance(50):
            self.add(indent, "finally:")
            self.block(replace(place.deeper(), handling=None), indent + "    ")

    def inner(self, place: Place, indent: str, parameter: str) -> str:
        """A nested function with variables of its own, which reads those around it."""
        function, number, text, numbers = (self.name(s) for s in ("branch", "n", "s", "xs"))
        outer = frozenset((*place.ints, *place.texts, *place.lists, *place.maybes, *place.dicts))
        inside = Place(
            (*place.ints, number, *([parameter] if parameter else [])),
            (*place.texts, text),
            (*place.lists, numbers),
            place.maybes,
            place.dicts,
            fixed=outer | {parameter},
            guarded=place.guarded,
            safe=place.safe,
            helpers=place.helpers,
            depth=place.depth - 1,
            sides=place.sides - 1,
        )
        self.add(indent, f"def {function}({parameter}):")
        indent += "    "
        self.add(indent, f"{number} = 1")
        self.add(indent, f'{text} = "t"')
        self.add(indent, f"{numbers}: list[int] = []")
        self.block(inside, indent)
        self.add(indent, f"return {self.integer(inside)}")
        return function

    def side_by_side(self, place: Place, indent: str) -> None:
        """parallel of a nested function and a lambda."""
        place = replace(place, loop=False, handling=None)
        first = self.inner(place, indent, "")
        free = [v for v in place.ints if v not in place.fixed]
        second = f'lambda: fake.act(name="{self.name("side")}"{self.fails(place)}).length'
        if len(free) > 1 and self.chance(70):
            a, b = self.random.sample(free, 2)
            self.add(indent, f"{a}, {b} = parallel({first}, {second})")
        else:
            self.add(indent, f"parallel({first}, {second})")

    def each(self, place: Place, indent: str) -> None:
        """for_each of a nested function over a list."""
        # Beyond 40 at a time the other items are finished after one failed, as docs/language.md says.
        at_most = self.pick("", ", at_most=2", ", at_most=50")
        safe = place.safe or "50" in at_most
        place = replace(place, loop=False, handling=None, safe=safe, helpers=() if safe else place.helpers)
        function = self.inner(place, indent, self.name("each"))
        xs = self.random.choice(place.lists)
        free = [v for v in place.lists if v not in place.fixed and v != xs]
        target = f"{self.random.choice(free)} = " if free else ""
        self.add(indent, f"{target}for_each({self.pick(xs, '[1, 2]')}, {function}{at_most})")

    def function(self, name: str, helpers: tuple[str, ...], *, is_flow: bool) -> None:
        """A helper or the flow."""
        self.lines += ["", ""]
        if is_flow:
            self.add("", "@flow")
            self.add("", f"def {name}(a: int = {self.random.randint(-2, 6)}):")
        else:
            self.add("", f"def {name}(a: int, s: str) -> int:")
        self.add("    ", f"b = {self.random.randint(0, 5)}")
        if is_flow:
            self.add("    ", f"s = {self.literal()}")
            self.add("    ", f"t = {self.literal()}")
        self.add("    ", "xs: list[int] = [1, 2]" if self.chance(70) else "xs: list[int] = []")
        self.add("    ", "ys: list[int] = [3]")
        self.add("    ", self.pick("o = None", "o: int | None = None", "o: int | None = 4"))
        self.add("    ", 'd: dict[str, int] = {"k": 1}' if self.chance(70) else "d: dict[str, int] = {}")
        texts = ("s", "t") if is_flow else ("s",)
        place = Place(("a", "b"), texts, ("xs", "ys"), ("o",), ("d",), guarded=not is_flow, helpers=helpers)
        self.block(place if is_flow else replace(place, depth=2, sides=1), "    ", least=2)
        self.add("    ", "return [a, b, s, t, xs, ys, o, d]" if is_flow else f"return {self.integer(place)}")


def program(random: Random) -> str:
    """The source of a file with a flow named `random_flow`."""
    writer = Writer(random)
    helpers: tuple[str, ...] = ()
    for number in range(random.randint(0, 2)):
        writer.function(f"helper{number}", helpers, is_flow=False)
        helpers = (*helpers, f"helper{number}")
    writer.function("random_flow", helpers, is_flow=True)
    return HEAD + RECORDS + "\n".join(writer.lines) + "\n"
