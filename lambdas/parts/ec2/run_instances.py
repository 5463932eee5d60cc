"""ec2.run_instances: a running replacement of each instance, launched from its last image.

The image is settled at the plan and the request carries a client token that the same call always gives: EC2 answers a
repeated request with the instance that the first one launched ("Ensuring idempotency in Amazon EC2 API requests",
Amazon EC2 Developer Guide). So a lost answer launches nothing twice, also while the instance is not described yet.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.generations import Made, MakingResult
from lambdas.engine.making import Making
from lambdas.engine.pacing import BATCH
from lambdas.engine.selection import FILTER_VALUES, ChangeInstances, Selection, selected, tag_map
from lambdas.engine.stages import Failed
from lambdas.engine.tags import call_filter, client_token, tags_for
from lambdas.parts.ec2._shared import images, instances
from lambdas.parts.ec2._shared.images import INSTANCE
from lambdas.parts.ec2._shared.instances import Instance, InstanceState, described, state_of, statuses
from lambdas.parts.ec2._shared.permissions import COPY_KEYS, GRANT_KEYS, IMAGES, INSTANCES, VOLUMES

_ENDED = ("shutting-down", "terminated", "stopping", "stopped")
_METADATA = ("HttpEndpoint", "HttpPutResponseHopLimit", "HttpTokens", "HttpProtocolIpv6", "InstanceMetadataTags")


LAUNCHED_INTO = tuple(
    f"arn:${{AWS::Partition}}:ec2:*:{account}:{kind}/*"
    for account, kind in (
        ("*", "subnet"),
        ("*", "security-group"),
        ("${AWS::AccountId}", "network-interface"),
        ("${AWS::AccountId}", "key-pair"),
        ("", "snapshot"),
    )
)
"""What a launch needs besides the instance, its volumes and its image; subnets and security groups may be shared by
another account. Amazon EC2 User Guide, "Example policies to control access the Amazon EC2 API", "Launch instances"."""


@dataclass
class RunInstancesResult(MakingResult):
    """Result of ec2.run_instances.

    matched: ids of the selected instances.
    changed: ids of the instances that have a replacement that runs (with status_check: all checks passed).
    instance_ids: ids of the replacements.
    instances: the replacements (the first 100).
    """

    instance_ids: list[str] = field(default_factory=list)
    instances: list[InstanceState] = field(default_factory=list)


@part(
    # Only images that nightshift made, and only with its tags on what is launched.
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeInstanceStatus", "ec2:DescribeImages")),
        Allow(("ec2:DescribeInstanceAttribute",), INSTANCES),
        Allow(("ec2:RunInstances",), (*INSTANCES, *VOLUMES), {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(("ec2:RunInstances",), IMAGES, {"StringLike": {"aws:ResourceTag/nightshift:instance": "?*"}}),
        Allow(("ec2:RunInstances",), LAUNCHED_INTO),
        Allow(("ec2:CreateTags",), (*INSTANCES, *VOLUMES), {"StringEquals": {"ec2:CreateAction": "RunInstances"}}),
        Allow(
            ("iam:PassRole",),
            ("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*",),
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
        GRANT_KEYS,
        COPY_KEYS,
    ),
    cost="The replacements are billed by the second; the instances they replace go on costing until they are stopped.",
)
def run_instances(
    call: Call,
    *,
    status_check: bool = False,
    **common: Unpack[ChangeInstances],
) -> RunInstancesResult | Pending:
    """Run a replacement of each instance from its last image (AMI), and wait until it runs.

    The last image is the newest available one that ec2.create_image made of the instance, in any flow. The replacement
    has the type, subnet, security groups, instance profile, key pair, metadata options, user data and tags of the
    instance, and nightshift:flow, nightshift:run, nightshift:call and nightshift:instance; its volumes are those of the
    image. Private and Elastic IP addresses stay with the instance, which is left as it is: it is yours to stop.

    Parameters:
    status_check: wait until all status checks of the replacements have passed ("3/3 checks passed").

    Result: RunInstancesResult.

    Errors:
    PartFailed: an instance does not exist, is terminated or has no image, or its replacement ended again.
    PartTimeout: a replacement was not running, or had not passed its checks, when `timeout` ended; a lack of capacity
        is waited for until then.
    AccessDenied: the role may not launch instances.

    Example:
        from lambdas.parts import ec2
        from nightshift import flow


        @flow(timeout="2h")
        def second_web_server(instance_id: str):
            \"\"\"Run another server from the last image of a web server, and wait until it has passed its checks.\"\"\"
            return ec2.run_instances(instance_id=instance_id, status_check=True).instance_ids
    """
    selection = selected(common, "instance_id")
    return Replacing(call, selection, status_check=status_check).run()


class Replacing(Making[RunInstancesResult]):
    """`images` in the state: instance -> the image its replacement is launched from."""

    verb, done, noun = "run a replacement of", "replaced", "instance"
    product, products = "replacement", "replacements"
    result = RunInstancesResult
    gone = "InvalidInstanceID.NotFound"
    # The token is known with other parameters when tags have changed since a lost answer: its instance will be shown.
    busy = {  # noqa: RUF012
        "IdempotentParameterMismatch": 15,
        "InsufficientInstanceCapacity": 60,
        "InsufficientFreeAddressesInSubnet": 60,
        "RequestResourceCountExceeded": 15,
    }

    def __init__(self, call: Call, selection: Selection, *, status_check: bool) -> None:
        super().__init__(call)
        self.selection = selection
        self.status_check = status_check

    def targets(self) -> dict[str, Any]:
        """The instances that have an image; one without is noted as failed. What is launched is described then."""
        names = [i["InstanceId"] for i in instances.find(self.call, self.selection, self.progress)]
        newest = _last_images(self.call, names)
        self.progress.fail(
            [name for name in names if name not in newest],
            "InvalidAMIID.NotFound",
            "there is no available image of '{id}'; make one with ec2.create_image",
        )
        self.state["images"] = newest
        return {name: None for name in names if name in newest}

    def of_call(self) -> list[Made]:
        """The replacements that this call has launched."""
        return self._made([{"Name": name, "Values": values} for name, values in call_filter(self.call).items()])

    def by_id(self, products: list[str]) -> list[Made]:
        """The replacements with these ids."""
        return self._made([{"Name": "instance-id", "Values": products[:FILTER_VALUES]}])

    def population(self) -> int:
        return instances.population(self.call)

    def describe(self, targets: list[str]) -> dict[str, Any]:
        """What the replacements are to have of the instances."""
        found = instances.describe_by_id(targets, BATCH, self._instances)
        instances.missing(found, targets, "InstanceId", "InvalidInstanceID.NotFound", "'{id}' does not exist any more")
        lost: dict[str, Failed] = {i: Failed(code, message) for ids, code, message in found.failed for i in ids}
        for instance in found.items:
            # EC2 forgets the network of an instance that is terminated.
            if not instance.get("SubnetId"):
                text = "'{id}' is terminated: its subnet is not known any more"
                lost[instance["InstanceId"]] = Failed("IncorrectInstanceState", text)
        return {i["InstanceId"]: i for i in found.items} | lost

    def create(self, target: Any, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        """Launch the replacement of an instance."""
        instance = target["InstanceId"]
        image = self.state["images"][instance]
        tags, dropped = tags_for(self.call.run, {INSTANCE: instance}, target.get("Tags"))
        if dropped:
            self.warn(f"{instance}: {dropped} of its tags did not fit the 50 tags of an instance")
        answer = self.call.client("ec2").run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            ClientToken=client_token(self.call, instance),
            TagSpecifications=[{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")],
            DryRun=dry_run,
            **_like(target),
            **self._user_data(instance),
        )
        replacement: str = answer["Instances"][0]["InstanceId"]
        return replacement, {"InstanceId": replacement, "ImageId": image, "Replaces": instance}

    def fill(self, result: RunInstancesResult, details: list[Made]) -> None:
        """Ids and states of the replacements."""
        result.instance_ids = [self.made[i] for i in result.changed if i in self.made]
        result.instances = [described(m.raw, "") for m in details]
        result.responses = {
            "RunInstancesResponse": self.state.get("answers", []),
            "DescribeInstancesResponse": {"Reservations": [{"Instances": [m.raw for m in details]}]},
        }

    def _made(self, filters: list[dict[str, Any]]) -> list[Made]:
        pages = self.call.client("ec2").get_paginator("describe_instances").paginate(Filters=filters)
        found = [instances.trim(i) for page in pages for r in page["Reservations"] for i in r["Instances"]]
        running = [i["InstanceId"] for i in found if state_of(i) == "running"]
        checked = statuses(self.call, running) if self.status_check and running else {}
        return [_as_made(i, not self.status_check or checked.get(i["InstanceId"]) == "ok") for i in found]

    def _instances(self, batch: list[str]) -> Iterator[Instance]:
        for reservation in self.call.client("ec2").describe_instances(InstanceIds=batch)["Reservations"]:
            yield from reservation["Instances"]

    def _user_data(self, instance: str) -> dict[str, bytes]:
        answer = self.call.client("ec2").describe_instance_attribute(InstanceId=instance, Attribute="userData")
        encoded = (answer.get("UserData") or {}).get("Value")
        # The client encodes what it is given ("run_instances", Boto3 documentation).
        return {"UserData": base64.b64decode(encoded)} if encoded else {}


def _last_images(call: Call, names: list[str]) -> dict[str, str]:
    """Instance -> its newest available image of this account, as ec2.create_image tags them."""
    newest: dict[str, tuple[str, str]] = {}
    for start in range(0, len(names), FILTER_VALUES):
        wanted = {f"tag:{INSTANCE}": names[start : start + FILTER_VALUES], "state": ["available"]}
        for image in images.search_images(call, wanted):
            instance = tag_map(image.get("Tags")).get(INSTANCE, "")
            made = (image.get("CreationDate", ""), image["ImageId"])
            newest[instance] = max(newest.get(instance, made), made)
    return {instance: image for instance, (_, image) in newest.items()}


def _like(target: Instance) -> dict[str, Any]:
    """The request for an instance like `target`, but for its image, tags and user data."""
    request: dict[str, Any] = {
        "InstanceType": target["InstanceType"],
        "SubnetId": target["SubnetId"],
        "SecurityGroupIds": [group["GroupId"] for group in target.get("SecurityGroups", [])],
        "EbsOptimized": bool(target.get("EbsOptimized")),
        "Monitoring": {"Enabled": target.get("Monitoring", {}).get("State") in ("enabled", "pending")},
    }
    if target.get("KeyName"):
        request["KeyName"] = target["KeyName"]
    if profile := target.get("IamInstanceProfile"):
        request["IamInstanceProfile"] = {"Arn": profile["Arn"]}
    options = {name: value for name in _METADATA if (value := target.get("MetadataOptions", {}).get(name))}
    if options:
        request["MetadataOptions"] = options
    return request


def _as_made(instance: Instance, checked: bool) -> Made:
    state = state_of(instance)
    reason = instance.get("StateReason", {})
    return Made(
        id=instance["InstanceId"],
        target=tag_map(instance.get("Tags")).get(INSTANCE, ""),
        state="failed" if state in _ENDED else "completed" if state == "running" and checked else "pending",
        reason=f"it is {state}: {reason.get('Code', '')} {reason.get('Message', '')}".strip(" :"),
        at=str(instance.get("LaunchTime", "")),
        raw=instance,
    )
