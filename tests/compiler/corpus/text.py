"""Text: f-strings, methods, and characters that mean something to Step Functions or CloudFormation."""

import fake
from expect import case

from nightshift import Failed, flow

QUOTED = 'it\'s "quoted" \\ and {% not code %} ${not.a.placeholder}\nsecond line'
WIDTH = 3


@case(result="a-b")
@flow
def concatenation(a: str = "a", b: str = "b") -> str:
    return a + "-" + b


@case(result="i-1 has 3 volumes, ready: True, parent: None")
@flow
def f_string(name: str = "i-1", n: int = 3, ready: bool = True, parent: str | None = None) -> str:
    return f"{name} has {n} volumes, ready: {ready}, parent: {parent}"


@case(result="{braces} and %} and {% too 1")
@flow
def braces(n: int = 1) -> str:
    return f"{{braces}} and %}} and {{% too {n}"


@case(result=["3.14", "2.00", "1,234.5", "007", "1,234,567", "42", "1,234,567", "3"])
@flow
def format_specs(x: float = 3.14159, n: int = 7, big: int = 1234567) -> list[str]:
    return [f"{x:.2f}", f"{2.0:.2f}", f"{1234.5:,.1f}", f"{n:03d}", f"{big:,}", f"{42:d}", f"{big:,d}", f"{x:.0f}"]


@case(result=["-05", "-1,234", "-3.14", "1234"])
@flow
def format_of_negative_numbers(n: int = -5, m: int = -1234, x: float = -3.14159) -> list[str]:
    return [f"{n:03d}", f"{m:,}", f"{x:.2f}", f"{-m:03d}"]


@case(result=QUOTED, calls=["act it's"])
@flow
def quotes_and_placeholders() -> str:
    """What looks like an expression or a placeholder is text."""
    fake.act(name="it's")
    return QUOTED


@case(
    result=[QUOTED + "!", True, "${x}", "{%", "{% 1 + 1 %}"],
    calls=['echo labels={"${k}": "{% v %}"} value="${fake.act} {% $x %}"'],
)
@flow
def placeholders_as_values(s: str = QUOTED) -> list[str | bool]:
    fake.echo(value="${fake.act} {% $x %}", labels={"${k}": "{% v %}"})
    return [s + "!", s == QUOTED, "${" + "x}", "{%", "{% 1 + 1 %}"]


@case(result="日本語 naïve 🚀 – ok", calls=["act 止める 🚀"])
@flow
def unicode(name: str = "止める 🚀") -> str:
    fake.act(name=name)
    return "日本語 naïve " + "🚀" + " – ok"


@case(result=["line one\nline two\ttab", 2, "\\n stays"])
@flow
def newlines(s: str = "line one\nline two\ttab") -> list[str | int]:
    return [s, len(s.split("\n")), "\\n stays"]


@case(result=["ab", "AB", "aXc", "a$1c", "aa", "a.b", "abab"])
@flow
def methods(s: str = "aB", dots: str = "a.b.") -> list[str]:
    return [
        s.lower(),
        s.upper(),
        "abc".replace("b", "X"),
        "abc".replace("b", "$1"),
        "aba".replace("b", ""),
        dots.replace("b.", "b"),
        "xbxb".replace("x", "a"),
    ]


@case(result=[True, False, True, False, True, False, True, True])
@flow
def starts_and_ends(s: str = "prod-web") -> list[bool]:
    return [
        s.startswith("prod"),
        s.startswith("web"),
        s.endswith("web"),
        s.endswith("prod"),
        s.startswith(""),
        "a".startswith("ab"),
        s.endswith(""),
        s.endswith(s),
    ]


@case(result=[["a", "b"], ["a"], [""], ["", ""], 3])
@flow
def split(s: str = "a,b") -> list[list[str] | int]:
    return [s.split(","), "a".split(","), "".split(","), ",".split(","), len("a b c".split(" "))]


@case(result=["a, b", "a", "", "a--b"])
@flow
def join(xs: list[str] = ["a", "b"]) -> list[str]:
    empty: list[str] = []
    return [", ".join(xs), ", ".join(["a"]), ", ".join(empty), "--".join([x for x in xs])]


@case(result="1, 2, 3")
@flow
def join_of_numbers(xs: list[int] = [1, 2, 3]) -> str:
    return ", ".join([str(x) for x in xs])


@case(result=["5", "True", "None", "text", "-3"])
@flow
def str_of_values(n: int = 5, yes: bool = True, no: str | None = None) -> list[str]:
    return [str(n), str(yes), str(no), str("text"), str(-3)]


@case(result=[3, 0, 4])
@flow
def length(s: str = "abc") -> list[int]:
    return [len(s), len(""), len(f"{s}!")]


@case(result="x: 1\nx: 2\n")
@flow
def text_built_in_a_loop() -> str:
    text = ""
    for n in [1, 2]:
        text += f"x: {n}\n"
    return text


@case(result=["b < a", "a & b", "<tag>", "'", '"', "a\\b", "$x $$ `y`", "/re/", "#"])
@flow
def characters_of_jsonata(a: str = "a") -> list[str]:
    return [f"b < {a}", f"{a} & b", f"<{'tag'}>", "'", '"', f"{a}\\b", "$x $$ `y`", "/re/", "#"]


@case(result="yes", calls=["act {%notcode"], given={"s": "{%notcode"})
@flow
def text_like_code_from_outside(s: str) -> str:
    fake.act(name=s)
    return "yes" if s == "{%notcode" else "no"


@case(fails='Failed: bad "name" {% x %} ${y}')
@flow
def awkward_error_message() -> None:
    raise Failed('bad "name" {% x %} ${y}')


@case(result=1)
@flow
def docstring_with_a_placeholder() -> int:
    """Costs ${5} a {% day %}."""
    return 1


@case(result=1)
@flow
def docstring_of_blanks() -> int:
    """ """
    return 1


@case(["=====", "-=-=", "", "a---b"])
@flow
def lines_of_one_sign() -> list[str]:
    return ["=" * 5, 2 * "-=", "x" * 0, "a" + "-" * WIDTH + "b"]
