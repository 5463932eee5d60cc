"""A flow for each service of the catalogue, which goes through its parts."""

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
    glue,
    notify,
    organizations,
    rds,
    route53,
    s3,
    sqs,
    ssm,
    stepfunctions,
)
from nightshift import flow

REGION_2 = "ap-northeast-3"


@flow
def every_ec2_part(instance_id: str):
    """Stop, describe, tag, start, reboot, image, and share, copy, withdraw and restore the image of one instance."""
    ec2.stop_instances(instance_id=instance_id)
    ec2.modify_instance_attribute(instance_id=instance_id, instance_type="t3.small")
    ec2.create_tags(resource_id=instance_id, tags={"Owner": "operations"})
    ec2.start_instances(instance_id=instance_id, status_check=True)
    ec2.reboot_instances(instance_id=instance_id, status_check=True)
    images = ec2.create_image(instance_id=instance_id, generation=1, no_reboot=True)
    found = ec2.describe_instances(instance_id=instance_id)
    untagged = ec2.find_untagged(required="Owner")
    shared = ec2.modify_image_attribute(
        image_id=images.image_ids,
        user_ids_to_add="210987654321",
        share_snapshots=True,
    )
    copied = ec2.copy_image(image_id=images.image_ids, to_region=REGION_2, generation=1)
    gone = ec2.deregister_image(image_id=images.image_ids)
    ec2.deregister_image(image_id=copied.image_ids, region=REGION_2)
    ebs.restore_snapshot(snapshot_id=gone.deleted_snapshots)
    back = ec2.restore_image(image_id=gone.changed)
    ec2.deregister_image(image_id=back.changed)
    told = [copied.summary, gone.summary, back.summary]
    return [len(images.image_ids), len(found.running), len(untagged.untagged), len(shared.changed), told]


@flow
def start_as_another_type(instance_id: str):
    """Stop an instance, and start it as what there is."""
    ec2.stop_instances(instance_id=instance_id)
    return ec2.start_instances(instance_id=instance_id, fallback_types=["t3.medium"]).fallen_back


@flow
def every_ebs_part(instance_id: str):
    """Snapshot, list, share, copy and delete; then all at one moment, archived, deleted and restored from the bin."""
    made = ebs.create_snapshot(instance_id=instance_id)
    listed = ebs.describe_snapshots(snapshot_id=made.snapshot_ids)
    ebs.modify_snapshot_attribute(snapshot_id=made.snapshot_ids, user_ids_to_add="210987654321")
    copied = ebs.copy_snapshot(snapshot_id=made.snapshot_ids, to_region=REGION_2)
    ebs.delete_snapshot(snapshot_id=made.snapshot_ids)
    ebs.delete_snapshot(snapshot_id=copied.snapshot_ids, region=REGION_2)
    together = ebs.create_snapshots(instance_id=instance_id, generation=1, before="sync", after="true")
    ebs.modify_snapshot_tier(snapshot_id=together.snapshot_ids)
    ebs.restore_snapshot_tier(snapshot_id=together.snapshot_ids, temporary_restore_days=1)
    ebs.delete_snapshot(snapshot_id=together.snapshot_ids)
    back = ebs.restore_snapshot(snapshot_id=together.snapshot_ids)
    ebs.delete_snapshot(snapshot_id=back.changed)
    return [len(listed.matched), len(copied.snapshot_ids), len(together.snapshot_ids), len(back.changed)]


@flow
def every_volume_part(instance_id: str):
    """Restore the volumes of an instance, attach them to it, take them away again and delete them."""
    snapshots = ebs.create_snapshot(instance_id=instance_id)
    zone = ec2.describe_instances(instance_id=instance_id).instances[0].availability_zone
    made = ebs.create_volume(snapshot_id=snapshots.snapshot_ids, availability_zone=zone)
    attached = ebs.attach_volume(volume_id=made.volume_ids, instance_id=instance_id)
    ebs.modify_volume(volume_id=made.volume_ids, size=50, throughput=250)
    detached = ebs.detach_volume(volume_id=made.volume_ids)
    deleted = ebs.delete_volume(volume_id=made.volume_ids)
    ebs.delete_snapshot(snapshot_id=snapshots.snapshot_ids)
    devices = [volume.device for volume in attached.volumes]
    return [devices, [attached.summary, detached.summary, deleted.summary]]


