"""What there is in AWS: set up for a scenario, looked at before and after, and compared."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.moto_api._internal import mock_random

from tests.faults.injection import FaultyAws
from tests.faults.sharing import db_snapshots, launchers, restorers, sharers

SERVICES = (
    "ec2",
    "events",
    "route53",
    "ssm",
    "elb",
    "elbv2",
    "iam",
    "cloudformation",
    "s3",
    "ses",
    "sns",
    "sqs",
    "secretsmanager",
    "rds",
    "autoscaling",
    "batch",
    "ecs",
    "glue",
    "lambda",
    "logs",
    "stepfunctions",
)
ROOT = "/dev/sda1"
ACCOUNT, REGION, OTHER_REGION = "123456789012", "us-east-1", "us-west-2"


class Item(NamedTuple):
    """Something that is so.

    owner: id or name of the resource a report has to name; several, of which one suffices, are separated by "|".
    what: what there is, or the resource's state; without the ids of what is new.
    thing: whether it exists on its own, so that there may be one too many of it.
    """

    owner: str
    what: str
    thing: bool


World = Counter[Item]

_OF = ("nightshift:source", "nightshift:instance", "nightshift:volumes-of")
"""Tags of a snapshot that tell what a report calls it by."""


class Inventory:
    """Reads the world by plain clients; `old` are ids of before the run."""

    def __init__(self, aws: FaultyAws, services: set[str]) -> None:
        self.aws = aws
        self.services = services
        self.old: set[str] = set()

    def world(self) -> World:
        """All that is compared: what the services have."""
        readers = {
            "ec2": (self._instances, self._snapshots, self._images, self._volumes),
            "elastic-load-balancing": (self._classic,),
            "elastic-load-balancing-v2": (self._targets,),
            "cloudformation": (self._stacks,),
            "auto-scaling": (self._groups,),
            "cloudwatch": (self._alarms,),
            "cloudwatch-logs": (),
            "ecs": (self._services, self._tasks),
            "batch": (self._jobs,),
            "glue": (self._job_runs,),
            "eventbridge": (self._events,),
            "http": (self._taken,),
            "kms": (),
            "lambda": (self._invocations,),
            "organizations": (),
            "rds": (self._databases, self._db_snapshots),
            "route-53": (self._records,),
            "s3": (self._objects,),
            "secrets-manager": (),
            "sfn": (self._executions,),
            "sesv2": (self._mails,),
            "sns": (self._messages,),
            "sqs": (self._queued,),
            "ssm": (self._commands, self._automations),
        }
        return Counter(item for service in self.services for read in readers[service] for item in read())

    def _alarms(self) -> Iterator[Item]:
        for alarm in client("cloudwatch").describe_alarms()["MetricAlarms"]:
            yield Item(alarm["AlarmName"], alarm["StateValue"], False)

    def begin(self) -> World:
        """The world before the run."""
        self.old |= self.aws.in_bin
        for region in (REGION, OTHER_REGION):
            ec2 = client("ec2", region)
            self.old |= {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
            self.old |= {i["ImageId"] for i in ec2.describe_images(Owners=["self"])["Images"]}
            self.old |= {name for name, _ in db_snapshots(client("rds", region))}
            self.old |= {v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]}
        self.old |= {s["StackId"] for s in client("cloudformation").describe_stacks()["Stacks"]}
        return self.world()

    def _instances(self) -> Iterator[Item]:
        for page in client("ec2").get_paginator("describe_instances").paginate():
            for instance in (i for r in page["Reservations"] for i in r["Instances"]):
                tags = _tags(instance)
                what = f"{instance['State']['Name']} {instance['InstanceType']} {tags}"
                owner = dict(tags).get("nightshift:instance")
                if owner:
                    yield Item(owner, f"replacement from {instance['ImageId']} {what}", True)
                else:
                    yield Item(instance["InstanceId"], what, False)

    def _snapshots(self) -> Iterator[Item]:
        for region in (REGION, OTHER_REGION):
            ec2 = client("ec2", region)
            for snapshot in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
                name, tags = snapshot["SnapshotId"], _tags(snapshot)
                marked = [value for key, value in tags if key in _OF]
                owner = marked[0] if marked else snapshot["VolumeId"]
                if name in self.old:
                    yield Item(f"{owner}|{name}", f"{region} {name} {tags}", True)
                    yield Item(f"{owner}|{name}", f"in the tier {snapshot['StorageTier']}", False)
                    known = "|".join([name, *re.findall(r"\bami-\w+", snapshot["Description"])])
                    yield from (
                        Item(known, f"{name} shared with {who}", False) for who in sharers(client("ec2", region), name)
                    )
                else:
                    text = re.sub(r"\bami-\w+", "an image", snapshot["Description"])
                    yield Item(owner, f"{region} new snapshot {text} {tags}", True)

    def _images(self) -> Iterator[Item]:
        for region in (REGION, OTHER_REGION):
            ec2 = client("ec2", region)
            for image in ec2.describe_images(Owners=["self"])["Images"]:
                name, tags = image["ImageId"], dict(_tags(image))
                owner = tags.get("nightshift:source") or tags.get("nightshift:instance") or image["Name"]
                if name in self.old:
                    yield Item(f"{owner}|{name}", f"{region} {name} {_tags(image)}", True)
                    yield from (
                        Item(name, f"shared with {who}", False) for who in launchers(client("ec2", region), name)
                    )
                else:
                    yield Item(owner, f"{region} new image {image['Name']} {_tags(image)}", True)

    def _volumes(self) -> Iterator[Item]:
        """Without root volumes, which come and go with their instances."""
        for volume in client("ec2").describe_volumes()["Volumes"]:
            name, tags = volume["VolumeId"], _tags(volume)
            attached = [(a["InstanceId"], a["Device"], a["State"]) for a in volume["Attachments"]]
            what = f"{volume['State']} {volume['VolumeType']} {volume['Size']} {attached} {tags}"
            if any(device == ROOT for _, device, _ in attached):
                continue
            if name in self.old:
                yield Item(name, f"volume {name}", True)
                yield Item(name, what, False)
            else:
                yield Item(dict(tags).get("nightshift:source", name), f"new volume {what}", True)

    def _targets(self) -> Iterator[Item]:
        for group in client("elbv2").describe_target_groups()["TargetGroups"]:
            arn = group["TargetGroupArn"]
            for target in client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]:
                yield Item(target["Target"]["Id"], f"in {arn} on {target['Target']['Port']}", True)

    def _classic(self) -> Iterator[Item]:
        for balancer in client("elb").describe_load_balancers()["LoadBalancerDescriptions"]:
            for instance in {i["InstanceId"] for i in balancer["Instances"]}:
                yield Item(instance, f"in {balancer['LoadBalancerName']}", True)

    def _stacks(self) -> Iterator[Item]:
        for stack in client("cloudformation").describe_stacks()["Stacks"]:
            which = stack["StackId"] if stack["StackId"] in self.old else "new stack"
            yield Item(stack["StackName"], f"{which} {stack['StackStatus']} {_tags(stack)}", True)

    def _databases(self) -> Iterator[Item]:
        for page in client("rds").get_paginator("describe_db_instances").paginate():
            for database in page["DBInstances"]:
                what = f"{database['DBInstanceStatus']} {database['DBInstanceClass']} {database['TagList']}"
                yield Item(database["DBInstanceIdentifier"], what, False)
        for cluster in client("rds").describe_db_clusters()["DBClusters"]:
            yield Item(cluster["DBClusterIdentifier"], f"{cluster['Status']} {cluster['TagList']}", False)

    def _groups(self) -> Iterator[Item]:
        for group in client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]:
            out = [i["InstanceId"] for i in group["Instances"] if i["LifecycleState"] == "Standby"]
            # An instance in standby has lowered the desired capacity, and is told of by itself.
            desired = group["DesiredCapacity"] + len(out)
            size = [group["MinSize"], desired, group["MaxSize"], len(group["Instances"])]
            yield from (Item(instance, "in standby", False) for instance in out)
            held = sorted(process["ProcessName"] for process in group["SuspendedProcesses"])
            name = group["AutoScalingGroupName"]
            yield Item(name, f"{size} {held} {_tags(group)}", False)
            stored = get_backend("autoscaling")[ACCOUNT][REGION].autoscaling_groups[name]
            yield from (Item(name, "refresh", True) for _ in stored.__dict__.get("refreshes", []))

    def _db_snapshots(self) -> Iterator[Item]:
        for region in (REGION, OTHER_REGION):
            for name, snapshot in db_snapshots(client("rds", region)):
                tags = _tags({"Tags": snapshot["TagList"]})
                of = dict(tags).get("nightshift:source") or dict(tags).get("nightshift:database") or name
                if name in self.old:
                    yield Item(f"{of}|{name}", f"{region} {name} {snapshot['Status']} {tags}", True)
                    for account in restorers(client("rds", region), name):
                        yield Item(name, f"shared with {account}", False)
                else:
                    yield Item(of, f"{region} new snapshot {snapshot['Status']} {tags}", True)

    def _services(self) -> Iterator[Item]:
        for service in [s for s in get_backend("ecs")[ACCOUNT][REGION].services.values() if s.status == "ACTIVE"]:
            deployments = len(service.deployments)
            count = [service.desired_count, service.running_count, service.pending_count]
            yield Item(service.name, f"{count} {deployments} {service.tags}", False)

    def _tasks(self) -> Iterator[Item]:
        for tasks in get_backend("ecs")[ACCOUNT][REGION].tasks.values():
            for task in tasks.values():
                family = task.task_definition_arn.rpartition("/")[2].partition(":")[0]
                yield Item(family, "task", True)
                yield Item(family, f"{task.last_status} {task.stopped_reason}", False)

    def _invocations(self) -> Iterator[Item]:
        """Each payload once: the functions of the scenarios know a repetition."""
        yield from {Item(name, f"invoked with {payload}", True) for name, payload in self.aws.invoked}

    def _jobs(self) -> Iterator[Item]:
        for job in get_backend("batch")[ACCOUNT][REGION]._jobs.values():
            yield Item(job.job_definition.name, "job", True)
            yield Item(job.job_definition.name, f"{job.status} {job.exit_code}", False)

    def _job_runs(self) -> Iterator[Item]:
        for job in get_backend("glue")[ACCOUNT][REGION].jobs.values():
            for run in job.job_runs:
                yield Item(job.name, "run", True)
                yield Item(job.name, f"{run.status}", False)

    def _executions(self) -> Iterator[Item]:
        for machine in get_backend("stepfunctions")[ACCOUNT][REGION].state_machines:
            for execution in machine.executions:
                yield Item(machine.arn, f"execution {execution.execution_input}", True)

    def _objects(self) -> Iterator[Item]:
        for bucket in client("s3").list_buckets()["Buckets"]:
            if bucket["Name"] == "results":
                continue
            listed = client("s3").list_object_versions(Bucket=bucket["Name"])
            for version in listed.get("Versions", []):
                owner = f"s3://{bucket['Name']}/{version['Key']}"
                yield Item(f"{owner}|{bucket['Name']}", f"{version['ETag']} {version['Size']}", True)
            for marker in listed.get("DeleteMarkers", []):
                yield Item(f"s3://{bucket['Name']}/{marker['Key']}|{bucket['Name']}", "delete marker", True)
            for upload in client("s3").list_multipart_uploads(Bucket=bucket["Name"]).get("Uploads", []):
                yield Item(f"{upload['Key']}|{bucket['Name']}", "unfinished upload", True)

    def _mails(self) -> Iterator[Item]:
        """Each once for its subject: SES takes a mail at least once, and a mail system drops the second by its mark."""
        yield from {
            Item(address, mail.subject, True)
            for mail in get_backend("ses")[ACCOUNT][REGION].sent_messages
            for address in mail.destinations["ToAddresses"]
        }

    def _messages(self) -> Iterator[Item]:
        """Each once, as mails."""
        for topic in get_backend("sns")[ACCOUNT][REGION].topics.values():
            yield from {Item(topic.arn, str(message[1]), True) for message in topic.sent_notifications}

    def _taken(self) -> Iterator[Item]:
        """What a system beyond AWS took; each once where it knows a repetition by its key."""
        yield from (Item(url, what, True) for url, what in self.aws.taken)

    def _queued(self) -> Iterator[Item]:
        """Each once, as mails."""
        for queue in get_backend("sqs")[ACCOUNT][REGION].queues.values():
            yield from {Item(queue.queue_arn, message.body, True) for message in queue.messages}

    def _events(self) -> Iterator[Item]:
        """Each once, as mails; a rule brings them to a queue."""
        for queue in get_backend("sqs")[ACCOUNT][REGION].queues.values():
            told = (json.loads(message.body) for message in queue.messages)
            yield from {Item(queue.name, f"{e['detail-type']} {json.dumps(e['detail'])}", True) for e in told}

    def _records(self) -> Iterator[Item]:
        for zone in client("route53").list_hosted_zones()["HostedZones"]:
            for record in client("route53").list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
                yield Item(record.get("SetIdentifier", record["Name"]), json.dumps(record, sort_keys=True), False)

    def _automations(self) -> Iterator[Item]:
        for given in self.aws.executions.values():
            yield Item(given["DocumentName"], f"automation {given['Parameters']}", True)

    def _commands(self) -> Iterator[Item]:
        """Batches that ran, each once for the call in its comment: on the instance, the second one ends at once."""
        disks: dict[str, list[str]] = {}
        for volume in client("ec2").describe_volumes()["Volumes"]:
            for attachment in volume["Attachments"]:
                # A part that is about volumes calls their instance by them.
                disks.setdefault(attachment["InstanceId"], []).append(volume["VolumeId"])
        sent = {(i, command.comment) for command in self.aws.commands for i in command.invocations}
        yield from (Item("|".join([i, *disks.get(i, [])]), f"command {i} {comment}", True) for i, comment in sent)


def _tags(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((t["Key"], t["Value"]) for t in resource.get("Tags", []))


@cache
def client(service: str, region: str = REGION) -> Any:
    """A client whose calls are not counted."""
    make: Any = boto3.client
    return make(service, region_name=region)


@contextmanager
def moto() -> Iterator[None]:
    """moto's AWS in this process."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(EC2Backend, "create_image", _create_image)
        client.cache_clear()
        yield


_moto_create_image = EC2Backend.create_image


def _create_image(backend: Any, instance_id: str, name: str, description: str, tag_specifications: Any) -> Any:
    """With what moto leaves out: tags on the snapshots, and one image of a name."""
    if any(image.name == name for image in backend.amis.values()):
        raise EC2ClientError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use")
    tags = {spec["ResourceType"]: spec for spec in tag_specifications}
    kept = [tags["image"]] if "image" in tags else []
    image = _moto_create_image(backend, instance_id, name, description, kept)
    if "snapshot" in tags:
        backend.create_tags([image.ebs_snapshot.id], {t["Key"]: t["Value"] for t in tags["snapshot"]["Tags"]})
    return image


def reset() -> None:
    """An empty AWS, in which the same requests get the same ids."""
    moto_backends: Any = BackendDict
    find: Any = get_backend
    used = [*moto_backends._instances]
    moto_backends.reset()
    # A service's reset makes others anew, some of them after their own: what those draw would not be of the seed.
    for backend in (*used, *map(find, SERVICES)):
        backend.clear()
    mock_random.seed(7)
