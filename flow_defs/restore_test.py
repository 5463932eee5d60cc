from lambdas.parts import ebs, ec2, notify, ssm
from nightshift import Failed, NightshiftError, cron, flow

READ_ALL = """
set -eo pipefail
disk=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume/-/}
test -e "$disk" || disk=$device
folder=$(mktemp -d)
trap 'umount "$folder" 2>/dev/null || true; rmdir "$folder"' EXIT
found=0
while read -r part kind; do
  options=defaults
  test "$kind" = xfs && options=nouuid
  mount -o $options "$part" "$folder"
  bytes=$(tar -cf - -C "$folder" . | wc -c)
  umount "$folder"
  echo "$kind on $part: $bytes bytes read"
  found=1
done < <(lsblk -nrpo NAME,FSTYPE "$(readlink -f "$disk")" | grep -E ' (ext4|xfs)$')
test $found = 1
"""


@flow(schedule=cron("30 23 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
def restore_test(tag: str = "Role=db", max_age: str = "12h", tester: str = "Role=bastion", to: str = "ops@example.com"):
    """Restore the snapshots of tonight, and read on a test instance every file that is on them.

    Of each volume whose snapshots have the tag, the newest one becomes a volume and is attached to the test instance,
    where a command reads it. The volumes are deleted whatever happens, and so are those that an earlier test had to
    leave. The mail says what could be read; a failure is mailed and fails the flow.
    """
    checked: list[str] = []
    failed: list[str] = []
    try:
        instance = ec2.describe_instances(tag=tester, require_match=True).instances[0]
        try:
            made = ebs.create_volume(
                tag=tag,
                latest=True,
                max_age=max_age,
                availability_zone=instance.availability_zone,
                require_match=True,
                on_failure="continue",
            )
            disks = ebs.attach_volume(volume_id=made.volume_ids, instance_id=instance.instance_id)
            for disk in disks.volumes:
                command = f"#!/bin/bash\nvolume={disk.volume_id} device={disk.device}\n{READ_ALL}"
                read = ssm.run_command(
                    instance_id=instance.instance_id, command=command, timeout="1h", on_failure="continue"
                )
                failed = failed + [f"{disk.snapshot_id}: {f.message}" for f in read.failed]
                checked = checked + [f"{disk.snapshot_id}: {o.status} {o.output}" for o in read.outputs]
        finally:
            ebs.detach_volume(tag="nightshift:flow=restore_test")
            ebs.delete_volume(tag="nightshift:flow=restore_test")
        failed = failed + [f"{f.id}: {f.message}" for f in made.failed]
        if failed:
            raise Failed("\n".join(failed + checked))
    except NightshiftError as problem:
        notify.email(to=to, subject="restore_test failed", body=problem.cause)
        raise
    notify.email(to=to, subject=f"restore_test: {made.summary} and read", body="\n".join(checked))
    return made.summary
