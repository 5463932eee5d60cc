"""The clients: one for each service, region and role; reads retried, writes never; errors of the contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambdas.contract import aws_errors
from lambdas.contract.call import Run
from lambdas.contract.errors import AccessDenied, PartError, ServiceError, Throttled, Unavailable
from lambdas.contract.id_packing import pack, unpack
from lambdas.runtime.clients import AwsClients, _moment
from lambdas.runtime.sessions import EXTERNAL_ID, session_name
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


def test_an_endpoint_of_the_company_is_for_its_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-west-1"}
    own = {"AWS_ENDPOINT_URL_EC2": "https://ec2.example.com", "NIGHTSHIFT_HOME_ENDPOINTS": "ec2 s3"}
    for name, value in {**keys, **own, "AWS_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    clients = AwsClients()
    urls = [clients.client("ec2", region=region).meta.endpoint_url for region in (None, "eu-west-1", "us-east-1")]
    assert urls == ["https://ec2.example.com"] * 2 + ["https://ec2.us-east-1.amazonaws.com"]
    # The endpoints of a local AWS answer for every region.
    monkeypatch.delenv("NIGHTSHIFT_HOME_ENDPOINTS")
    assert AwsClients().client("ec2", region="us-east-1").meta.endpoint_url == "https://ec2.example.com"


def test_another_account_through_its_role(aws: TestAws) -> None:
    role = "arn:aws:iam::222222222222:role/ops"
    aws.client("ec2", role_arn=role).create_volume(AvailabilityZone="us-east-1a", Size=1)
    mine = aws.client("ec2").describe_volumes()["Volumes"]
    theirs = aws.client("ec2", role_arn=role).describe_volumes()["Volumes"]
    assert (len(mine), len(theirs)) == (0, 1)
    assert aws.count()["AssumeRole"] == 1
    assumed = aws.made("AssumeRole")[0]
    assert (assumed["RoleArn"], assumed["RoleSessionName"]) == (role, "nightshift")


def run(flow: str, execution: str) -> Run:
    return Run(f"arn:aws:states:eu-west-1:123456789012:execution:nightshift-{flow}:{execution}", flow, "step")


@pytest.mark.parametrize(
    ("flow", "execution", "name"),
    [
        ("evening_stop", "7f0c0e0a-6a1e-4a5c-8a59-1d2b3c4d5e6f", "evening_stop@7f0c0e0a-6a1e-4a5c-8a59-1d2b3c4d5e6f"),
        ("evening_stop", "Nacht #1", "evening_stop@Nacht--1"),
        ("f" * 70, "7f0c0e0a-6a1e-4a5c-8a59-1d2b3c4d5e6f", f"{'f' * 27}@7f0c0e0a-6a1e-4a5c-8a59-1d2b3c4d5e6f"),
        ("f" * 70, "e" * 80, f"{'f' * 16}@{'e' * 47}"),
    ],
)
def test_the_session_in_another_account_says_which_flow_and_run(flow: str, execution: str, name: str) -> None:
    assert session_name(run(flow, execution)) == name


def test_each_run_has_a_session_of_its_own(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXTERNAL_ID, "audit")
    role = "arn:aws:iam::222222222222:role/ops"
    for execution in ("one", "two", "one"):
        aws.invocation(lambda: 60, run("stop", execution)).client("ec2", role_arn=role).describe_volumes()
        aws.client("sqs", role_arn=role, region="eu-west-1").list_queues()
    assumed = aws.made("AssumeRole")
    assert [asked["RoleSessionName"] for asked in assumed] == ["stop@one", "stop@two"]
    assert {asked["ExternalId"] for asked in assumed} == {"audit"}


def member(number: int) -> str:
    return f"arn:aws:iam::{number:012}:role/nightshift-member"


def test_each_role_of_an_organization_is_assumed_once_in_a_run(aws: TestAws) -> None:
    places = [(number, region) for region in ("eu-west-1", "us-east-1") for number in range(100)]
    for number, region in places * 2:
        aws.invocation(lambda: 60, run("stop", "tonight")).client("sqs", region=region, role_arn=member(number))
    assert aws.count()["AssumeRole"] == 100
    # Their clients would not fit the function's memory.
    assert len(aws._sessions) == len(aws._clients.keys() & aws._sessions.keys()) <= 41


def test_what_was_not_used_for_longest_is_forgotten(aws: TestAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.runtime.clients._MOST_CREDENTIALS", 2)
    monkeypatch.setattr("lambdas.runtime.clients._MOST_SESSIONS", 0)
    for execution in ("one", "two", "one", "three", "one", "four", "one", "two"):
        aws.invocation(lambda: 60, run("stop", execution)).client("ec2", role_arn=member(1))
    aws.invocation(lambda: 60)
    assert (len(aws._credentials), len(aws._sessions)) == (2, 0)
    assumed = [asked["RoleSessionName"] for asked in aws.made("AssumeRole")]
    assert assumed == ["stop@one", "stop@two", "stop@three", "stop@four", "stop@two"]


def test_the_credentials_of_a_session_that_was_forgotten_are_renewed(
    aws: TestAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdas.runtime.clients._MOST_SESSIONS", 0)
    stop = run("stop", "tonight")
    client = aws.invocation(lambda: 60, stop).client("ec2", role_arn=member(1))
    kept = client._request_signer._credentials
    first, kept._expiry_time = kept.access_key, datetime.now(UTC) + timedelta(minutes=5)
    again = aws.invocation(lambda: 60, stop).client("ec2", role_arn=member(1))
    assert again is not client
    again.describe_volumes()
    assert again._request_signer._credentials is kept
    assert kept.access_key != first


def test_the_credentials_of_a_role_are_renewed(aws: TestAws) -> None:
    client = aws.client("ec2", role_arn="arn:aws:iam::222222222222:role/ops")
    credentials = client._request_signer._credentials
    keys = [credentials.access_key]
    for left in (timedelta(hours=1), timedelta(minutes=5)):
        credentials._expiry_time = datetime.now(UTC) + left
        client.describe_volumes()
        keys.append(credentials.access_key)
    assert keys[0] == keys[1] != keys[2]


def test_sts_is_that_of_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in {**keys, "AWS_STS_REGIONAL_ENDPOINTS": "legacy"}.items():
        monkeypatch.setenv(name, value)
    assert AwsClients().client("sts").meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"


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
