"""A flow for each service of the catalogue, which goes through its parts."""

from lambdas.parts import cloudformation, ebs, ec2, elb, notify, s3, ssm
from nightshift import flow

REGION_2 = "ap-northeast-3"


@flow
def every_ec2_part(instance_id: str):
    """Stop, describe, tag, start, reboot, image, and withdraw the image of one instance."""
    ec2.stop_instances(instance_id=instance_id)
    ec2.modify_instance_attribute(instance_id=instance_id, instance_type="t3.small")
    ec2.create_tags(resource_id=instance_id, tags={"Owner": "operations"})
    ec2.start_instances(instance_id=instance_id, status_check=True)
    ec2.reboot_instances(instance_id=instance_id, status_check=True)
    images = ec2.create_image(instance_id=instance_id, generation=1, no_reboot=True)
    found = ec2.describe_instances(instance_id=instance_id)
    untagged = ec2.find_untagged(required="Owner")
    ec2.deregister_image(image_id=images.image_ids)
    return [len(images.image_ids), len(found.running), len(untagged.untagged)]


@flow
def every_ebs_part(instance_id: str):
    """Snapshot, list, copy to another region and delete."""
    made = ebs.create_snapshot(instance_id=instance_id)
    listed = ebs.describe_snapshots(snapshot_id=made.snapshot_ids)
    copied = ebs.copy_snapshot(snapshot_id=made.snapshot_ids, to_region=REGION_2)
    ebs.delete_snapshot(snapshot_id=made.snapshot_ids)
    ebs.delete_snapshot(snapshot_id=copied.snapshot_ids, region=REGION_2)
    return [len(listed.matched), len(copied.snapshot_ids)]


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
    """Create a stack of a template file, describe it, and delete it."""
    made = cloudformation.create_stack(stack_name=stack_name, template="queue.yaml", parameters={"Name": stack_name})
    described = cloudformation.describe_stacks(stack_name=stack_name).stacks
    cloudformation.delete_stack(stack_name=stack_name)
    return [made.outputs["Arn"]] + [stack.status for stack in described]


@flow
def every_ssm_part(instance_id: str):
    """Run a command in a folder, and give its output."""
    done = ssm.run_command(instance_id=instance_id, command="pwd", working_directory="/tmp", timeout="5m")
    return [output.output for output in done.outputs]


@flow
def every_notify_part(topic_arn: str):
    """Publish to a topic, and mail what came of it."""
    told = notify.publish(topic_arn=topic_arn, subject="books", message="the books balance")
    return notify.email(to="ops@example.com", subject="books", result=told).changed


@flow
def another_account(role_arn: str, secret: str, region: str):
    """Look at the instances of a region as another role, and with the keys of a secret."""
    by_role = ec2.describe_instances(tag="Backup=nightly", role_arn=role_arn, region=region)
    by_keys = ec2.describe_instances(tag="Backup=nightly", credentials_secret=secret, region=region)
    return [len(by_role.matched), len(by_keys.matched)]
