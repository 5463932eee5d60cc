"""Text that is divided, searched and stripped, and laid out in columns."""

from expect import case

from nightshift import flow


@case(given={"s": ""}, result=[[], [""], [""], [""], [""], []])
@case(given={"s": " a  b\t"}, result=[["a", "b"], [" a  b\t"], [" a  b\t"], [" a  b\t"], [" a  b\t"], [" a  b\t"]])
@case(
    given={"s": "k=v\r\nx\n"},
    result=[["k=v", "x"], ["k", "v\r\nx\n"], ["k", "v\r\nx\n"], ["k", "v\r\nx\n"], ["k=v\r\nx\n"], ["k=v", "x"]],
)
@case(given={"s": "a=b=c"}, result=[["a=b=c"], ["a", "b=c"], ["a=b", "c"], ["a", "b", "c"], ["a=b=c"], ["a=b=c"]])
@flow
def divided(s: str, sep: str = "=") -> list[list[str]]:
    limited = s.split(sep, maxsplit=0)
    return [s.split(), s.split("=", 1), s.rsplit(sep, 1), s.split("=", -1), limited, s.splitlines()]


@case(given={"s": "key=a=b"}, result=["key", "=", "a=b", ["key=a", "=", "b"], 2, 3, -1, 4])
@case(given={"s": "key"}, result=["key", "", "", ["", "", "key"], 0, -1, -1, -1])
@flow
def searched(s: str) -> list[object]:
    head, sep, tail = s.partition("=")
    return [head, sep, tail, s.rpartition("="), s.count("="), s.find("="), s.find("x"), s.find("a")]


@case(result=2, given={"s": "i-1"})
@case(fails="States.QueryEvaluationError", cpython="ValueError", given={"s": "i-2"})
@flow
def where(s: str) -> int:
    return s.index("1")


@case(given={"s": "//logs/a/"}, result=["logs/a", "logs/a/", "//logs/a", "//logs/", "/logs/a/", "//logs/a/", "logs"])
@case(given={"s": "a"}, result=["a", "a", "a", "a", "a", "a", ""])
@case(given={"s": ""}, result=["", "", "", "", "", "", ""])
@flow
def without(s: str) -> list[str]:
    cut = s.removeprefix("/"), s.removesuffix("x")
    return [s.strip("/"), s.lstrip("/"), s.rstrip("/"), s.removesuffix("a/"), cut[0], cut[1], s.strip("/a]^-\\")]


@case(given={"s": "web"}, result=["   web|", "web   |", "web   |", " web  |", "***web***|", "we|", "web|"])
@case(given={"s": "東京🚀都市圏"}, result=["東京🚀都市圏|"] * 4 + ["*東京🚀都市圏**|", "東京|", "東京🚀都市圏|"])
@flow
def columns_of_text(s: str) -> list[str]:
    return [f"{s:>6}|", f"{s:<6}|", f"{s:6}|", f"{s:^6}|", f"{s:*^9}|", f"{s:.2}|", f"{s:s}|"]


@case(given={"n": 1234}, result=["  1234|", "1234  |", "  1234|", " 1234 |", "001234|", "+1234", "1,234", "   1,234|"])
@case(given={"n": -5}, result=["    -5|", "-5    |", "    -5|", "  -5  |", "-00005|", "-5", "-5", "      -5|"])
@flow
def columns_of_ints(n: int) -> list[str]:
    return [f"{n:>6}|", f"{n:<6}|", f"{n:6}|", f"{n:^6}|", f"{n:06d}|", f"{n:+}", f"{n:,}", f"{n:8,}|"]


@case(given={"x": 0.125}, result=["12%", "12.5%", "   0.12|", "0.1   |", "0000.12", "+0.1", " 12.5%|"])
@case(given={"x": -0.345}, result=["-34%", "-34.5%", "  -0.34|", "-0.3  |", "-000.34", "-0.3", "-34.5%|"])
@flow
def columns_of_floats(x: float) -> list[str]:
    return [f"{x:.0%}", f"{x:.1%}", f"{x:7.2f}|", f"{x:<6.1f}|", f"{x:07.2f}", f"{x:+.1f}", f"{x:6.1%}|"]


@case(result=[3, 0, 0, True, True, 2], given={"s": "ab", "part": ""})
@case(result=[1, 0, 0, True, True, 0], given={"s": "", "part": ""})
@case(result=[4, 0, 0, True, True, 3], given={"s": "日本🚀", "part": ""})
@case(result=[1, 1, 1, True, False, 0], given={"s": "ab", "part": "b"})
@flow
def looking_for_nothing(s: str, part: str) -> list[object]:
    """An empty text is before every character, and at the end."""
    return [s.count(part), s.find(part), s.index(part), part in s, s.startswith(part), s.count(part) - 1]
