"""`nightshift api`."""

from __future__ import annotations

import pytest

from nightshift.cli import run


def test_an_operation_is_shown_with_its_permission_and_waiters(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api", "rds", "describe_db_instances"]) == 0
    shown = capsys.readouterr().out
    for text in ("DBInstanceIdentifier", "rds:DescribeDBInstances on arn:", "db_instance_available", "botocore 1."):
        assert text in shown
    assert run(["api", "rds", "stop_db_instance"]) == 0
    assert "sent once" in capsys.readouterr().out
    assert run(["api", "dynamodb", "execute_statement"]) == 0
    assert "give the call allow=[...]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["api", "rds", "stop_dbinstance"], "Did you mean 'stop_db_instance'?"),
        (["api", "lamda"], "Did you mean 'lambda'?"),
    ],
)
def test_a_wrong_name_is_an_error_with_a_guess(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(given) == 1
    assert said in capsys.readouterr().err


def test_services_and_operations_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api"]) == 0
    assert "\nrds\n" in capsys.readouterr().out
    assert run(["api", "rds"]) == 0
    assert "stop_db_instance" in capsys.readouterr().out
