"""Random expressions and statements over text, pairs, records and groups; of right types, and nothing in them fails.

Their values are those that go wrong: empty text, characters beyond ASCII, blanks at the ends, negative numbers, large
ones.
"""

from __future__ import annotations

from random_expressions import Expressions, Place

RECORDS = '''

class Row(TypedDict):
    """A record as a dict."""

    name: str
    size: int


@dataclass
class Host:
    """A record with attributes."""

    name: str
    size: int = LIMIT
'''
"""Stands at the head of a program that draws these."""


class Features(Expressions):
    """Writes what the flow language takes of text, pairs and records."""

    def literal(self) -> str:
        """A constant text, now and then of what separates, or of what is not ASCII."""
        if self.chance(75):
            return super().literal()
        return self.pick(
            '"k=v=w"',
            '" a, b,c "',
            '"x\\r\\ny\\n"',
            '"\\t"',
            '"東京 🚀都"',
            '"ß\\u2028İ"',
            '"a\\u3000b"',
            '"//a/b/"',
            '"-7"',
        )

    def separator(self) -> str:
        """A text to look for or to divide by; never empty."""
        return self.pick('"="', '","', '"a"', '"/"', '"\\n"', '"🚀"', '"k="', '"ß"', '"$1"', '" "')

    def text(self, place: Place) -> str:
        """A str that grows slowly."""
        if self.chance(50):
            return super().text(place)
        s, a = self.random.choice(place.texts), self.random.choice(place.ints)
        end = self.pick("strip", "lstrip", "rstrip")
        cut = self.pick("removeprefix", "removesuffix")
        start = self.random.randint(-1, 2)
        parts = self.pick("partition", "rpartition")
        characters = self.pick("", '"="', '"$1"', '" /"', '"a]^-=ß"')
        column = self.pick("<", ">", "^", "*^", "é>", "=<") + str(self.random.randint(1, 9))
        digits = self.pick("03d", ",", "+d", ">8", "<5", "^7", "*^9", "08d", "d", "5", "+,d", "-d")
        return self.pick(
            f"{s}.lower()",
            f"{s}.{end}({characters})",
            f"{s}.{cut}({self.literal()})",
            f"{s}.replace({self.separator()}, {self.literal()})[:80]",
            f"{s}.{parts}({self.separator()})[{self.pick('0', '1', '2', '-1')}]",
            f'f"{{{s}:{column}}}"',
            f'f"{{{s}:.{self.random.randint(0, 4)}}}"',
            f'f"{{{self.number(a)}:{self.format()}}}"',
            f'f"{{{a}:{digits}}}"',
            f"{self.separator()}.join({self.words(place)})[:80]",
            f"({self.words(place)} + [{self.literal()}])[{self.pick('0', '-1')}]",
            f'"".join([f"{{i}}{{w}}" for i, w in enumerate({self.words(place)}, start={start})])[:80]',
            f'";".join([f"{{k}}={{v}}" for k, v in {self.random.choice(place.dicts)}.items()])'
            if place.dicts
            else '""',
            f'{{{s}: "x", "k": {s}}}.get({self.random.choice(place.texts)}, {self.literal()})',
            f"{s}[{self.integer(place, 0)}:{self.pick('', self.integer(place, 0))}]",
        )

    def number(self, name: str) -> str:
        """A float; no negative nought."""
        return self.pick(
            f"{name} / 3",
            f"{name} * 1234567.891",
            f"{name} + 0.125",
            f"{name} - 0.5",
            f"{name} * 1e15",
            f"{name} / 7e6",
            f"round({name} / 7, 2)",
            f"{name} * 98765432109.5",
            f"{name} + 2.675",
        )

    def format(self) -> str:
        """How a float is written."""
        sign, comma = self.pick("", "", "+"), self.pick("", "", ",")
        kind = f".{self.random.randint(0, 3)}{self.pick('f', 'f', '%')}"
        return f"{sign}{self.pick('', '9', '12', '' if comma else '09')}{comma}{kind}"

    def words(self, place: Place) -> str:
        """A list of texts."""
        s, t = (self.random.choice(place.texts) for _ in range(2))
        xs = self.random.choice(place.lists)
        ways = [
            f"{s}.split()",
            f"{s}.split({self.separator()})",
            f"{s}.{self.pick('split', 'rsplit')}({self.separator()}, {self.random.randint(-1, 3)})",
            f"{s}.split({t} or {self.separator()})",
            f"{s}.splitlines()",
            f"[{s}, {t}, {self.literal()}]",
            f"[str(x) for x in {xs}]",
            f"[w.strip() for w in {s}.split({self.separator()}) if w]",
            f"sorted([{s}, {t}, {self.literal()}], reverse=True)",
            f"sorted({s}.split({self.separator()}), key=lambda w: (len(w), w))",
            f"sorted({s}.split({self.separator()}), key=len, reverse=True)",
            f"{s}.split({self.separator()})[{self.pick('1:', ':-1', '-2:', ':1')}]",
        ]
        if place.dicts:
            d = self.random.choice(place.dicts)
            ways += [
                f"sorted({d})",
                f"list({d}.keys())",
                f"[k for k, v in {d}.items() if v > {self.integer(place, 0)}]",
            ]
        return self.random.choice(ways)

    def integer(self, place: Place, depth: int = 2) -> str:
        """An int that stays small."""
        if depth == 0 or self.chance(80):
            return super().integer(place, depth)
        s, xs, ys = self.random.choice(place.texts), self.random.choice(place.lists), self.random.choice(place.lists)
        ways = [
            f"{s}.count({self.separator()})",
            f"{s}.find({self.separator()})",
            f"len({self.words(place)})",
            f"sum([i * x for i, x in enumerate({xs}, start=1)])",
            f"sum(x * y for x, y in zip({xs}, {ys}))",
            f"min(len(w) for w in {self.words(place)} + [{self.literal()}])",
            f"max({xs} + [{self.random.randint(-3, 9)}])",
            f"len([i for i, x in enumerate({xs}) if x != i])",
            f"int(round({self.number(self.random.choice(place.ints))}, 1)) % 97",
        ]
        if place.dicts:
            d = self.random.choice(place.dicts)
            ways += [f"sum({d}.values())", f"sum(v for k, v in {d}.items() if k != {self.key()})"]
        return self.random.choice(ways)

    def test(self, place: Place, depth: int = 2) -> str:
        """A bool."""
        if depth == 0 or self.chance(75):
            return super().test(place, depth)
        s, t = self.random.choice(place.texts), self.random.choice(place.texts)
        return self.pick(
            f"{s}.{self.pick('startswith', 'endswith')}(({self.literal()}, {self.literal()}))",
            f"({self.literal()} in {s})",
            f"({s} in {self.words(place)})",
            f"({s} {self.pick('<', '<=', '>', '!=')} {self.pick(t, self.literal())})",
            f"any(w.startswith({self.literal()}) for w in {self.words(place)})",
            f"all({self.separator()} in w for w in {self.words(place)})",
            f"({self.words(place)} == [{s}])",
        )

    def numbers(self, place: Place) -> str:
        """A list of ints that grows slowly."""
        if self.chance(65):
            return super().numbers(place)
        xs, ys, n = self.random.choice(place.lists), self.random.choice(place.lists), self.integer(place, 0)
        ways = [
            f"[len(w) for w in {self.words(place)}]",
            f"[i for i, x in enumerate({xs}) if x > {n}]",
            f"[x + y for x, y in zip({xs}, {ys})]",
            f"sorted({xs}, key=lambda x: (x % 2, -x))",
            f"{xs}[{n}:]",
            f"{xs}[:{n}]",
            f"{xs}[{self.integer(place, 0)}:{n}]",
        ]
        if place.dicts:
            d = self.random.choice(place.dicts)
            ways += [f"list({d}.values())", f"[v for k, v in {d}.items() if k > {self.key()}]"]
        return self.random.choice(ways)

    def mapping(self, place: Place) -> str:
        """A dict of ints, with no keys that are whole numbers."""
        if self.chance(60):
            return super().mapping(place)
        d, n = self.random.choice(place.dicts), self.integer(place, 0)
        return self.pick(
            f'{{f"n{{w}}": len(w) for w in {self.words(place)}}}',
            f"{{k: v + 1 for k, v in {d}.items() if v != {n}}}",
            f'{{f"x{{i}}": x for i, x in enumerate({self.random.choice(place.lists)})}}',
            f'{{"k": 1, f"y{{{self.random.choice(place.ints)}}}": {n}, {self.key()}: 2}}',
        )

    def add(self, indent: str, line: str) -> None:
        """Where a line goes."""
        raise NotImplementedError

    def feature(self, place: Place, indent: str) -> None:
        """A few lines about pairs, groups or records, which end in a number."""
        free = [v for v in place.ints if v not in place.fixed]
        if free:
            write = self.random.choice([self.pairs, self.groups, self.rows, self.hosts])
            write(place, indent, self.random.choice(free))

    def pairs(self, place: Place, indent: str, target: str) -> None:
        """A list of pairs, gone through and unpacked."""
        pairs, k, v = self.name("pairs"), self.name("k"), self.name("v")
        s = self.random.choice(place.texts)
        self.add(indent, f"{pairs} = [({s}, {self.integer(place, 1)}), ({self.literal()}, {self.integer(place, 0)})]")
        ways = [
            [f"for {k}, {v} in {pairs}:", f"    {target} = ({target} + {v} + len({k})) % 97"],
            [f"for {k}_i, ({k}, {v}) in enumerate({pairs}):", f"    {target} = ({target} + {v} * {k}_i) % 97"],
            [f"for {k}, {v} in sorted({pairs}, key=lambda p: p[1], reverse=True):", f"    {target} = {v} % 97"],
            [f"{k}, {v} = {pairs}[{self.pick('0', '-1')}]", f"{target} = ({v} + len({k})) % 97"],
            [f"{target} = sum([v for k, v in {pairs} if k != {self.literal()}]) % 97"],
            [
                f"for {k}, {v} in sorted({self.random.choice(place.dicts)}.items(), key=lambda p: (-p[1], p[0])):",
                f"    {target} = ({target} * 2 + {v} + len({k})) % 97",
            ],
            [
                f"{k}_all = list(zip({self.random.choice(place.lists)}, [p[0] for p in {pairs}]))",
                f"{target} = len([x for x, w in {k}_all if w])",
            ],
            [f"{target} = {{k: v for k, v in {pairs}}}.get({s}, 5) % 97"],
        ]
        for line in self.random.choice(ways):
            self.add(indent, line)

    def groups(self, place: Place, indent: str, target: str) -> None:
        """A dict of lists, filled and gone through."""
        groups, k, v = self.name("groups"), self.name("k"), self.name("v")
        self.add(indent, f"{groups}: dict[str, list[int]] = {{}}")
        for _ in range(self.random.randint(0, 3)):
            value = self.pick(f"[{self.integer(place, 0)}]", "[]", f"[x for x in {self.random.choice(place.lists)}]")
            key = self.pick(self.key(), f'f"g{{{self.random.choice(place.ints)}}}"')
            self.add(indent, f"{groups}[{key}] = {value}")
        ways = [
            [f"for {k}, {v} in {groups}.items():", f"    {target} = ({target} * 2 + len({v}) + len({k})) % 97"],
            [f"for {v} in {groups}.values():", f"    {target} = ({target} * 2 + sum({v})) % 97"],
            [f"for {v} in sorted({groups}.values(), key=len):", f"    {target} = ({target} * 2 + len({v})) % 97"],
            [f"{target} = sum([len(v) * len(k) for k, v in {groups}.items()]) % 97"],
            [f"{target} = len({groups}.get({self.key()}, [])) + len({groups})"],
            [f"{target} = len([x for x in {groups}.values() if x == []])"],
            [f"{target} = sum([n for n in {{k: len(v) for k, v in {groups}.items()}}.values()])"],
        ]
        for line in self.random.choice(ways):
            self.add(indent, line)

    def rows(self, place: Place, indent: str, target: str) -> None:
        """Records as dicts, changed in place and sorted."""
        rows, row = self.name("rows"), self.name("row")
        made = f'{{"name": {self.text(place)}, "size": {self.integer(place, 1)}}}'
        self.add(indent, f"{row}: Row = {made}")
        self.add(indent, f'{row}["size"] = {self.integer(place, 1)}')
        self.add(indent, f'{rows}: list[Row] = [{{"name": {self.literal()}, "size": {row}["size"]}}]')
        if self.chance(60):
            self.add(indent, f'{rows}.append({{"name": {row}["name"], "size": {self.integer(place, 0)}}})')
        self.add(
            indent,
            self.pick(
                f'{target} = sum(r["size"] for r in {rows}) % 97',
                f'{target} = sorted({rows}, key=lambda r: r["size"], reverse=True)[0]["size"] % 97',
                f'{target} = len(",".join([r["name"] for r in {rows}])) % 97',
                f'{target} = {row}.get("size", 0) % 97',
                f'{target} = len(sorted({rows}, key=lambda r: (r["name"], r["size"]))[-1]["name"])',
                f'{target} = int({rows} == [{{"size": {row}["size"], "name": {row}["name"]}}])',
            ),
        )

    def hosts(self, place: Place, indent: str, target: str) -> None:
        """Records with attributes."""
        hosts = self.name("hosts")
        first, second = f"Host({self.text(place)}, size={self.integer(place, 1)})", f"Host(name={self.literal()})"
        self.add(indent, f"{hosts} = [{first}, {second}]")
        self.add(
            indent,
            self.pick(
                f"{target} = sum([h.size for h in {hosts} if h.name]) % 97",
                f"{target} = sorted({hosts}, key=lambda h: (h.size, h.name))[0].size % 97",
                f"{target} = len(sorted({hosts}, key=lambda h: h.name, reverse=True)[0].name)",
                f"{target} = int({hosts}[0] == Host({self.literal()}))",
                f'{target} = len("/".join(f"{{h.name:<4}}{{h.size:,}}" for h in {hosts}))',
            ),
        )
