"""The clients: one for each service, region and role; reads retried, writes never; errors of the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambdas.contract import aws_errors
from lambdas.contract.errors import AccessDenied, PartError, ServiceError, Throttled, Unavailable
from lambdas.contract.id_packing import pack, unpack
from lambdas.runtime.clients import AwsClients, _moment
from tests.parts.driver import THROTTLED, Fault, TestAws, times


def error(code: str, message: str = "said AWS", status: int = 400) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "StopInstances")


def test_clients_are_cached_by_service_region_and_role(aws: TestAws) -> None:
    role = "arn:aws:iam::222222222222:role/ops"
    clients = [
        aws.client("ec2"),
        aws.client("ec2", region="eu-west-1"),
        aws.client("ec2", role_arn=role),
        aws.client("s3"),
    ]
    assert len({id(c) for c in clients}) == 4
    assert aws.client("ec2") is clients[0]
    assert aws.client("ec2", region="us-east-1") is clients[0]
    assert aws.client("ec2", role_arn=role) is clients[2]
    assert clients[1].meta.region_name == "eu-west-1"


def test_another_account_through_its_role(aws: TestAws) -> None:
    role = "arn:aws:iam::222222222222:role/ops"
    aws.client("ec2", role_arn=role).create_volume(AvailabilityZone="us-east-1a", Size=1)
    mine = aws.client("ec2").describe_volumes()["Volumes"]
    theirs = aws.client("ec2", role_arn=role).describe_volumes()["Volumes"]
    assert (len(mine), len(theirs)) == (0, 1)
    assert aws.count()["AssumeRole"] == 1
    assumed = aws.made("AssumeRole")[0]
    assert (assumed["RoleArn"], assumed["RoleSessionName"]) == (role, "nightshift")


def test_reads_are_retried_and_writes_are_not(aws: TestAws) -> None:
    client = aws.client("ec2")
    aws.faults["DescribeVolumes"] = times(4, THROTTLED)
    assert client.describe_volumes()["Volumes"] == []
    assert aws.count()["DescribeVolumes"] == 5
    aws.faults["DescribeVolumes"] = times(9, (500, "InternalError", "x"))
    with pytest.raises(ClientError):
        client.describe_volumes()
    assert aws.count()["DescribeVolumes"] == 10
    aws.faults["CreateVolume"] = times(1, THROTTLED)
    with pytest.raises(ClientError):
        client.create_volume(AvailabilityZone="us-east-1a", Size=1)
    assert aws.count()["CreateVolume"] == 1


def test_other_refusals_of_reads_are_final(aws: TestAws) -> None:
    aws.faults["DescribeVolumes"] = Fault(lambda p: (400, "InvalidParameterValue", "x"))
    with pytest.raises(ClientError):
        aws.client("ec2").describe_volumes()
    assert aws.count()["DescribeVolumes"] == 1


def test_the_clock_of_the_invocation() -> None:
    clients = AwsClients()
    assert clients.remaining() == float("inf")
    assert clients.invocation(lambda: 12.5).remaining() == 12.5


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (error("RequestLimitExceeded", status=503), Throttled),
        (error("ThrottlingException"), Throttled),
        (error("SlowDown", status=503), Throttled),
        (error("InternalError", status=500), Unavailable),
        (error("Unavailable", status=503), Unavailable),
        (error("Whatever", status=502), Unavailable),
        (EndpointConnectionError(endpoint_url="https://ec2"), Unavailable),
        (error("InsufficientInstanceCapacity", status=500), ServiceError),
        (error("UnauthorizedOperation", status=403), AccessDenied),
        (error("AccessDeniedException", status=400), AccessDenied),
        (error("InvalidParameterValue"), ServiceError),
    ],
)
def test_errors_of_the_contract(given: Exception, kind: type[PartError]) -> None:
    found = aws_errors.as_part_error(given)
    assert type(found) is kind
    assert aws_errors.code(given) in str(found)


def test_an_error_of_our_own_code_stays_what_it_is() -> None:
    assert aws_errors.as_part_error(KeyError("x")) is None
    mine = Throttled("x")
    assert aws_errors.as_part_error(mine) is mine


def test_the_missing_action_is_in_the_message() -> None:
    old = aws_errors.as_part_error(error("UnauthorizedOperation", "You are not authorized."))
    assert "may not call StopInstances" in str(old)
    new = aws_errors.as_part_error(
        error("UnauthorizedOperation", "User: arn:x is not authorized to perform: ec2:StopInstances on resource: y")
    )
    assert "may not call ec2:StopInstances" in str(new)


@pytest.mark.parametrize(
    "message",
    [
        "The instance IDs 'i-0a, i-0c' do not exist",
        'Invalid id: "i-0a", "i-0c"',
        "The instances i-0a,i-0c are wrong.",
        "instance/i-0a and instance/i-0c",
    ],
)
def test_ids_named_in_a_message(message: str) -> None:
    assert aws_errors.named_ids(error("X", message), ["i-0a", "i-0b", "i-0c", "i-0"]) == ["i-0a", "i-0c"]


@pytest.mark.parametrize(
    "told",
    [
        "2026-11-24T13:00:00.000Z",
        "2026-11-24T13:00:00Z",
        "2026-11-24T22:00:00+09:00",
        "Tue, 24 Nov 2026 13:00:00 GMT",
        "1795525200.0",
        1795525200,
    ],
)
def test_timestamps_are_read_in_every_form_aws_writes_them(told: object) -> None:
    found = _moment(told)
    assert found == datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert found.tzinfo is not None


def test_a_name_with_several_hyphens_is_named_as_a_whole() -> None:
    message = "The instances 'prod-db-1, i-0a' may not be stopped."
    assert aws_errors.named_ids(error("X", message), ["prod-db", "db-1", "prod-db-1", "i-0a"]) == ["prod-db-1", "i-0a"]


def test_names_of_any_kind_are_packed() -> None:
    for names in ([f"name{n}" for n in range(200)], ["web", *(f"Db-{n}/x" for n in range(200))]):
        assert unpack(pack(names)) == names
