"""What starts flows and what keeps them from starting, on the local AWS with the app deployed by the cdk CLI."""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from nightshift.local import LocalAws, sent_mail
from tests.cli.conftest import Done, command
from tests.e2e.runs import ROOT, TOKYO, executions, finished, start
from tests.waiting import until

pytestmark = pytest.mark.e2e

FLOWS = ("--flow-defs", str(ROOT / "tests" / "e2e" / "flow_defs"))


def nightshift(local: LocalAws, *arguments: str) -> Done:
    """The command line in the folder of the local AWS."""
    return command(*arguments, *FLOWS, cwd=local.project)


@pytest.fixture(scope="module")
def nights() -> Iterator[datetime]:
    """Midnights in Tokyo, each later than the one before, and all to come by the clock on the wall."""
    today = datetime.now(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=day) for day in range(2, 30))


def fire(local: LocalAws, flow: str, due: datetime) -> dict[str, Any]:
    """Let the clock of the schedules come to a moment at which a flow is due; the one execution that starts."""
    local.set_scheduler_clock(due - timedelta(seconds=1))
    (started,) = until(lambda: started_for(local, flow, due), f"{flow} to start for {due}")
    return started


def started_for(local: LocalAws, flow: str, due: datetime) -> list[dict[str, Any]]:
    """The executions of a flow that its schedule started for a moment."""
    states = local.session().client("stepfunctions")
    described = [states.describe_execution(executionArn=e["executionArn"]) for e in executions(local, flow)]
    scheduled = f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    triggers = [json.loads(execution["input"])["nightshift"]["trigger"] for execution in described]
    return [e for e, trigger in zip(described, triggers, strict=True) if trigger.get("scheduled_time") == scheduled]


def ended_for(local: LocalAws, flow: str, due: datetime) -> list[dict[str, Any]]:
    """Those of them that have ended."""
    return [e for e in started_for(local, flow, due) if e["status"] != "RUNNING"]


def skipped(local: LocalAws, execution: dict[str, Any]) -> str:
    """Why an execution was skipped."""
    ended = finished(local, execution["executionArn"])
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    output = json.loads(ended["output"])
    assert set(output) == {"nightshift"}
    reason: str = output["nightshift"]["skipped"]
    return reason


def test_a_schedule_fires_at_its_moment_in_its_own_time_zone(local: LocalAws, nights: Iterator[datetime]) -> None:
    midnight = next(nights)
    # Midnight in UTC, nine hours after the one before in Tokyo, is none.
    local.set_scheduler_clock(midnight - timedelta(hours=16))
    assert local.next_fire_times()["nightshift/tokyo_midnight"] == midnight
    before = time.time()
    started = fire(local, "tokyo_midnight", midnight)
    assert started["startDate"].timestamp() >= before + 1
    ended = finished(local, started["executionArn"])
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", "done")
    assert len(executions(local, "tokyo_midnight")) == 1


def test_a_held_flow_does_not_run_and_says_why(local: LocalAws, nights: Iterator[datetime]) -> None:
    held, free = next(nights), next(nights)
    me = getpass.getuser()
    told = f"held until {free:%Y-%m-%d} 00:00 JST by {me}: the database moves"

    done = nightshift(local, "hold", "tokyo_midnight", "--until", f"{free:%Y-%m-%d}", "--why", "the database moves")
    assert (done.code, done.out.splitlines()[0]) == (0, f"tokyo_midnight is {told}")
    listed = [line for line in nightshift(local, "list").out.splitlines() if line.startswith("tokyo_midnight ")]
    assert [line.rpartition("  ")[2] for line in listed] == [told]

    execution = fire(local, "tokyo_midnight", held)
    assert skipped(local, execution) == told
    run = f"tokyo_midnight/{execution['name']}"

    def recorded() -> list[dict[str, Any]]:
        done = command("runs", "tokyo_midnight", "--state", "skipped", "--json", cwd=local.project)
        found: list[dict[str, Any]] = json.loads(done.out)
        return [record for record in found if record["run"] == run]

    (record,) = until(recorded, "the record of the skipped run")
    assert (record["state"], record["skipped"]) == ("SKIPPED", told)
    assert told in command("report", run, cwd=local.project).out
    by_hand = nightshift(local, "run", "tokyo_midnight", "--json")
    assert (by_hand.code, json.loads(by_hand.out)["output"]) == (0, "done")

    ended = finished(local, fire(local, "tokyo_midnight", free)["executionArn"])
    assert json.loads(ended["output"]) == "done"
    assert nightshift(local, "release", "tokyo_midnight").out.startswith(f"tokyo_midnight is no longer {told}")


