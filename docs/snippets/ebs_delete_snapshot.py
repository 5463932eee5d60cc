from lambdas.parts import ebs
from nightshift import cron, flow


@flow(schedule=cron("0 4 1 * ? *"), timeout="1h")
def clear_test_snapshots():
    """Delete the snapshots of tests that are older than a month, except those somebody wants to keep."""
    return ebs.delete_snapshot(tag="Purpose=test", exclude_tag="Keep", older_than="30d").summary
