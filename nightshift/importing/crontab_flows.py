"""Writes the jobs of a crontab as flows that run their commands by Systems Manager."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

from nightshift.importing.carried import Import, Note, checked
from nightshift.importing.crontab import Job, Times, read
from nightshift.importing.days import MONTHS, Days, all_days, leaps, names_of, schedule, schedules, span
from nightshift.importing.writing import (
    INDENT,
    Code,
    FlowCode,
    after,
    call,
    flow_file,
    identifier,
    keyed,
    lines_of,
    listed,
    quoted,
)

FILL_IN = "FillIn=the servers of this crontab"
"""The tag of servers that nobody has named: no instance has it, and the flow fails until somebody writes another."""

_WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FEW = 6
"""Times of day that are written as such; more are written as cron has them."""


def import_crontab(path: Path, tag: str | None = None, timezone: str | None = None, *, users: bool = False) -> Import:
    """A flow file for a crontab, with a flow for each job.

    tag: of the servers that ran it, "Role=batch". timezone: that of those servers; default: UTC, with a note.
    users: the sixth field is a user, as in /etc/crontab. Raises ImportProblem at what cannot be read, OSError.
    """
    imported, names = Import(), set[str]()
    jobs = read(path, users=users)
    if tag is None:
        _note(imported, jobs[0], "nobody said which servers ran it: write their tag as SERVERS, or give --tag")
    if timezone is None and any(job.zone is None for job in jobs):
        _note(imported, jobs[0], "its times are read as UTC; give --timezone if the servers have another")
    if not users:
        _note(imported, jobs[0], "commands run as root here; put `runuser -u USER --` before those that must not")
    written = [flow for job in jobs if (flow := _flow(job, timezone or "UTC", imported, names))]
    if written:
        servers = [f"SERVERS = {quoted(tag or FILL_IN)}"]
        doc = f"The jobs of the crontab {path.name}, which Systems Manager runs on the servers with a tag."
        files = set[str]()
        imported.files[f"{identifier(path.stem, files)}.py"] = flow_file(doc, [servers], written)
    return checked(imported)


def _flow(job: Job, zone: str, imported: Import, names: set[str]) -> FlowCode | None:
    if job.times is None:
        _note(imported, job, "@reboot has no time; let systemd or user data of the instance run it")
        return None
    when = _when(job, job.times, job.zone or zone, imported)
    if when is None:
        return None
    command, _, stdin = _percent(job.command)
    name = identifier(_called(command), names)
    options: list[Code] = [keyed("schedule", when), 'timeout="2h"']
    parameters: list[Code] = ["tag: str = SERVERS"]
    doc = job.comment or f"Run {_called(command)}, as the crontab did"
    flow = FlowCode(name, f"{doc.rstrip('.')}.", options, [], parameters, names_of(when), {"ssm"})
    if stdin:
        _note(imported, job, "what stands behind % was the input of the command: write it into the script as <<EOF")
    run = call("ssm.run_command", "tag=tag", keyed("command", _script(job, command)), "require_match=True")
    flow.body = _body(flow, job, run)
    return flow


def _body(flow: FlowCode, job: Job, run: Code) -> list[str]:
    """The command; where cron mailed what it wrote, a failure is mailed."""
    assert not isinstance(run, str)
    if not job.mail_to:
        return lines_of(after("return ", run, ".summary"), 1)
    flow.parameters.append(f"to: str = {quoted(job.mail_to.split(',')[0].strip())}")
    flow.parts.add("notify")
    flow.uses.add("NightshiftError")
    mail = call("notify.email", "to=to", keyed("subject", quoted(f"{flow.name} failed")), "body=problem.cause")
    return [
        f"{INDENT}try:",
        *lines_of(after("return ", run, ".summary"), 2),
        f"{INDENT}except NightshiftError as problem:",
        *lines_of(mail, 2),
        f"{INDENT * 2}raise",
    ]


def _script(job: Job, command: str) -> Code:
    """The command as a script, with the environment that the crontab gave it."""
    shell = job.environment.get("SHELL")
    lines = [f"#!{shell}"] if shell and shell != "/bin/sh" else []
    lines += [f"export {key}={shlex.quote(value)}" for key, value in job.environment.items() if key != "SHELL"]
    lines += [f"runuser -u {job.user} -- sh -c {shlex.quote(command)}" if job.user not in (None, "root") else command]
    return quoted(lines[0]) if len(lines) == 1 else listed(quoted(line) for line in lines)


def _when(job: Job, times: Times, zone: str, imported: Import) -> Code | None:
    found = list(_days(times))
    if not found:
        _note(imported, job, f"{job.written} names days that no cron expression of AWS can name; write a flow for it")
        return None
    clocks = [time(hour, minute) for hour in sorted(times.hours) for minute in sorted(times.minutes)]
    if len(clocks) <= _FEW:
        skipped = [clock for clock in clocks if leaps(clock, _falling(times), zone)]
        for clock in skipped:
            _note(imported, job, f"the clock of {zone} leaps over {clock:%H:%M} in spring; the flow skips that day")
        return schedules(schedule(clocks, days, zone) for days in found)
    options = [keyed("timezone", quoted(zone))] if zone != "UTC" else []
    return schedules(call("cron", quoted(_cron(times, days)), *options) for days in found)


def _falling(times: Times) -> Iterator[date]:
    """The days of a whole cycle of years on which the job runs."""
    for day in all_days():
        if day.month in times.months and _on(times, day):
            yield day


def _on(times: Times, day: date) -> bool:
    by_month, by_week = day.day in times.month_days, day.isoweekday() % 7 in times.week_days
    return by_month and by_week if times.starred else by_month or by_week


def _days(times: Times) -> Iterator[Days]:
    """The days of a job: of the month, of the week, or, where both are given, of either."""
    months = span(times.months, MONTHS, 1)
    month_days, week_days = len(times.month_days) < 31, len(times.week_days) < 7
    if month_days and week_days and times.starred:
        return
    if month_days:
        yield Days(span(times.month_days, range(1, 32), 1), months, "?")
    if week_days:
        yield Days("?", months, span(times.week_days, _WEEK, 0))
    if not month_days and not week_days:
        yield Days("?", months, "*")


def _cron(times: Times, days: Days) -> str:
    month_days, week_days = ("*", "?") if days.week_days == "*" else (days.month_days, days.week_days)
    minutes, hours = _steps(times.minutes, 60), _steps(times.hours, 24)
    return f"{minutes} {hours} {month_days} {days.months} {week_days} *"


def _steps(values: frozenset[int], count: int) -> str:
    """Minutes or hours, as a step where they are one."""
    ordered = sorted(values)
    step = ordered[1] - ordered[0] if len(ordered) > 2 else 1
    if step > 1 and ordered == list(range(ordered[0], count, step)):
        return f"{ordered[0]}/{step}"
    return span(values, range(count), 0)


def _percent(command: str) -> tuple[str, str, str]:
    """The command before the first % that is not escaped, that %, and what stands behind it."""
    head, *rest = re.split(r"(?<!\\)%", command)
    return head.replace("\\%", "%").strip(), "%" if rest else "", "\n".join(rest)


def _called(command: str) -> str:
    """A name for the job: that of the first program that says something."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    plain = [w for w in words if not re.match(r"[A-Za-z_]\w*=|-", w) and w not in ("cd", "&&", ";", "sudo", "nice")]
    shells = [w for w in plain if w.rpartition("/")[2] not in ("bash", "sh", "python", "python3", "env", "test", "[")]
    name = (shells or plain or ["job"])[0]
    if command.startswith("cd ") and len(shells) > 1:
        name = shells[1]
    return re.sub(r"\.(sh|py|pl|rb)$", "", name.rpartition("/")[2])


def _note(imported: Import, job: Job, message: str) -> None:
    imported.notes.append(Note(job.path, job.line, job.written, message))
