"""The report of a fan-out in JSONata: what `nightshift.fan_out.report` says under CPython."""

from __future__ import annotations

from typing import Literal

from nightshift.compiler.jsonata import Expr
from nightshift.fan_out import CAUSES, SHOWN

Kind = Literal["text", "target", "other"]
"""What the items are: texts name themselves, targets are named by account and Region, others not at all."""

_ACCOUNT: dict[Kind, str] = {
    "text": "$item",
    "target": '$item.account = "" ? $item.region : $item.name & " (" & $item.account & ")"',
    "other": '""',
}
_PLACE: dict[Kind, str] = {
    "text": "$item",
    "target": '$item.account = "" ? $item.region : $account($item) & ", " & $item.region',
    "other": '""',
}

# A list of one that a function gives is no list to JSONata, unless brackets are around it.
_REPORT = """(
$account := function($item) {{ {account} }};
$place := function($item) {{ {place} }};
$failed := {failed}; $left := {left}; $done := {done};
$told := function($f) {{ $substring($f.cause, 0, $length($account($f.item))) = $account($f.item)
  ? $f.cause : $place($f.item) & ": " & $f.cause }};
$causes := [$distinct([$map($failed, $told)])];
$troubled := $append([$map($failed, function($f) {{ $account($f.item) }})], [$map($left, $account)]);
$whole := [$distinct([$filter([$map($done, $account)], function($name) {{ $not($name in $troubled) }})])];
$part := [$map([$filter($done, function($item) {{ $account($item) in $troubled }})], $place)];
$line := function($title, $all) {{ (
  $names := [$filter($all, function($name) {{ $name != "" }})];
  $more := $count($names) > {shown} ? ["and " & $string($count($names) - {shown}) & " more"] : [];
  $count($names) = 0 ? [] : [$title & ": " & $join($append([$names[[0..{last}]]], $more), ", ")]
) }};
$join($reduce([
  {summary},
  [$map([$causes[[0..{last_cause}]]], function($cause) {{ "- " & $cause }})],
  $count($causes) > {causes} ? ["- and " & $string($count($causes) - {causes}) & " more"] : [],
  $line("Not started", [$map($left, $place)]), $line("Done", $whole), $line("Done there", $part)
], $append, []), "\\n"))"""


def fan_out_report(kind: Kind, summary: Expr, failed: Expr, left: Expr, done: Expr) -> str:
    """The JSONata of the report. kind: what the items are. failed: a list of `ItemFailure`."""
    code = _REPORT.format(
        account=_ACCOUNT[kind],
        place=_PLACE[kind],
        summary=summary.argument(),
        failed=failed.argument(),
        left=left.argument(),
        done=done.argument(),
        shown=SHOWN,
        last=SHOWN - 1,
        causes=CAUSES,
        last_cause=CAUSES - 1,
    )
    return " ".join(line.strip() for line in code.splitlines())
