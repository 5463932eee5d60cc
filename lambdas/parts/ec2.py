"""Parts for EC2 instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

from lambdas.contract import Allow, Call, Common, Pending, Result, part
from lambdas.instances import Instance, InstanceState, described, find, state_of
from lambdas.power import PowerResult, run, starting, stopping
from lambdas.progress import Progress
from lambdas.selection import select

INSTANCES = ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",)
_SHOWN = 100


@dataclass
class StartInstancesResult(PowerResult):
    """Result of ec2.start_instances.

    changed: instances this call started, each running (with status_check: 2/2 checks passed).
    skipped: those that were already running or starting, and those excluded by tag.
    """


@dataclass
class StopInstancesResult(PowerResult):
    """Result of ec2.stop_instances.

    changed: instances this call stopped, each in the state stopped; give it to ec2.start_instances to undo.
    skipped: those that were already stopped or stopping, and those excluded by tag.
    """


@dataclass
class DescribeInstancesResult(Result):
    """Result of ec2.describe_instances.

    running, stopped: ids of the matched instances in that state.
    instances: all matched instances.
    """

    running: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    instances: list[InstanceState] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeInstanceStatus")),
        Allow(("ec2:StartInstances",), INSTANCES),
    ),
    timeout="2h",
)
def start_instances(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    status_check: bool = False,
    **common: Unpack[Common],
) -> StartInstancesResult | Pending:
    """Start stopped instances and wait until they run.

    Ten thousand instances take a good hour: the API allows 1,000 starts at once and then two a second
    (Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API").

    Parameters:
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "AutoOn=yes", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left alone.
    status_check: wait until both status checks have passed ("2/2 checks passed"), also of those already running.

    Result: StartInstancesResult.

    Errors:
    PartFailed: an instance does not exist, is terminated, cannot be started (AWS's reason is given), or fell back to
        stopped (its StateReason is given).
    PartTimeout: an instance was not running, or had not passed its checks, when `timeout` ended.
    AccessDenied: the role may not start the instances.
    """
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    return run(call, starting(call, status_check), selection, StartInstancesResult())


@part(
    allow=(
        Allow(("ec2:DescribeInstances",)),
        Allow(("ec2:StopInstances",), INSTANCES),
    ),
)
def stop_instances(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    force: bool = False,
    hibernate: bool = False,
    **common: Unpack[Common],
) -> StopInstancesResult | Pending:
    """Stop running instances and wait until they are stopped.

    Parameters:
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "AutoOff=yes", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left alone.
    force: do not wait for the operating system to shut down; also frees instances stuck in stopping. File systems
        may need repair afterwards.
    hibernate: keep the memory on the root volume; only instances launched with hibernation configured.

    Result: StopInstancesResult.

    Errors:
    PartFailed: an instance does not exist, is terminated, or cannot be stopped (instance store, one-time spot
        request, stop protection, hibernation not configured, ...).
    PartTimeout: an instance was not stopped when `timeout` ended; try `force`.
    AccessDenied: the role may not stop the instances.
    """
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    return run(call, stopping(call, force, hibernate), selection, StopInstancesResult())


@part(allow=(Allow(("ec2:DescribeInstances",)),), waits=False)
def describe_instances(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    **common: Unpack[Common],
) -> DescribeInstancesResult:
    """Read the state of instances.

    Parameters:
    instance_id: ids, as a list or as "i-1;i-2".
    tag: "Env=prod-*", or a list of which all must match; `*` and `?` are wildcards. With instance_id: of those, the
        ones with the tag.
    exclude_tag: instances with one of these tags are left out.

    Result: DescribeInstancesResult.

    Errors:
    PartFailed: an instance id does not exist.
    """
    selection = select(instance_id, tag, exclude_tag, id_name="instance_id", tag_name="tag")
    progress = Progress(call.state)
    found = sorted(find(call, selection, progress), key=lambda i: str(i["InstanceId"]))
    result = DescribeInstancesResult(
        running=_in_state(found, "running"),
        stopped=_in_state(found, "stopped"),
        instances=[described(i, state_of(i)) for i in found],
        responses={"DescribeInstancesResponse": {"Reservations": [{"Instances": found[:_SHOWN]}]}},
    )
    progress.fill(result, changed=[])
    result.matched = sorted({*result.matched, *(str(i["InstanceId"]) for i in found)})
    result.summary = f"{len(found)} found: {len(result.running)} running, {len(result.stopped)} stopped"
    return result


def _in_state(found: list[Instance], state: str) -> list[str]:
    return [i["InstanceId"] for i in found if state_of(i) == state]
