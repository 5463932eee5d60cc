"""Constants that AWS does not have, and calls that have nothing to act on."""

from lambdas.parts import (
    autoscaling,
    awslambda,
    batch,
    cloudformation,
    cloudwatch,
    ebs,
    ec2,
    ecs,
    elb,
    events,
    notify,
    rds,
    s3,
    sqs,
)
from nightshift import Preset, approval, flow, for_each, topic

REGIONS = ["eu-west-1", "eu-wst-2"]


@flow
def selections(tag: str):
    ec2.stop_instances()
#   ^ NS302 Add tag=...
    ec2.stop_instances(instance_id="")
#   ^ NS302 instance_id or tag
    ec2.stop_instances(instance_id=[])
    ebs.create_snapshot(exclude_tag="Keep")
#   ^ NS302 Add volume_tag=...
    ebs.describe_snapshots(volume_id="vol-0123456789abcdef0")
    elb.attach(tag=tag)
#   ^ NS302 target_group_arn or load_balancer_name
    s3.put_object(bucket="logs", key="a.txt")
#   ^ NS302 body or source or instance_id
    notify.publish(topic_arn="arn:aws:sns:eu-west-1:123456789012:ops")
#   ^ NS302 message or template or result


@flow
def regions(tag: str, far: bool, decided: str = "here"):
    ec2.stop_instances(tag=tag, region="eu-wst-1")
#                                      ^ NS310 Did you mean 'eu-west-1'
    for region in REGIONS:
#                 ^ NS310 'eu-wst-2' is no region
        ec2.stop_instances(tag=tag, region=region)
    ec2.stop_instances(tag=tag, region="eu-west-1" if far else "mars-1")
#                                                              ^ NS310 no region
    if decided != "here":
        ec2.stop_instances(tag=tag, region=decided)
    ebs.copy_snapshot(snapshot_id="snap-1", to_region="us-gov-est-1")
#                                                     ^ NS310 us-gov-west-1


@flow
def used_as_it_is(tag: str, region: str = "eu-west-9"):
#                                         ^ NS310 no region of AWS
    ec2.stop_instances(tag=tag, region=region)


@flow
def others(tag: str):
    ec2.modify_instance_attribute(tag=tag, instance_type="m6i.lage", fallback_types=["t3.micro", "t9.micro"])
#                                                        ^ NS310 m6i.large
#                                                                                                ^ NS310 t3.micro
    ec2.stop_instances(tag=tag, role_arn="arn:aws:iam::12345:role/ops")
#                                        ^ NS310 12 digits
    ec2.stop_instances(tag=tag, role_arn="arn:aws:iam::123456789012:user/me")
#                                        ^ NS310 role/NAME
    ec2.stop_instances(tag=tag, role_arn="ops")
#                                        ^ NS310 Write arn:aws:iam
    notify.publish(topic_arn="arn:aws:sns:eu-west-9:123456789012:ops", message="m")
#                            ^ NS310 region of the ARN
    notify.publish(topic_arn="arn:aaws:sns:eu-west-1:123456789012:ops", message="m")
#                            ^ NS310 Did you mean 'aws'
    ec2.stop_instances(tag=["Env=prod", "=prod"])
#                                       ^ NS310 "Key" for any value
    ec2.stop_instances(tag=tag, timeout="soon")
#                                       ^ NS310 Write seconds
    ebs.delete_snapshot(tag=tag, older_than="a month")
#                                           ^ NS310 Write seconds
    ec2.stop_instances(tag=tag, timeout="2000d")
#                                       ^ NS310 Write 365d or less
    ec2.stop_instances(tag=tag, timeout=0, interval=40000000)
#                                       ^ NS310 longer time
#                                                   ^ NS310 a run ends after a year
    ebs.delete_snapshot(tag=tag, older_than="2000d")
    ebs.create_snapshot(instance_tag=tag, keep="99999d")
