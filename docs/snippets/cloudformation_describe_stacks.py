from lambdas.parts import cloudformation, notify
from nightshift import cron, flow


@flow(schedule=cron("0 6 * * ? *", timezone="Europe/Berlin"), timeout="30m")
def stacks_in_trouble():
    """Tell the team which stacks of production are in a state they cannot stay in."""
    stacks = cloudformation.describe_stacks(tag="Env=prod").stacks
    broken = [f"{s.stack_name}: {s.status} {s.status_reason}" for s in stacks if s.status.endswith("_FAILED")]
    if broken:
        notify.email(to="ops@example.com", subject=f"{len(broken)} stacks are broken", body="\n".join(broken))
