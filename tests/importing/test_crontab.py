"""Crontabs, imported."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from nightshift.compiler import compile_file
from nightshift.importing.crontab_flows import import_crontab
from nightshift.model import CompiledFlow
from tests.cli.conftest import Cli, cli
from tests.importing.laid_out import assert_laid_out

__all__ = ["cli"]

BATCH = Path(__file__).parent / "configs" / "batch.crontab"


def flows_of(folder: Path, text: str) -> dict[str, CompiledFlow]:
    """The flows of a crontab, by name."""
    file = folder / "jobs.crontab"
    file.write_text(text)
    imported = import_crontab(file, "Role=batch", "UTC")
    for name, written in imported.files.items():
        (folder / name).write_text(written)
    return {flow.name: flow for flow in compile_file(folder / "jobs.py")} if imported.files else {}


def fires(flow: CompiledFlow, after: datetime, count: int) -> list[str]:
    """The next times it is due."""
    assert flow.options.schedule is not None
    return [f"{moment:%a %d %b %H:%M}" for moment in islice(flow.options.schedule.fire_times(after), count)]


def test_the_file_is_laid_out_compiles_and_tells_what_is_left(cli: Cli, tmp_path: Path) -> None:
    done = cli("import", "crontab", BATCH, "--tag", "Role=batch", "--timezone", "Europe/Berlin", "-o", tmp_path)
    assert done.code == 0, done.err
    assert cli("check", tmp_path).code == 0
    assert_laid_out(tmp_path)
    assert f"{BATCH}:9: @reboot: @reboot has no time" in done.out
    assert "what stands behind % was the input" in done.out
    text = (tmp_path / "batch.py").read_text()
    assert 'SERVERS = "Role=batch"' in text
    assert '"""Close the books of the day."""' in text
    assert "date +%F" in text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("30 2 * * 1-5", ["Fri 01 Jan 02:30", "Mon 04 Jan 02:30"]),
        ("0 6 1 * mon", ["Fri 01 Jan 06:00", "Mon 04 Jan 06:00", "Mon 11 Jan 06:00"]),
        ("*/20 9 1 2 *", ["Mon 01 Feb 09:00", "Mon 01 Feb 09:20", "Mon 01 Feb 09:40"]),
        ("0 22 * * 5-7", ["Fri 01 Jan 22:00", "Sat 02 Jan 22:00", "Sun 03 Jan 22:00", "Fri 08 Jan 22:00"]),
        ("@monthly", ["Mon 01 Feb 00:00", "Mon 01 Mar 00:00"]),
        ("5,50 1,13 10 */6 *", ["Sun 10 Jan 01:05", "Sun 10 Jan 01:50", "Sun 10 Jan 13:05"]),
    ],
)
def test_it_fires_when_cron_did(written: str, expected: list[str], tmp_path: Path) -> None:
    """From the first of January 2027, a Friday."""
    (flow,) = flows_of(tmp_path, f"{written} /opt/job.sh\n").values()
    assert fires(flow, datetime(2027, 1, 1, tzinfo=UTC), len(expected)) == expected


def test_days_of_both_kinds_with_a_star_are_left_to_a_person(tmp_path: Path) -> None:
    file = tmp_path / "jobs.crontab"
    file.write_text("0 6 */2 * mon /opt/job.sh\n")
    imported = import_crontab(file, "Role=batch", "UTC")
    assert imported.files == {}
    assert "no cron expression of AWS can name" in str(imported.notes[-1])


def test_users_and_variables_reach_the_command(tmp_path: Path) -> None:
    file = tmp_path / "jobs"
    file.write_text("GREETING='good morning'\n0 6 * * * batch echo \"$GREETING\"\n")
    (text,) = import_crontab(file, "Role=batch", "UTC", users=True).files.values()
    assert "\"export GREETING='good morning'\"" in text
    assert "runuser -u batch -- sh -c 'echo \\\"$GREETING\\\"'" in text


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("# nothing\n", 1, "no job is in it"),
        ("\n61 * * * * x\n", 2, "the minute is '61'"),
        ("0 0 * * moon x\n", 1, "the day of week is 'moon'"),
        ("0 0 * *\n", 1, "is no job"),
        ("@often x\n", 1, "@often is no name of a time"),
        ("CRON_TZ=Mars/Base\n0 0 * * * x\n", 2, "CRON_TZ is 'Mars/Base'"),
        ("0 5-1 * * * x\n", 1, "the hour is '5-1'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, said: str, cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "jobs.crontab"
    file.write_text(text)
    done = cli("import", "crontab", file, "-o", tmp_path)
    assert (done.code, f"{file}:{line}: " in done.err, said in done.err) == (1, True, True), done.err
