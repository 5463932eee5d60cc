from lambdas.parts import cloudformation
from nightshift import cron, flow


@flow(schedule=cron("0 21 ? * FRI *", timezone="Europe/Berlin"), timeout="3h")
def rehearsal_down(stage: str = "rehearsal"):
    """Delete the test environment for the weekend; that it is gone already is no failure."""
    gone = cloudformation.delete_stack(stack_name=f"shop-{stage}")
    return gone.summary
