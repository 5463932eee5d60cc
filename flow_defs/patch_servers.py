from lambdas.parts import aws, ebs, ec2, notify
from nightshift import Failed, NightshiftError, flow


@flow(timeout="12h")
def patch_servers(
    group: str = "web",
    at_most: str = "10%",
    max_failures: str = "1",
    generation: int = 2,
    to: str = "ops@example.com",
):
    """Patch the running servers with the tag PatchGroup, and mail what each of them has now.

    Their volumes are snapshotted before. Patches are installed on a few at a time, and on no more of them after too
    many failures. Then the servers are rebooted one after the other, the next when both status checks of the last have
    passed, and a scan tells whether one still lacks a patch. Whatever fails is mailed.
    """
    try:
        servers = ec2.describe_instances(tag=f"PatchGroup={group}", require_match=True)
        if not servers.running:
            raise Failed(f"no server of the patch group {group} runs")
        before = ebs.create_snapshot(instance_id=servers.running, generation=generation)
        run_baseline("Install", group, at_most, max_failures)
        for server in servers.running:
            ec2.reboot_instances(instance_id=server, status_check=True, timeout="30m")
        scanned = run_baseline("Scan", group, "100%", "0")
        states = aws.call("ssm", "describe_instance_patch_states_for_patch_group", PatchGroup=group).InstancePatchStates
        behind = [
            f"{s.InstanceId} lacks {s.MissingCount} patches, and {s.InstalledPendingRebootCount} wait for a reboot"
            for s in states
            if s.MissingCount + s.InstalledPendingRebootCount > 0
        ]
        if behind and scanned:
            raise Failed("\n".join(behind))
    except NightshiftError as problem:
        notify.email(to=to, subject=f"patching the group {group} failed", body=problem.cause)
        raise
    patched = [f"{s.InstanceId} has {s.InstalledCount} patches, and lacks {s.MissingCount}" for s in states]
    notify.email(
        to=to,
        subject=f"{len(servers.running)} servers of the group {group} are patched",
        body=f"{before.summary}\n" + "\n".join(patched),
    )
    return patched


def run_baseline(operation: str, group: str, at_most: str, max_failures: str) -> bool:
    """Run AWS-RunPatchBaseline on the group, and wait for its end; False in a dry run, which sends nothing."""
    sent = aws.call(
        "ssm",
        "send_command",
        DocumentName="AWS-RunPatchBaseline",
        Targets=[{"Key": "tag:PatchGroup", "Values": [group]}],
        Parameters={"Operation": [operation], "RebootOption": ["NoReboot"]},
        MaxConcurrency=at_most,
        MaxErrors=max_failures,
    )
    command = sent.Command.CommandId
    if command == "(dry run)":
        return False
    aws.poll(
        "ssm",
        "list_commands",
        CommandId=command,
        until="!contains(['Pending', 'InProgress', 'Cancelling'], Commands[0].Status)",
        timeout="5h",
    )
    ended = aws.call("ssm", "list_commands", CommandId=command).Commands[0]
    if ended.StatusDetails != "Success":
        raise Failed(f"{operation} of the patch group {group}: {ended.StatusDetails}, command {command}")
    return True
