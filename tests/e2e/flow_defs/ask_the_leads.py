from lambdas.parts import ec2
from nightshift import approval, flow


@flow(operators=["leads"])
def ask_the_leads() -> str:
    """Ask the leads before anything else happens."""
    answer = approval(
        "Look at the web servers?",
        to="leads@example.com",
        approvers=["leads"],
        remind="1h",
        escalate_to="head@example.com",
        escalate_after="4h",
    )
    if not answer.approved:
        return f"{answer.by} says no: {answer.comment}"
    ec2.describe_instances(tag="Name=web-*")
    return f"{answer.by} says yes: {answer.comment}"