@flow
def every_s3_part(bucket: str, instance_id: str):
    """Write an object, copy it, bring it onto an instance and back, read it, and delete all."""
    s3.put_object(bucket=bucket, key="in/first.txt", body="the books balance")
    s3.put_object(bucket=bucket, key="in/second.txt", source=f"s3://{bucket}/in/first.txt")
    s3.get_object(bucket=bucket, key="in/*.txt", instance_id=instance_id, path="/tmp/nightshift-books/")
    s3.put_object(bucket=bucket, key="out/", instance_id=instance_id, path="/tmp/nightshift-books/*.txt")
    read = s3.get_object(bucket=bucket, key="out/second.txt").content
    gone = s3.delete_object(bucket=bucket, prefix="in/", limit=10)
    return [read, f"{len(gone.changed)} deleted"]


@flow
def every_elb_part(target_group_arn: str, load_balancer_name: str, instance_id: str):
    """Put an instance behind a target group and a classic load balancer, and take it out again."""
    elb.attach(target_group_arn=target_group_arn, instance_id=instance_id)
    elb.attach(load_balancer_name=load_balancer_name, instance_id=instance_id)
    elb.detach(load_balancer_name=load_balancer_name, instance_id=instance_id)
    return elb.detach(target_group_arn=target_group_arn, instance_id=instance_id).changed


@flow
def every_cloudformation_part(stack_name: str):
    """Create a stack of a template file, update it, describe it, and delete it."""
    made = cloudformation.create_stack(stack_name=stack_name, template="queue.yaml", parameters={"Name": stack_name})
    updated = cloudformation.update_stack(stack_name=stack_name, parameters={"Wait": "10"})
    described = cloudformation.describe_stacks(stack_name=stack_name).stacks
    drift = cloudformation.detect_stack_drift(stack_name=stack_name).status
    cloudformation.delete_stack(stack_name=stack_name)
    return [made.outputs["Arn"], updated.summary] + [stack.status for stack in described] + [drift]


@flow
def every_replacement_part(instance_id: str):
    """Bring up a replacement from an image, and remove both."""
    image = ec2.create_image(instance_id=instance_id)
    made = ec2.run_instances(instance_id=instance_id)
    gone = ec2.terminate_instances(instance_id=made.instance_ids)
    ec2.deregister_image(image_id=image.image_ids)
    return gone.summary


@flow
def every_cloudwatch_part(alarm: str):
    """Look whether an alarm is raised."""
    return cloudwatch.describe_alarms(alarm_arn=alarm).in_alarm


@flow
def every_ssm_part(instance_id: str):
    """Run a command in a folder, and give its output."""
    done = ssm.run_command(instance_id=instance_id, command="pwd", working_directory="/tmp", timeout="5m")
    return [output.output for output in done.outputs]


@flow
def every_rds_instance_part(db_instance_identifier: str):
    """Change the class of a database, reboot, stop and start it."""
    rds.modify_db_instance(
        db_instance_identifier=db_instance_identifier, db_instance_class="db.t3.small", apply_immediately=True
    )
    rds.reboot_db_instance(db_instance_identifier=db_instance_identifier)
    rds.stop_db_instance(db_instance_identifier=db_instance_identifier)
    return rds.start_db_instance(db_instance_identifier=db_instance_identifier).changed


@flow
def every_rds_snapshot_part(db_instance_identifier: str, db_cluster_identifier: str):
    """Snapshot a database and a cluster, copy, share and delete the snapshots."""
    made = rds.create_db_snapshot(
        db_instance_identifier=db_instance_identifier, db_cluster_identifier=db_cluster_identifier, generation=1
    )
    copied = rds.copy_db_snapshot(db_snapshot_identifier=made.snapshot_ids, generation=1)
    rds.modify_db_snapshot_attribute(db_snapshot_identifier=copied.snapshot_ids, values_to_add="210987654321")
    return len(rds.delete_db_snapshot(db_snapshot_identifier=copied.snapshot_ids).changed)


@flow
def every_rds_cluster_part(db_cluster_identifier: str):
    """Stop and start a cluster."""
    rds.stop_db_cluster(db_cluster_identifier=db_cluster_identifier)
    return rds.start_db_cluster(db_cluster_identifier=db_cluster_identifier).changed