#                                              ^ NS310 fewer days
    sqs.send_message(queue_arn="arn:aws:sqs:eu-west-1:123456789012:q", message="m", delay="1h")
#                                                                                         ^ NS310 15 minutes at most
    notify.email(to="ops@example.com; Jane <jane@example>", subject="s", body="b")
#                   ^ NS310 Write ops@example.com
    notify.email(to=["ops@example.com", "ops"], subject="s", body="b")
#                                       ^ NS310 Write ops@example.com
    approval("Go on?", to="ops")
#                         ^ NS310 Write ops@example.com
    approval("Go on?", to="ops@example.com", escalate_to="boss", escalate_after="2h")
#                                                        ^ NS310 'boss' is no mail address


@flow
def alarms():
    cloudwatch.describe_alarms(alarm_arn="High CPU, web; queue-depth")
    cloudwatch.describe_alarms(alarm_arn=["queue-depth", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:CPU high"])
    cloudwatch.describe_alarms(alarm_arn="arn:aws:sns:eu-west-1:123456789012:ops")
#                                        ^ NS310 Write arn:aws:cloudwatch:...:alarm:NAME
    cloudwatch.describe_alarms(alarm_arn="queue; arn:aws:cloudwatch:eu-wst-1:123456789012:alarm:CPU high")
#                                        ^ NS310 region of the ARN


@flow
def places(tag: str):
    ebs.create_volume(tag=tag, availability_zone="us-west-2-lax-1a")
    ebs.create_volume(tag=tag, availability_zone="eu-wst-1a")
#                                                ^ NS310 Did you mean 'eu-west-1'
    ebs.create_volume(tag=tag, availability_zone="eu-west-1")
#                                                ^ NS310 Write the zone, 'eu-west-1a'
    ebs.modify_snapshot_attribute(tag=tag, user_ids_to_add="123456789012, 12345")
#                                                          ^ NS310 Write its 12 digits
    rds.modify_db_snapshot_attribute(tag=tag, values_to_remove=["12345"])
#                                                               ^ NS310 Write its 12 digits


@flow
def arns_or_names(tag: str):
    ebs.copy_snapshot(tag=tag, to_region="eu-west-1", kms_key_id="alias/backup")
    batch.submit_job(job_queue="nightly", job_definition="arn:aws:batch:eu-west-1:123456789012:job-definition/a:3")
    ebs.copy_snapshot(tag=tag, to_region="eu-west-1", kms_key_id="arn:aws:kms:eu-wst-1:123456789012:key/a")
#                                                                ^ NS310 region of the ARN
    batch.submit_job(job_queue="arn:aws:batch:eu-west-1:12:job-queue/a", job_definition="a")
#                              ^ NS310 12 digits
    events.put_events(detail_type="a", detail={}, event_bus="arn:aws:sns:eu-west-1:123456789012:a")
#                                                           ^ NS310 event-bus/NAME
    awslambda.invoke(function_name="arn:aws:lambda:eu-wst-1:123456789012:function:a", wait=True)
#                                  ^ NS310 region of the ARN
    ecs.run_task(cluster="arn:aws:ecs:eu-wst-1:123456789012:cluster/a", task_definition="a")
#                        ^ NS310 region of the ARN


@flow(notify=["ops@example.com", "arn:aws:sns:eu-wst-1:123456789012:ops"])
#            ^ NS310 region of the ARN
def told():
    pass


@flow(on_alarm=topic("arn:aws:sns:eu-wst-1:123456789012:ops"))
#              ^ NS310 region of the ARN
def alarmed():
    pass


@flow
def ids():
    ec2.start_instances(instance_id="web-1")
#                                   ^ NS310 Write i-...
    ec2.start_instances(instance_id=["i-0123456789abcdef0", "vol-0123456789abcdef0"])
#                                                           ^ NS310 no id of an instance
    ebs.create_snapshot(volume_id="vol-0123456789abcdef0; data")
#                                 ^ NS310 'data' is no id of a volume
    ecs.run_task(task_definition="a", subnets=["sub-1"], security_groups="web")
#                                              ^ NS310 Write subnet-...
#                                                                        ^ NS310 Write sg-...


@flow
def names_of_aws(tag: str):
    rds.modify_db_instance(tag=tag, db_instance_class="db.t3.huge")
#                                                     ^ NS310 Did you mean 'db.t3.large'
    rds.modify_db_instance(tag=tag, db_instance_class="t3.micro")
#                                                     ^ NS310 Write 'db.t3.micro'
    rds.modify_db_instance(tag=tag, db_instance_class="db.x2g.large", fallback_classes=["db.r5.large.tpc1.mem2x"])
    rds.modify_db_instance(tag=tag, db_instance_class="db.serverless")
    autoscaling.suspend_processes(tag=tag, scaling_processes=["Lunch"])
#                                                             ^ NS310 no process
    cloudformation.create_stack(stack_name="a", template="a.yaml", capabilities="CAPABILITY_IM")
#                                                                               ^ NS310 CAPABILITY_IAM
    ec2.stop_instances(tag=tag, role_arn="arn:aws:iam:eu-west-1:123456789012:role/ops")
#                                        ^ NS310 iam has no regions


@flow
def empty(tag: str):
    notify.email(to="", subject="s")
#                   ^ NS310 is empty
    ec2.modify_instance_attribute(tag=tag, instance_type="")
#                                                        ^ NS310 Give it a value


def stopped_in(region: str) -> str:
    done = ec2.stop_instances(tag="AutoOff=yes", region=region)
    return done.summary


@flow
def by_way_of_names(tag: str, far: bool, ids: list[str]):
    region = "eu-wst-1" if far else "eu-west-1"
#            ^ NS310 Did you mean 'eu-west-1'
    ec2.stop_instances(tag=tag, region=region)
    there = "eu-wst-2"
#           ^ NS310 Did you mean 'eu-west-2'
    stopped_in(there)
    types = ["t3.micro", "t9.micro"]
#                        ^ NS310 no instance type
    for kind in types:
        ec2.modify_instance_attribute(tag=tag, instance_type=kind)
    place = "mars-1"
#           ^ NS310 no region
    for_each(ids, lambda one: ec2.stop_instances(instance_id=one, region=place))
    for_each(["eu-west-1", "eu-wst-3"], stopped_in)
#                          ^ NS310 eu-west-3
    late = "later"
    if far:
        late = ec2.describe_instances(tag=tag).summary
    ec2.stop_instances(tag=tag, region=late)
    unknown = "none"
    if far:
        unknown = "eu-west-1"
    if unknown != "none":
        ec2.stop_instances(tag=tag, region=unknown)


@flow(presets={"small": Preset({"kind": "t3.micro"}), "large": Preset({"kind": "t3.lage"})})
#                                                                              ^ NS310 t3.large
def by_presets(kind: str = "t3.small"):
    ec2.modify_instance_attribute(tag="AutoOff=yes", instance_type=kind)


def described_in(place: str, tag: str):
    ec2.describe_instances(tag=tag, region=place)


@flow
def called(kind: str, region: str, regions: list[str], other: str, unused: str = ""):
    ec2.modify_instance_attribute(tag="AutoOff=yes", instance_type=kind)
    described_in(region, "AutoOff=yes")
    for one in regions:
        described_in(tag="AutoOff=yes", place=one)
    if other != "none":
        described_in(other, "AutoOff=yes")


@flow
def calls_another(kind: str):
    called(kind="t3.lage", region="eu-wst-1", regions=["mars"], other="none", unused="mars")
#               ^ NS310 t3.large
#                                 ^ NS310 eu-west-1
#                                                      ^ NS310 no region
    place = "mars-2"
#           ^ NS310 no region
    for size in ["t3.micro", "t9.micro"]:
#                            ^ NS310 no instance type
        called(size, place, [], "mars")
    if kind == "x":
        called(kind, "eu-west-1", [], "none")
