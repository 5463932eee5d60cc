"""Running a replacement of each instance from its last image, as `lambdas.engine.making` makes things of targets.

The image is settled at the plan and the request carries a client token that the same call always gives: EC2 answers a
repeated request with the instance that the first one launched ("Ensuring idempotency in Amazon EC2 API requests",
Amazon EC2 Developer Guide). So a lost answer launches nothing twice, also while the instance is not described yet.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call, Pending
from lambdas.engine.generations import Made, MakingResult
from lambdas.engine.making import Making
from lambdas.engine.pacing import BATCH
from lambdas.engine.progress import Progress
from lambdas.engine.selection import FILTER_VALUES, tag_map
from lambdas.engine.tags import call_filter, tags_for
from lambdas.parts.ec2 import _images, _instances
from lambdas.parts.ec2._images import INSTANCE
from lambdas.parts.ec2._instances import Instance, InstanceState, described, state_of, statuses

_ENDED = ("shutting-down", "terminated", "stopping", "stopped")
_TOKEN = 64
"""Characters of a client token ("RunInstances", Amazon EC2 API Reference)."""

_METADATA = ("HttpEndpoint", "HttpPutResponseHopLimit", "HttpTokens", "HttpProtocolIpv6", "InstanceMetadataTags")


@dataclass
class RunInstancesResult(MakingResult):
    """Result of ec2.run_instances.

    matched: ids of the selected instances.
    changed: ids of the instances that have a replacement that runs (with status_check: 2/2 checks passed).
    instance_ids: ids of the replacements.
    instances: the replacements (the first 100).
    """

    instance_ids: list[str] = field(default_factory=list)
    instances: list[InstanceState] = field(default_factory=list)


class Replacing(Making[RunInstancesResult]):
    """`images` in the state: instance -> the image its replacement is launched from."""

    verb, done_verb, noun = "run a replacement of", "replaced", "instance"
    product, products = "replacement", "replacements"
    gone = frozenset({"InvalidInstanceID.NotFound"})
    # The token is known with other parameters when tags have changed since a lost answer: its instance will be shown.
    target_busy = {  # noqa: RUF012
        "IdempotentParameterMismatch": 15,
        "InsufficientInstanceCapacity": 60,
        "InsufficientFreeAddressesInSubnet": 60,
        "RequestResourceCountExceeded": 15,
    }

    def __init__(self, call: Call, *, status_check: bool) -> None:
        super().__init__(call, None)
        self.status_check = status_check

    def settle(self, found: list[Instance], progress: Progress) -> None:
        """Plan: the last image of each instance; one without is noted as failed."""
        names = [i["InstanceId"] for i in found]
        newest = _last_images(self.call, names)
        progress.fail(
            [name for name in names if name not in newest],
            "InvalidAMIID.NotFound",
            "there is no available image of '{id}'; make one with ec2.create_image",
        )
        self.plan({name: {} for name in names if name in newest}, progress)
        # What is launched is asked for when it is launched.
        self.state["about"] = {}
        self.state["images"] = newest

    def of_call(self) -> list[Made]:
        """The replacements that this call has launched."""
        return self._made([{"Name": name, "Values": values} for name, values in call_filter(self.call).items()])

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        """Nothing: replacements have no generations."""
        return {target: [] for target in targets}

    def by_id(self, products: list[str]) -> list[Made]:
        """The replacements with these ids."""
        return self._made([{"Name": "instance-id", "Values": products[:FILTER_VALUES]}])

    def describe(self, targets: list[str]) -> dict[str, Any]:
        """What the replacements are to have of the instances."""
        found = _instances.describe_by_id(targets, BATCH, self._instances)
        _instances.missing(found, targets, "InstanceId", "InvalidInstanceID.NotFound", "'{id}' does not exist any more")
        for ids, code, message in found.failed:
            self.progress.fail(ids, code, message)
        # EC2 forgets the network of an instance that is terminated.
        alive = {i["InstanceId"]: i for i in found.items if i.get("SubnetId")}
        lost = [i["InstanceId"] for i in found.items if i["InstanceId"] not in alive]
        self.progress.fail(lost, "IncorrectInstanceState", "'{id}' is terminated: its subnet is not known any more")
        return alive

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

    def delete(self, product: str, *, dry_run: bool) -> None:
        """Nothing is planned to be deleted: the client token leaves no duplicates."""
        raise AssertionError(f"{product} was not planned to be deleted")

    def fill(self, result: RunInstancesResult, details: list[Made], kept: list[Made]) -> RunInstancesResult:
        """Ids and states of the replacements."""
        made = self.made()
        result.instance_ids = [made[i] for i in result.changed if i in made]
        result.instances = [described(m.raw, "") for m in details]
        result.responses = {
            "RunInstancesResponse": self.state.get("answers", []),
            "DescribeInstancesResponse": {"Reservations": [{"Instances": [m.raw for m in details]}]},
        }
        return result

    def empty(self) -> RunInstancesResult:
        """An empty result."""
        return RunInstancesResult()

    def _rotate(self) -> RunInstancesResult | Pending:
        return self.finish()

    def _made(self, filters: list[dict[str, Any]]) -> list[Made]:
        pages = self.call.client("ec2").get_paginator("describe_instances").paginate(Filters=filters)
        found = [_instances.trim(i) for page in pages for r in page["Reservations"] for i in r["Instances"]]
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


def client_token(call: Call, instance: str) -> str:
    """The same for every attempt of the same call to replace the same instance, and no other."""
    return hashlib.sha256(f"{call.run.id} {call.run.key} {instance}".encode()).hexdigest()[:_TOKEN]


def _last_images(call: Call, names: list[str]) -> dict[str, str]:
    """Instance -> its newest available image of this account, as ec2.create_image tags them."""
    newest: dict[str, tuple[str, str]] = {}
    for start in range(0, len(names), FILTER_VALUES):
        wanted = {f"tag:{INSTANCE}": names[start : start + FILTER_VALUES], "state": ["available"]}
        for image in _images.search(call, wanted):
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