@flow
def every_autoscaling_part(auto_scaling_group_name: str, instance_id: str):
    """Move an instance into standby and back, suspend and resume processes of its group, and scale that to zero."""
    out = autoscaling.enter_standby(instance_id=instance_id)
    autoscaling.exit_standby(instance_id=out.changed)
    autoscaling.start_instance_refresh(
        auto_scaling_group_name=auto_scaling_group_name, checkpoint_percentages=[50], checkpoint_delay="2m"
    )
    autoscaling.suspend_processes(auto_scaling_group_name=auto_scaling_group_name, scaling_processes="AZRebalance")
    autoscaling.resume_processes(auto_scaling_group_name=auto_scaling_group_name, scaling_processes="AZRebalance")
    autoscaling.update_auto_scaling_group(
        auto_scaling_group_name=auto_scaling_group_name, min_size=0, desired_capacity=0
    )
    return autoscaling.update_auto_scaling_group(auto_scaling_group_name=auto_scaling_group_name, restore=True).changed


@flow
def every_ecs_part(cluster: str, service: str, task_definition: str):
    """Scale a service to zero and back, deploy it anew, and run a task."""
    ecs.update_service(cluster=cluster, service=service, desired_count=0)
    ecs.update_service(cluster=cluster, service=service, restore=True)
    ecs.update_service(cluster=cluster, service=service, force_new_deployment=True)
    ran = ecs.run_task(cluster=cluster, task_definition=task_definition, launch_type="FARGATE")
    return [ran.exit_code, ran.output]


@flow
def every_job_part(job_queue: str, job_definition: str, job_name: str):
    """Run a job of Batch and one of Glue."""
    rendered = batch.submit_job(job_queue=job_queue, job_definition=job_definition)
    loaded = glue.start_job_run(job_name=job_name, arguments={"--date": "today"})
    return [rendered.exit_code, rendered.output, loaded.state, loaded.output]


@flow
def every_lambda_part(function_name: str):
    """Invoke a function."""
    answer = awslambda.invoke(function_name=function_name, payload={"book": "ledger"})
    return [answer.payload, answer.summary]


@flow
def every_stepfunctions_part(state_machine_arn: str):
    """Start a state machine and wait for its end."""
    ended = stepfunctions.start_execution(state_machine_arn=state_machine_arn, input={"book": "ledger"})
    return [ended.status, ended.output]


@flow
def every_notify_part(topic_arn: str):
    """Publish to a topic, and mail what came of it."""
    told = notify.publish(topic_arn=topic_arn, subject="books", message="the books balance")
    return notify.email(to="ops@example.com", subject="books", result=told).changed


@flow
def every_sqs_part(queue_arn: str):
    """Send a message to a queue."""
    return sqs.send_message(queue_arn=queue_arn, message="the books balance", attributes={"kind": "books"}).changed


@flow
def every_events_part():
    """Put an event on the default bus."""
    told = events.put_events(detail_type="Books closed", detail={"balance": 0})
    return [told.changed, len(told.event_ids)]


@flow
def every_route53_part(hosted_zone_id: str):
    """Lead a name to the other half."""
    moved = route53.change_resource_record_sets(
        hosted_zone_id=hosted_zone_id, record_name="books.example.com", weights={"blue": 0, "green": 10}
    )
    return [moved.changed, moved.previous_weights["blue"]]


@flow
def every_automation_part(automation_role_arn: str, instance_id: str):
    """Restart an instance by a runbook of AWS."""
    done = ssm.start_automation(
        document_name="AWS-RestartEC2Instance",
        automation_role_arn=automation_role_arn,
        parameters={"InstanceId": instance_id},
    )
    return [done.status, done.outputs["run.Output"]]


@flow
def every_parameter_part():
    """Read a parameter."""
    return ssm.get_parameter(name="/books/size").value


@flow
def every_organizations_part():
    """List the accounts of an organization in two Regions."""
    listed = organizations.list_accounts(regions=["ap-northeast-1", REGION_2], exclude="lab")
    return [f"{place.account} {place.region}" for place in listed.targets]


@flow
def another_account(role_arn: str, secret: str, region: str):
    """Look at the instances of a region as another role, and with the keys of a secret."""
    by_role = ec2.describe_instances(tag="Backup=nightly", role_arn=role_arn, region=region)
    by_keys = ec2.describe_instances(tag="Backup=nightly", credentials_secret=secret, region=region)
    return [len(by_role.matched), len(by_keys.matched)]