def test_one_start_is_skipped_and_the_next_is_not(local: LocalAws, nights: Iterator[datetime]) -> None:
    done = nightshift(local, "skip-next", "tokyo_midnight", "--why", "done by hand")
    assert done.code == 0, done.err
    told = f"skipped once by {getpass.getuser()}: done by hand"
    assert done.out.endswith(f"is {told}\n")
    assert skipped(local, fire(local, "tokyo_midnight", next(nights))) == told
    ended = finished(local, fire(local, "tokyo_midnight", next(nights))["executionArn"])
    assert json.loads(ended["output"]) == "done"


def test_a_start_delivered_twice_is_one_run_and_the_next_is_skipped_while_it_lasts(
    local: LocalAws, nights: Iterator[datetime]
) -> None:
    first, second, third = (next(nights) + timedelta(minutes=30) for _ in range(3))
    states = local.session().client("stepfunctions")
    local.set_deliveries(2)
    try:
        local.set_scheduler_clock(first - timedelta(seconds=1))
        until(lambda: local.delivered("nightshift/long_night") == 2, "the second delivery")
    finally:
        local.set_deliveries(1)
    (duplicate,) = until(lambda: ended_for(local, "long_night", first), "one of the two to be skipped")
    (under_way,) = [e for e in started_for(local, "long_night", first) if e["name"] != duplicate["name"]]
    assert skipped(local, duplicate) == f"the run {under_way['name']} was started for the same due time"
    assert dead_letters(local) == 0

    assert skipped(local, fire(local, "long_night", second)) == f"the run {under_way['name']} is under way"
    assert states.describe_execution(executionArn=under_way["executionArn"])["status"] == "RUNNING"

    states.stop_execution(executionArn=under_way["executionArn"])
    again = fire(local, "long_night", third)["executionArn"]
    until(lambda: "sleep" in entered(local, again), "the run to be let through")
    states.stop_execution(executionArn=again)


def dead_letters(local: LocalAws) -> int:
    """How many messages are in the dead-letter queue."""
    sqs = local.session().client("sqs")
    url = sqs.get_queue_url(QueueName="nightshift-dead-letters")["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def entered(local: LocalAws, execution: str) -> str:
    """The states that an execution has entered, as text."""
    events = local.session().client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    return " ".join(e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e)


def alarm_topic(local: LocalAws, output: str) -> str:
    """The topic whose messages start a flow."""
    return next(outputs[output] for outputs in local.outputs.values() if output in outputs)


def alarm_message(instance: str, changed: datetime) -> str:
    """What CloudWatch publishes when the alarm of an instance goes off."""
    return json.dumps(
        {
            "AlarmName": f"status of {instance}",
            "AlarmArn": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{instance}",
            "NewStateValue": "ALARM",
            "NewStateReason": "Threshold Crossed",
            "StateChangeTime": f"{changed:%Y-%m-%dT%H:%M:%S}.000+0000",
            "Trigger": {"Dimensions": [{"name": "InstanceId", "value": instance}]},
        }
    )


def _decided(table: Any, flow: str, count: int) -> bool:
    """Whether the receiver has decided so many alarm messages."""
    key = "pk = :pk AND begins_with(sk, :sk)"
    values = {":pk": f"STORM#{flow}", ":sk": "MESSAGE#"}
    return len(table.query(KeyConditionExpression=key, ExpressionAttributeValues=values)["Items"]) == count


def test_a_burst_of_fifty_alarms_starts_one_run_for_each_instance(local: LocalAws) -> None:
    sns = local.session().client("sns")
    topic = alarm_topic(local, "AlarmTopicCalmArn")
    fleet = [f"i-{number:017x}" for number in range(5)]
    burst = [
        alarm_message(instance, datetime(2026, 11, 24, 1, minute, tzinfo=UTC))
        for minute in range(10)
        for instance in fleet
    ]
    assert len(burst) == 50
    table = local.session().resource("dynamodb").Table("nightshift")
    for message in burst[:5]:
        sns.publish(TopicArn=topic, Message=message)
    # MiniStack starts a worker process for each delivery under way, so they come in gusts of five.
    for gust in range(10):
        for message in burst[5 * gust : 5 * gust + 5]:
            sns.publish(TopicArn=topic, Message=message)
        until(partial(_decided, table, "calm", 5 * gust + 5), f"{5 * gust + 5} alarms to be decided")
    ended = [finished(local, run["executionArn"]) for run in executions(local, "calm")]
    assert sorted(json.loads(run["output"]) for run in ended) == fleet
    assert dead_letters(local) == 0


def test_instances_have_their_alarms_from_the_deployment_on_and_lose_them_in_the_end(local: LocalAws) -> None:
    session: Any = local.session()
    ec2, cloudwatch = (session.client(name) for name in ("ec2", "cloudwatch"))

    def alarms() -> set[str]:
        """The instances with an alarm that tells the flow."""
        found = cloudwatch.describe_alarms(AlarmNamePrefix="nightshift/watched/")["MetricAlarms"]
        topic = alarm_topic(local, "AlarmTopicWatchedArn")
        assert {action for alarm in found for action in alarm["AlarmActions"]} == {topic}
        return {d["Value"] for alarm in found for d in alarm["Dimensions"] if d["Name"] == "InstanceId"}

    filters = [{"Name": "tag:Role", "Values": ["web"]}, {"Name": "instance-state-name", "Values": ["running"]}]
    found = ec2.describe_instances(Filters=filters)["Reservations"]
    servers = {i["InstanceId"] for r in found for i in r["Instances"]}
    assert alarms() == servers
    assert len(servers) == 2

    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Role", "Value": "web"}]}]
    made = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, TagSpecifications=tags)
    new = made["Instances"][0]["InstanceId"]
    until(lambda: alarms() == {*servers, new}, "the alarm of the new instance")
    ec2.terminate_instances(InstanceIds=[new])
    until(lambda: alarms() == servers, "the alarm of the terminated instance to go")


