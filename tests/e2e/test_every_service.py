"""Every part of the catalogue, deployed by the cdk CLI and started with `nightshift run`: a test for each service."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightshift.local import LocalAws, sent_mail
from tests.cli.conftest import command

pytestmark = pytest.mark.e2e

BOOKS = Path("/tmp/nightshift-books")


def run(local: LocalAws, flow: str, **parameters: str) -> Any:
    """Run a flow to its end; what it returned."""
    given = [word for name, value in parameters.items() for word in ("-p", f"{name}={value}")]
    done = command(
        "run", flow, "--json", "--flow-defs", str(Path(__file__).parent / "flow_defs"), *given, cwd=local.project
    )
    report = json.loads(done.out)
    assert (done.code, report["status"]) == (0, "SUCCEEDED"), (report["error"], report["cause"])
    return report["output"]


@pytest.fixture
def instance(local: LocalAws) -> Iterator[str]:
    """An instance of its own, which executes commands."""
    ec2: Any = local.session().client("ec2")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "catalogue"}]}]
    made = ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="t3.micro", TagSpecifications=tags
    )
    id_: str = made["Instances"][0]["InstanceId"]
    control = local.control()
    control.settle()
    control.execute_commands(True)
    yield id_
    control.execute_commands(False)
    ec2.terminate_instances(InstanceIds=[id_])
    control.settle()


def test_ec2(local: LocalAws, instance: str) -> None:
    images, running, untagged = run(local, "every_ec2_part", instance_id=instance)
    assert (images, running) == (1, 1)
    assert untagged > 0
    ec2: Any = local.session().client("ec2")
    (described,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    assert (described["InstanceType"], described["State"]["Name"]) == ("t3.small", "running")
    assert {"Key": "Owner", "Value": "operations"} in described["Tags"]
    marked = [{"Name": "tag:nightshift:instance", "Values": [instance]}]
    assert ec2.describe_images(Owners=["self"], Filters=marked)["Images"] == []


def test_ebs(local: LocalAws, instance: str) -> None:
    assert run(local, "every_ebs_part", instance_id=instance) == [1, 1]


def test_s3(local: LocalAws, instance: str) -> None:
    bucket = "nightshift-books"
    s3 = local.session().client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": local.region})
    try:
        assert run(local, "every_s3_part", bucket=bucket, instance_id=instance) == ["the books balance", "2 deleted"]
    finally:
        shutil.rmtree(BOOKS, ignore_errors=True)
    left = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert left == ["out/first.txt", "out/second.txt"]


def test_elb(local: LocalAws, instance: str) -> None:
    session = local.session()
    vpc = session.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    elbv2 = session.client("elbv2")
    group = elbv2.create_target_group(Name="books", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    session.client("elb").create_load_balancer(
        LoadBalancerName="books",
        AvailabilityZones=[f"{local.region}a"],
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
    )
    arn = group["TargetGroupArn"]
    detached = run(local, "every_elb_part", target_group_arn=arn, load_balancer_name="books", instance_id=instance)
    assert detached == [instance]
    assert elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"] == []


def test_cloudformation(local: LocalAws) -> None:
    arn, status = run(local, "every_cloudformation_part", stack_name="nightshift-books")
    assert arn.endswith(":nightshift-books")
    assert status == "CREATE_COMPLETE"
    queues = local.session().client("sqs").list_queues(QueueNamePrefix="nightshift-books")
    assert not queues.get("QueueUrls")


def test_ssm(local: LocalAws, instance: str) -> None:
    assert run(local, "every_ssm_part", instance_id=instance) == ["/tmp"]


def test_notify(local: LocalAws) -> None:
    session = local.session()
    topic = session.client("sns").create_topic(Name="books")["TopicArn"]
    queue = session.client("sqs").create_queue(QueueName="books")["QueueUrl"]
    session.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{local.region}:{local.account}:books"
    )
    assert run(local, "every_notify_part", topic_arn=topic) == ["ops@example.com"]
    (message,) = session.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["Message"] == "the books balance"
    assert sent_mail(local)[-1].subject == "books"


def test_another_account(local: LocalAws) -> None:
    """The local AWS has one fleet; shown is that the role is assumed, the keys are read, and the region is that."""
    keys = {"access_key_id": local.account, "secret_access_key": "local"}
    session = local.session()
    session.client("secretsmanager").create_secret(Name="nightshift/elsewhere", SecretString=json.dumps(keys))
    found = run(
        local,
        "another_account",
        role_arn="arn:aws:iam::210987654321:role/nightshift-operations",
        secret="nightshift/elsewhere",
        region=local.region,
    )
    assert found == [4, 4]
