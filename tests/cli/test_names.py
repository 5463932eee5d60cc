"""How the command line finds an app whose names are not the usual ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.cli.conftest import Cli
from tests.cli.test_acting import AWS, machine
from tests.tables import table

__all__ = ["table"]

STAGE = '[stages.{name}]\naccount = "{account}"\nregion = "{region}"\nprefix = "ops"\nsuffix = "{name}"\n'


@pytest.fixture
def project(table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an app of the usual names, as those of `ops` and `prod` are deployed, too; a run of each."""
    for suffix in ("prod", "test"):
        boto3.client("dynamodb").create_table(
            TableName=f"ops-{suffix}",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
    for name in ("nightshift-nightly", "ops-nightly-prod", "ops-nightly-test"):
        made = machine(name, {"Type": "Wait", "Seconds": 60, "End": True})
        boto3.client("stepfunctions").start_execution(stateMachineArn=made, name="tonight", input="{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NIGHTSHIFT_STAGE", raising=False)
    return tmp_path


def stopped(cli: Cli, run: str = "nightly/tonight") -> str:
    """The state machine whose run `stop` stops, or what it says."""
    done = cli("stop", run, "--json", *AWS)
    return str(json.loads(done.out)["execution_arn"].split(":")[6]) if done.code == 0 else done.err


def here() -> tuple[str, str]:
    """Account and Region of the credentials."""
    return str(boto3.client("sts").get_caller_identity()["Account"]), str(boto3.Session().region_name)


def test_without_anything_said_the_names_are_the_usual_ones(cli: Cli, project: Path) -> None:
    assert stopped(cli) == "nightshift-nightly"


def test_the_names_are_those_of_cdk_json(cli: Cli, project: Path) -> None:
    (project / "cdk.json").write_text('{"context": {"prefix": "ops", "suffix": "prod"}}')
    assert stopped(cli) == "ops-nightly-prod"


def test_an_execution_of_the_app_is_a_run_of_its_flow(cli: Cli, project: Path) -> None:
    (project / "cdk.json").write_text('{"context": {"prefix": "ops", "suffix": "test"}}')
    account, region = here()
    arn = f"arn:aws:states:{region}:{account}:execution:ops-nightly-test:tonight"
    assert stopped(cli, arn) == "ops-nightly-test"
    assert "is no run" in stopped(cli, arn.replace("ops-nightly-test", "ops-nightly-prod"))


def test_the_names_are_those_of_the_stage_of_the_account_and_region(cli: Cli, project: Path) -> None:
    account, region = here()
    stages = STAGE.format(name="test", account=account, region=region)
    stages += STAGE.format(name="prod", account="999999999999", region=region)
    (project / "nightshift.toml").write_text(stages)
    assert stopped(cli) == "ops-nightly-test"


def test_of_two_stages_in_one_account_one_has_to_be_named(
    cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, region = here()
    made = [STAGE.format(name=name, account=account, region=region) for name in ("test", "prod")]
    (project / "nightshift.toml").write_text("".join(made))
    assert f"account {account} in {region} has the stages test, prod; say which by NIGHTSHIFT_STAGE=NAME" in stopped(
        cli
    )
    monkeypatch.setenv("NIGHTSHIFT_STAGE", "prod")
    assert stopped(cli) == "ops-nightly-prod"
    monkeypatch.setenv("NIGHTSHIFT_STAGE", "pord")
    assert "there is no stage pord in nightshift.toml" in stopped(cli)


def test_names_in_the_settings_of_a_stage_are_refused(cli: Cli, project: Path) -> None:
    stage = STAGE.format(name="test", account="123456789012", region="eu-west-1")
    (project / "nightshift.toml").write_text(f'{stage}[stages.test.settings]\nsuffix = "x"\n')
    assert "[stages.test] settings has suffix; write it into [stages.test] itself" in stopped(cli)
