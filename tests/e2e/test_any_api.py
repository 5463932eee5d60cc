"""aws.call, aws.wait and aws.poll on the local AWS, each function with the permissions of its calls alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nightshift.local import LocalAws
from tests.e2e.catalogue import run
from tests.e2e.runs import finished, start
from tests.e2e.test_permissions import changed_role, without_action

pytestmark = pytest.mark.e2e

BUCKET = "nightshift-ledger"


@pytest.fixture
def ledger(local: LocalAws) -> Iterator[None]:
    """A table, a bucket and a database."""
    session = local.session()
    rds: Any = session.client("rds")
    dynamodb: Any = session.client("dynamodb")
    s3 = session.client("s3")
    dynamodb.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": local.region})
    owner = {"MasterUsername": "ops", "MasterUserPassword": "test-only-1", "Engine": "postgres"}
    rds.create_db_instance(DBInstanceIdentifier="ledger", DBInstanceClass="db.t3.micro", AllocatedStorage=20, **owner)
    local.control().settle()
    yield
    rds.delete_db_instance(DBInstanceIdentifier="ledger", SkipFinalSnapshot=True)
    dynamodb.delete_table(TableName="ledger")
    for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.mark.usefixtures("ledger")
def test_a_flow_of_calls_runs_with_the_permissions_that_it_says(local: LocalAws) -> None:
    assert run(local, "any_api", bucket=BUCKET) == [1, "postgres"]
    kept = local.session().client("s3").get_object(Bucket=BUCKET, Key="what*for?.txt")["Body"].read()
    assert kept == b"the books balance"


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("function", "action"),
    [
        ("dynamodb", "dynamodb:PutItem"),
        ("s3", "s3:PutObject"),
        ("rds", "rds:StopDBInstance"),
        ("ssm", "ssm:SendCommand"),
    ],
)
def test_a_call_that_its_role_does_not_allow_is_refused(local: LocalAws, function: str, action: str) -> None:
    with changed_role(local, f"nightshift-aws-{function}-any_api", without_action(action)):
        ended = finished(local, start(local, "any_api", bucket=BUCKET))
    assert (ended["status"], ended["error"]) == ("FAILED", "AccessDenied")
    assert action in ended["cause"]
