"""The flows of a schedule of Instance Scheduler: what they do, in the words of the flow language."""

from __future__ import annotations

from nightshift.importing.writing import INDENT, Bracket, Code, FlowCode, after, call, keyed, lines_of, listed, quoted

STARTED_BY = "StartedBySchedule"
"""The tag by which a schedule with retain_running knows the instances that it has started itself."""

SWITCHES = ("enforced", "use_maintenance_window")
NOT_CARRIED = {
    "enforced": "enforced is not carried over: flows act when their schedule says, and leave alone what somebody "
    "starts or stops in between",
    "use_maintenance_window": "the preferred maintenance windows of databases are not carried over: give the flow that "
    "starts them a second schedule for the window",
    "ssm_maintenance_window": "maintenance windows of Systems Manager are not carried over: add the time of the window "
    "to the schedule of the flow that starts",
}
NEW_INSTANCES = (
    "stop_new_instances is not carried over: an instance that is launched or tagged outside of the periods runs until "
    "the flow stops it at the next end of one"
)
RDS = (
    "databases are not carried over: write rds.start_db_instance(tag=tag) and rds.stop_db_instance(tag=tag) "
    "into its flows"
)


def scheduled(when: Code) -> Code:
    """The option of a flow."""
    return keyed("schedule", when)


def start(name: str, tag: str, schedule: str, instance_type: str | None, retained: str | None) -> FlowCode:
    """The flow that starts instances.

    instance_type: what they become before. retained: the schedule's name, when what was running before is to stay.
    """
    flow = _flow(name, tag, f"Start the instances of the schedule {schedule}")
    if instance_type:
        flow.doc += f", as {instance_type}"
        change = call(
            "ec2.modify_instance_attribute", "tag=tag", keyed("instance_type", quoted(instance_type)), "restart=True"
        )
        flow.body += lines_of(change, 1)
    starting = call("ec2.start_instances", "tag=tag", "status_check=True")
    if retained:
        flow.doc += ", and remember which of them it has started"
        mark = call("ec2.create_tags", "resource_id=started.changed", _mark(retained))
        flow.body += [
            *lines_of(after("started = ", starting), 1),
            f"{INDENT}if started.changed:",
            *lines_of(mark, 2),
            f"{INDENT}return started.summary",
        ]
    else:
        flow.body += lines_of(after("return ", starting, ".summary"), 1)
    flow.doc += "."
    return flow


def stop(name: str, tag: str, schedule: str, hibernate: bool, retained: str | None) -> FlowCode:
    """The flow that stops instances; with `retained` only those that the flow beside it has started."""
    flow = _flow(name, tag, f"Stop the instances of the schedule {schedule}")
    options = ["hibernate=True"] if hibernate else []
    if hibernate:
        flow.doc += ", with their memory kept"
    if retained:
        flow.doc += ", but not those that ran before it started them."
        which = keyed("tag", listed(["tag", quoted(f"{STARTED_BY}={retained}")]))
        mark = call("ec2.create_tags", "resource_id=stopped.matched", _mark("nobody"))
        flow.body += [
            *lines_of(after("stopped = ", call("ec2.stop_instances", which, *options)), 1),
            f"{INDENT}if stopped.matched:",
            *lines_of(mark, 2),
            f"{INDENT}return stopped.summary",
        ]
        return flow
    flow.doc += "."
    flow.body += lines_of(after("return ", call("ec2.stop_instances", "tag=tag", *options), ".summary"), 1)
    return flow


def _flow(name: str, tag: str, doc: str) -> FlowCode:
    options: list[Code] = ['timeout="1h"']
    return FlowCode(name, doc, options, [], [f"tag: str = {quoted(tag)}"], set(), {"ec2"})


def _mark(value: str) -> Bracket:
    return Bracket("tags={", (f"{quoted(STARTED_BY)}: {quoted(value)}",), "}")