def behind(local: LocalAws, balancer: str) -> tuple[str, str]:
    """An instance behind a load balancer of its own, and an image of it."""
    session: Any = local.session()
    ec2, elb = session.client("ec2"), session.client("elb")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": balancer}]}]
    made = ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="m5.large", TagSpecifications=tags
    )
    instance = made["Instances"][0]["InstanceId"]
    local.control().settle()
    marked = [{"ResourceType": "image", "Tags": [{"Key": "nightshift:instance", "Value": instance}]}]
    image = ec2.create_image(InstanceId=instance, Name=balancer, NoReboot=True, TagSpecifications=marked)["ImageId"]
    elb.create_load_balancer(
        LoadBalancerName=balancer,
        AvailabilityZones=[f"{local.region}a"],
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
    )
    elb.register_instances_with_load_balancer(LoadBalancerName=balancer, Instances=[{"InstanceId": instance}])
    local.control().settle()
    return instance, image


def registered(local: LocalAws, balancer: str) -> list[str]:
    """The instances behind a load balancer."""
    answer = local.session().client("elb").describe_load_balancers(LoadBalancerNames=[balancer])
    return [i["InstanceId"] for i in answer["LoadBalancerDescriptions"][0]["Instances"]]


def test_an_instance_behind_the_load_balancer_is_replaced_from_its_last_image(local: LocalAws) -> None:
    session = local.session()
    ec2: Any = session.client("ec2")
    old, image = behind(local, "web")
    changed = datetime(2026, 11, 24, 2, tzinfo=UTC)
    for _ in range(2):
        session.client("sns").publish(
            TopicArn=alarm_topic(local, "AlarmTopicReplaceInstanceArn"), Message=alarm_message(old, changed)
        )
    (started,) = until(lambda: executions(local, "replace_instance"), "the alarm to start the flow")
    ended = finished(local, started["executionArn"])
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))

    (new,) = registered(local, "web")
    assert new != old
    found = ec2.describe_instances(InstanceIds=[old, new])["Reservations"]
    by_id = {i["InstanceId"]: i for r in found for i in r["Instances"]}
    assert (by_id[old]["State"]["Name"], by_id[new]["State"]["Name"]) == ("stopped", "running")
    assert (by_id[new]["ImageId"], by_id[new]["InstanceType"]) == (image, "m5.large")
    assert {"Key": "ReplacedBy", "Value": new} in by_id[old]["Tags"]
    assert [m.subject for m in sent_mail(local) if old in m.subject] == [f"{old} was replaced"]
    assert len(executions(local, "replace_instance")) == 1


def test_an_instance_that_cannot_be_replaced_is_put_back_and_somebody_is_told(local: LocalAws) -> None:
    old, image = behind(local, "shop")
    ec2: Any = local.session().client("ec2")
    ec2.deregister_image(ImageId=image)
    ended = finished(local, start(local, "replace_instance", instance_id=old, load_balancer_name="shop"))
    assert (ended["status"], ended["error"]) == ("FAILED", "PartFailed")
    assert old in ended["cause"]
    assert registered(local, "shop") == [old]
    (described,) = ec2.describe_instances(InstanceIds=[old])["Reservations"]
    assert described["Instances"][0]["State"]["Name"] == "running"
    mail = sent_mail(local)[-1]
    assert mail.subject == f"{old} could not be replaced"
    assert "no available image" in mail.text
