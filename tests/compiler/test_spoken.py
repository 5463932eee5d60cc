"""Tests, loops and waits of flows are said as an engineer would say them, in English and in Japanese."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdas.runs.tree import TreeNode
from nightshift.compiler import compile_file
from nightshift.compiler.spoken import spoken, spoken_test
from tests.compiler.test_tree import FILES

FLOW = '''
from dataclasses import dataclass

from lambdas.parts import aws, cloudwatch, ebs, ec2
from nightshift import Calendar, approval, flow, sleep, wait_until, window

JP = Calendar("JP", timezone="Asia/Tokyo")
HOURS = window("09:00-18:00", days="MON-FRI", calendar=JP, only="business days")


@dataclass
class Disk:
    size: int
    encrypted: bool
    parent: str | None


def is_large(n: int) -> bool:
    return n > 100


@flow
def spoken(
    ready: bool = True,
    names: list[str] = [],
    tags: dict[str, str] = {},
    name: str = "web",
    count: int = 1,
    other: int = 1,
    limit: int | None = None,
    note: str | None = None,
) -> None:
    """What the tests say."""
    answer = approval("Go on?", to="ops@example.com")
    found = ec2.describe_instances(tag="A=b")
    saved = ebs.describe_snapshots(snapshot_id="snap-0123456789abcdef0")
    alarms = cloudwatch.describe_alarms(alarm_arn="arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a")
    disk = Disk(count, ready, note)
    status = aws.call("rds", "describe_db_instances").DBInstances[0]
'''

# What the flow says, and how it is said.
TESTS = [
    ("answer.approved", "answer is approved", "answer で承認された"),
    ("not answer.approved", "answer is not approved", "answer で承認されなかった"),
    ("ready", "ready is true", "ready が真である"),
    ("not ready", "ready is false", "ready が偽である"),
    ("ready == True", "ready is true", "ready が真である"),
    ("ready == False", "ready is false", "ready が偽である"),
    ("disk.encrypted", "the encrypted of disk is true", "disk の encrypted が真である"),
    ("names", "names is not empty", "names が空ではない"),
    ("not names", "names is empty", "names が空である"),
    ("not tags", "tags is empty", "tags が空である"),
    ("name", "name is not empty", "name が空ではない"),
    ('name == ""', "name is empty", "name が空である"),
    ("count", "count is not 0", "count が 0 ではない"),
    ("not count", "count is 0", "count が 0 である"),
    ("limit is None", "limit is not set", "limit が設定されていない"),
    ("limit is not None", "limit is set", "limit が設定されている"),
    ("not limit", "limit has no value", "limit に値がない"),
    ("note", "note has a value", "note に値がある"),
    ("disk.parent is None", "the parent of disk is not set", "disk の parent が設定されていない"),
    ("found.matched", "something matched", "該当があった"),
    ("not found.matched", "nothing matched", "該当がなかった"),
    ("found.stopped", "something is stopped", "停止中のものがある"),
    ("not found.running", "nothing is running", "実行中のものがない"),
    ("not alarms.in_alarm", "nothing is in alarm", "アラーム状態のものがない"),
    ("len(found.matched) == 0", "nothing matched", "該当がなかった"),
    ("len(names) > 0", "names is not empty", "names が空ではない"),
    ("len(names) == 1", "names has exactly 1 item", "names がちょうど 1 件である"),
    ("len(names) >= 3", "names has at least 3 items", "names が 3 件以上である"),
    ("not len(names) > 3", "names has at most 3 items", "names が 3 件以下である"),
    ("len(name) < 9", "name has fewer than 9 characters", "name が 9 文字より少ない"),
    (
        "len(names) > len(found.matched)",
        "the number of names is more than the number of what found matched",
        "names の数が found の該当の数より大きい",
    ),
    ('name == "ok"', "name is “ok”", "name が “ok” である"),
    ('not name == "ok"', "name is not “ok”", "name が “ok” ではない"),
    ("count < other", "count is less than other", "count が other より小さい"),
    ("not count < other", "count is at least other", "count が other 以上である"),
    ("5 < count", "count is more than 5", "count が 5 より大きい"),
    (
        "1 < count <= 5",
        "count is more than 1 and count is at most 5",
        "count が 1 より大きい、かつ count が 5 以下である",
    ),
    ("count % 5 == 0", "count is divisible by 5", "count が 5 で割り切れる"),
    ("count % 5 != 0", "count is not divisible by 5", "count が 5 で割り切れない"),
    ("name in names", "name is in names", "name が names に含まれる"),
    ("name not in names", "name is not in names", "name が names に含まれない"),
    ('name in ["a", "b"]', "name is “a” or “b”", "name が “a”、“b” のいずれかである"),
    ('name not in ["a", "b", "c"]', "name is none of “a”, “b” and “c”", "name が “a”、“b”、“c” のいずれでもない"),
    ('"web" in name', "name contains “web”", "name に “web” が含まれる"),
    ('"web" not in name', "name does not contain “web”", "name に “web” が含まれない"),
    ('name.startswith("web")', "name begins with “web”", "name が “web” で始まる"),
    ('not name.endswith("2")', "name does not end with “2”", "name が “2” で終わらない"),
    ("HOURS.is_open()", "HOURS is open", "HOURS の時間内である"),
    ("not HOURS.is_open()", "HOURS is not open", "HOURS の時間外である"),
    ("not JP.is_business_day()", "it is no business day of JP", "JP の営業日ではない"),
    ("JP.business_day_of_month(-1)", "it is the last business day of the month (JP)", "JP の月の最終営業日である"),
    ("JP.business_day_of_month(3)", "it is business day 3 of the month (JP)", "JP の月の第 3 営業日である"),
    ("not is_large(count)", "is_large(count) is false", "is_large(count) が偽である"),
    (
        "ready and not names",
        "ready is true and names is empty",
        "ready が真である、かつ names が空である",
    ),
    (
        "not (ready or names)",
        "ready is false and names is empty",
        "ready が偽である、かつ names が空である",
    ),
    (
        "ready and count > 1 or not names",
        "ready is true and count is more than 1, or names is empty",
        "ready が真である、かつ count が 1 より大きい、または names が空である",
    ),
    (
        "(ready or names) and count == 1",
        "(ready is true or names is not empty) and count is 1",
        "(ready が真である、または names が空ではない)、かつ count が 1 である",
    ),
    (
        'any(one.startswith("web") for one in names)',
        "for some one of names, one begins with “web”",
        "names のいずれかの one で、one が “web” で始まる",
    ),
    (
        'not any(one.startswith("web") for one in names)',
        "for every one of names, one does not begin with “web”",
        "names のすべての one で、one が “web” で始まらない",
    ),
    (
        'status.DBInstanceStatus != "available"',
        "the DBInstanceStatus of status is not “available”",
        "status の DBInstanceStatus が “available” ではない",
    ),
    ('tags.get("Owner") is None', "the Owner of tags is not set", "tags の Owner が設定されていない"),
    ('names[0] == "a"', "the first of names is “a”", "names の先頭が “a” である"),
]
LOOPS = [
    ("for one in found.matched:", "For each one of what found matched", "found の該当の各 one について"),
    ("for number in range(3):", "For each number of the numbers 0 to 2", "0〜2 の数の各 number について"),
    ("for number in range(count):", "For each number of the numbers below count", "count 未満の数の各 number について"),
    ("for _ in range(3):", "3 times", "3 回繰り返し"),
    (
        "for number, one in enumerate(names):",
        "For each one of names, numbered by number",
        "names の各 one について (番号: number)",
    ),
    ("for key, one in tags.items():", "For each key and one of tags", "tags の各 key、one について"),
    ('for one in ["a", "b"]:', "For each one of “a” and “b”", "“a”、“b” の各 one について"),
    ("while count > other:", "As long as count is more than other", "count が other より大きい間、繰り返し"),
    ("while names:", "As long as names is not empty", "names が空ではない間、繰り返し"),
]
STEPS = [
    ("sleep(1)", "Wait 1 second", "1 秒待機"),
    ('sleep("90m")', "Wait 90 minutes", "90 分待機"),
    ('wait_until("22:00")', "Wait until 22:00", "22:00 まで待機"),
    (
        'aws.call("ec2", "describe_vpcs")',
        "Call describe_vpcs of ec2",
        "ec2 の describe_vpcs を呼び出し",
    ),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> list[TreeNode]:
    """The nodes of one flow that holds all tests, loops and steps, in their order."""
    lines = [f"    if {source}:\n        sleep(1)" for source, _, _ in TESTS]
    for source, _, _ in LOOPS:
        lines.append(f"    {source}\n        sleep(1)" + ("\n        break" if source.startswith("while") else ""))
    lines += [f"    {source}" for source, _, _ in STEPS]
    file = tmp_path_factory.mktemp("spoken") / "spoken.py"
    file.write_text(FLOW + "\n".join(lines) + "\n")
    (flow,) = compile_file(file)
    return list(flow.tree)


def test_tests_are_said_as_they_are_meant(tree: list[TreeNode]) -> None:
    assert len(TESTS) >= 40
    told = [(node.title, node.title_ja) for node in tree if node.kind == "if"]
    assert told == [(en, ja) for _, en, ja in TESTS]


def test_loops_are_said_as_they_are_meant(tree: list[TreeNode]) -> None:
    told = [(node.title, node.title_ja) for node in tree if node.kind == "loop"]
    assert told == [(en, ja) for _, en, ja in LOOPS]


def test_waits_and_calls_of_aws_are_said_with_what_they_are_given(tree: list[TreeNode]) -> None:
    told = [(node.title, node.title_ja) for node in tree if node.kind in ("wait", "part") and not node.parent]
    assert told[-len(STEPS) :] == [(en, ja) for _, en, ja in STEPS]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_test_of_a_shipped_flow_is_said_as_python(file: Path) -> None:
    for flow in compile_file(file):
        for node in flow.tree:
            if node.kind in ("if", "loop", "each"):
                assert not [sign for sign in ("not (", "there is", " == ", "()", "_", "None") if sign in node.title]
                assert "がある」" not in node.title_ja


def test_guard_rails_show_none_of_their_own_tests(tmp_path: Path) -> None:
    file = tmp_path / "guarded.py"
    file.write_text(
        "from lambdas.parts import ec2\n"
        "from nightshift import flow, for_each\n\n\n"
        "@flow\n"
        "def guarded(names: list[str] = []) -> None:\n"
        '    """Guarded."""\n'
        "    for_each(names, lambda name: ec2.stop_instances(instance_id=name).summary, at_most=2, max_failures=1)\n"
        "    ec2.start_instances(tag='A=b', accounts='*', regions=['eu-west-1'], max_failures='20%')\n"
    )
    (flow,) = compile_file(file)
    assert [(node.kind, node.title, node.title_ja, node.code) for node in flow.tree if node.kind != "part"] == [
        ("loop", "In waves of 2, as long as at most 1 failed", "2 件ずつ順に実行 (失敗が 1 件を超えたら中止)", ""),
        ("each", "For each of names, 2 at a time", "names のそれぞれについて、同時に 2 件まで", "names"),
        ("loop", "In waves of 10, as long as at most 20 % failed", "10 件ずつ順に実行 (失敗が 20% を超えたら中止)", ""),
        (
            "each",
            "For each of all accounts in “eu-west-1”, 10 at a time",
            "全アカウント (“eu-west-1”) のそれぞれについて、同時に 10 件まで",
            "accounts(ou='*', regions=['eu-west-1'])",
        ),
    ]


def test_values_without_words_stay_as_they_are_written() -> None:
    assert spoken("found.matched") == ("what found matched", "found の該当")
    assert spoken("n * 2 + 1") == ("n * 2 + 1", "n * 2 + 1")
    assert spoken_test("unknown(3)") == ("unknown(3) is true", "unknown(3) が真である")
