"""Every part of the catalogue, deployed by the cdk CLI and started with `nightshift run`: a test for each service.

tests/parts/test_each_part.py holds that no part is left out. The control plane is MiniStack; what it does not have, the
fleet answers: `FLEET_SERVICES`, with moto behind its rules, and of its own the containers of ECS, Batch and Glue with
their logs, the runbooks of Systems Manager, and Recycle Bin. Systems beyond AWS are in test_outside.py.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from nightshift.local import LocalAws, sent_mail
from nightshift.local.sessions import LocalSession
from tests.e2e.catalogue import run
from tests.e2e.runs import finished, start

pytestmark = pytest.mark.e2e

BOOKS = Path("/tmp/nightshift-books")


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
    local.control().retain(days=1, tag="nightshift:flow=every_ec2_part")
    images, running, untagged, shared, told = run(local, "every_ec2_part", instance_id=instance)
    assert (images, running, shared) == (1, 1, 1)
    assert told == ["1 image copied", "1 image deregistered, 1 of their snapshots deleted", "1 image restored"]
    assert untagged > 0
    ec2: Any = local.session().client("ec2")
    (described,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    assert (described["InstanceType"], described["State"]["Name"]) == ("t3.small", "running")
    assert {"Key": "Owner", "Value": "operations"} in described["Tags"]
    marked = [{"Name": "tag:nightshift:instance", "Values": [instance]}]
    assert ec2.describe_images(Owners=["self"], Filters=marked)["Images"] == []
    (in_bin,) = ec2.list_images_in_recycle_bin()["Images"]
    assert in_bin["RecycleBinExitTime"] > in_bin["RecycleBinEnterTime"]


def test_replacements(local: LocalAws, instance: str) -> None:
    assert run(local, "every_replacement_part", instance_id=instance) == "1 instance terminated"


def test_another_type_is_started_where_there_is_no_capacity(local: LocalAws, instance: str) -> None:
    ec2: Any = local.session().client("ec2")
    (described,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    with local.control().fault("capacity", instance_type=described["InstanceType"]):
        assert run(local, "start_as_another_type", instance_id=instance) == [instance]
    (described,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    assert (described["InstanceType"], described["State"]["Name"]) == ("t3.medium", "running")


def test_ebs(local: LocalAws, instance: str) -> None:
    local.control().retain(days=1, tag="nightshift:flow=every_ebs_part")
    assert run(local, "every_ebs_part", instance_id=instance) == [1, 1, 1, 1]


def test_volumes(local: LocalAws, instance: str) -> None:
    devices, told = run(local, "every_volume_part", instance_id=instance)
    assert devices == ["/dev/sdf"]
    assert told == [f"1 volume {done}" for done in ("attached", "detached", "deleted")]


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
    arn, updated, status, drift = run(local, "every_cloudformation_part", stack_name="nightshift-books")
    assert arn.endswith(":nightshift-books")
    assert updated == "stack nightshift-books updated: Modify AWS::SQS::Queue Queue"
    assert (status, drift) == ("UPDATE_COMPLETE", "IN_SYNC")
    queues = local.session().client("sqs").list_queues(QueueNamePrefix="nightshift-books")
    assert not queues.get("QueueUrls")


def test_cloudwatch(local: LocalAws) -> None:
    cloudwatch: Any = local.session().client("cloudwatch")
    of = {"Namespace": "Books", "MetricName": "Errors", "Period": 60, "EvaluationPeriods": 1, "Statistic": "Sum"}
    cloudwatch.put_metric_alarm(AlarmName="books", Threshold=1, ComparisonOperator="GreaterThanThreshold", **of)
    cloudwatch.set_alarm_state(AlarmName="books", StateValue="ALARM", StateReason="a test")
    assert run(local, "every_cloudwatch_part", alarm="books") == ["books"]
    cloudwatch.delete_alarms(AlarmNames=["books"])


def test_ssm(local: LocalAws, instance: str) -> None:
    assert run(local, "every_ssm_part", instance_id=instance) == ["/tmp"]


def test_a_host_that_is_not_in_the_list_is_not_reached(local: LocalAws) -> None:
    arn = start(local, "every_http_part", url="https://hooks.example.com/", secret="nightshift/hook")
    ended = finished(local, arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "InvalidParameter")
    assert "hooks.example.com is no host that this app may reach" in ended["cause"]


def test_events(local: LocalAws) -> None:
    assert run(local, "every_events_part") == [["default#1"], 1]


def test_route53(local: LocalAws) -> None:
    route53: Any = local.session().client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="books")["HostedZone"]["Id"]
    base = {"Name": "books.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    made = [{**base, "SetIdentifier": name, "Weight": weight} for name, weight in (("blue", 10), ("green", 0))]
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record} for record in made]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    given = {"hosted_zone_id": zone.rpartition("/")[2]}
    assert run(local, "every_route53_part", **given) == [["blue", "green"], 10]
    found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert {r["SetIdentifier"]: r["Weight"] for r in found if r["Type"] == "A"} == {"blue": 0, "green": 10}


def test_automation(local: LocalAws, instance: str) -> None:
    iam: Any = local.session().client("iam")
    trust = allow({"Service": "ssm.amazonaws.com"}, "sts:AssumeRole")
    role = iam.create_role(RoleName="nightshift-automation", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    given = {"automation_role_arn": role, "instance_id": instance}
    assert run(local, "every_automation_part", **given) == ["Success", ["done"]]


def test_parameters(local: LocalAws) -> None:
    local.session().client("ssm").put_parameter(Name="/books/size", Value="3", Type="String")
    assert run(local, "every_parameter_part") == "3"


def allow(principal: dict[str, str] | None, action: str | list[str], **more: Any) -> str:
    """A policy of one statement that allows something."""
    statement = {"Effect": "Allow", "Action": action, **({"Principal": principal} if principal else {}), **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_rds(local: LocalAws) -> None:
    rds: Any = local.session().client("rds")
    owner = {"MasterUsername": "ops", "MasterUserPassword": "test-only-1"}
    rds.create_db_instance(
        DBInstanceIdentifier="books", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20, **owner
    )
    rds.create_db_cluster(DBClusterIdentifier="library", Engine="aurora-postgresql", **owner)
    member = {"DBInstanceIdentifier": "library-1", "DBInstanceClass": "db.r6g.large", "Engine": "aurora-postgresql"}
    rds.create_db_instance(DBClusterIdentifier="library", **member)
    local.control().settle()
    both = {"db_instance_identifier": "books", "db_cluster_identifier": "library"}
    assert run(local, "every_rds_snapshot_part", **both) == 2
    assert run(local, "every_rds_instance_part", db_instance_identifier="books") == ["books"]
    assert run(local, "every_rds_cluster_part", db_cluster_identifier="library") == ["library"]
    found = rds.describe_db_instances()["DBInstances"]
    assert {d["DBInstanceIdentifier"]: d["DBInstanceStatus"] for d in found} == {
        "books": "available",
        "library-1": "available",
    }


def test_autoscaling(local: LocalAws) -> None:
    scaling: Any = local.session().client("autoscaling")
    scaling.create_launch_configuration(
        LaunchConfigurationName="books", ImageId="ami-12345678", InstanceType="t3.micro"
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="books",
        LaunchConfigurationName="books",
        MinSize=1,
        DesiredCapacity=2,
        MaxSize=3,
        AvailabilityZones=[f"{local.region}a"],
    )
    local.control().settle()
    one = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"][0]["InstanceId"]
    assert run(local, "every_autoscaling_part", auto_scaling_group_name="books", instance_id=one) == ["books"]
    (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [i["LifecycleState"] for i in group["Instances"]] == ["InService", "InService"]
    assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"], group["Tags"]) == (1, 2, 3, [])
    scaling.delete_auto_scaling_group(AutoScalingGroupName="books", ForceDelete=True)


def test_ecs(local: LocalAws) -> None:
    ecs: Any = local.session().client("ecs")
    ecs.create_cluster(clusterName="books")
    role = f"arn:aws:iam::{local.account}:role/books"
    log = {"awslogs-group": "/books", "awslogs-stream-prefix": "ecs", "awslogs-region": local.region}
    ecs.register_task_definition(
        family="books",
        executionRoleArn=role,
        containerDefinitions=[
            {
                "name": "main",
                "image": "busybox",
                "memory": 64,
                "logConfiguration": {"logDriver": "awslogs", "options": log},
            }
        ],
    )
    ecs.create_service(cluster="books", serviceName="reader", taskDefinition="books", desiredCount=2)
    local.control().settle()
    given = {"cluster": "books", "service": "reader", "task_definition": "books"}
    assert run(local, "every_ecs_part", **given) == [0, "main begins\nmain has ended"]
    (service,) = ecs.describe_services(cluster="books", services=["reader"], include=["TAGS"])["services"]
    assert (service["desiredCount"], service["runningCount"], service.get("tags", [])) == (2, 2, [])


def test_jobs(local: LocalAws) -> None:
    session, iam = local.session(), local.control().client("iam")
    role = iam.create_role(RoleName="jobs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    batch: Any = session.client("batch")
    environment = batch.create_compute_environment(computeEnvironmentName="books", type="UNMANAGED", serviceRole=role)
    order = [{"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}]
    batch.create_job_queue(jobQueueName="books", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    container: Any = {"image": "busybox", "vcpus": 1, "memory": 64}
    batch.register_job_definition(jobDefinitionName="render", type="container", containerProperties=container)
    session.client("glue").create_job(Name="load", Role=role, Command={"Name": "glueetl", "ScriptLocation": "s3://a/b"})
    given = {"job_queue": "books", "job_definition": "render", "job_name": "load"}
    ended = run(local, "every_job_part", **given)
    assert ended == [0, "render begins\nrender has ended", "SUCCEEDED", "load begins\nload has ended"]


def test_lambda(local: LocalAws) -> None:
    session = local.session()
    trusted = allow({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
    role = session.client("iam").create_role(RoleName="books", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    archive = BytesIO()
    with ZipFile(archive, "w") as packed:
        packed.writestr("books.py", "def enter(event, context):\n    return {'entered': event['book']}\n")
    session.client("lambda").create_function(
        FunctionName="books",
        Runtime="python3.12",
        Role=role,
        Handler="books.enter",
        Code={"ZipFile": archive.getvalue()},
    )
    payload, summary = run(local, "every_lambda_part", function_name="books")
    assert (json.loads(payload), summary) == ({"entered": "ledger"}, "invoked books")


def test_stepfunctions(local: LocalAws) -> None:
    definition = {
        "StartAt": "Wait",
        "States": {
            "Wait": {"Type": "Wait", "Seconds": 60, "Next": "Close"},
            "Close": {"Type": "Pass", "Result": {"closed": True}, "End": True},
        },
    }
    machine = (
        local.session()
        .client("stepfunctions")
        .create_state_machine(
            name="books", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{local.account}:role/books"
        )
    )
    status, output = run(local, "every_stepfunctions_part", state_machine_arn=machine["stateMachineArn"])
    assert (status, json.loads(output)) == ("SUCCEEDED", {"closed": True})


def test_notify(local: LocalAws) -> None:
    session = local.session()
    topic = session.client("sns").create_topic(Name="books")["TopicArn"]
    arn = f"arn:aws:sqs:{local.region}:{local.account}:books"
    sends = allow({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", Resource=arn)
    queue = session.client("sqs").create_queue(QueueName="books", Attributes={"Policy": sends})["QueueUrl"]
    session.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    assert run(local, "every_notify_part", topic_arn=topic) == ["ops@example.com"]
    (message,) = session.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["Message"] == "the books balance"
    assert sent_mail(local)[-1].subject == "books"


def test_sqs(local: LocalAws) -> None:
    sqs = local.session().client("sqs")
    queue = sqs.create_queue(QueueName="ledger")["QueueUrl"]
    arn = f"arn:aws:sqs:{local.region}:{local.account}:ledger"
    assert run(local, "every_sqs_part", queue_arn=arn) == [arn]
    (message,) = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"], WaitTimeSeconds=5)["Messages"]
    assert (message["Body"], message["MessageAttributes"]["kind"]["StringValue"]) == ("the books balance", "books")


def test_organizations(local: LocalAws) -> None:
    """The account is the hub of an organization for as long as the test takes."""
    service: Any = local.session().client("organizations")
    service.create_organization(FeatureSet="ALL")
    made = [service.create_account(AccountName=name, Email=f"{name}@example.com") for name in ("web", "lab")]
    web, lab = (answer["CreateAccountStatus"]["AccountId"] for answer in made)
    try:
        listed = run(local, "every_organizations_part")
    finally:
        for account in (web, lab):
            service.remove_account_from_organization(AccountId=account)
        service.delete_organization()
    regions = (local.region, "ap-northeast-3")
    assert sorted(listed) == sorted(f"{account} {region}" for account in (local.account, web) for region in regions)


def test_another_account(local: LocalAws) -> None:
    """The role is assumed and sees what its account has; the keys are read, and are those of this account."""
    keys = {"access_key_id": local.account, "secret_access_key": "local"}
    session = local.session()
    session.client("secretsmanager").create_secret(Name="nightshift/elsewhere", SecretString=json.dumps(keys))
    elsewhere: Any = LocalSession(local.endpoints, "210987654321", local.region).create_client("iam")
    trusted = allow({"AWS": f"arn:aws:iam::{local.account}:root"}, "sts:AssumeRole")
    elsewhere.create_role(RoleName="nightshift-operations", AssumeRolePolicyDocument=trusted)
    reads = allow(None, ["ec2:DescribeInstances", "ec2:DescribeInstanceStatus"], Resource="*")
    elsewhere.put_role_policy(RoleName="nightshift-operations", PolicyName="reads", PolicyDocument=reads)
    theirs: Any = LocalSession(local.endpoints, "210987654321", local.region).create_client("ec2")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Backup", "Value": "nightly"}]}]
    theirs.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=tags)
    found = run(
        local,
        "another_account",
        role_arn="arn:aws:iam::210987654321:role/nightshift-operations",
        secret="nightshift/elsewhere",
        region=local.region,
    )
    assert found == [1, 4]
