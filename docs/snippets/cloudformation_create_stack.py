from lambdas.parts import cloudformation
from nightshift import flow


@flow(timeout="3h")
def rehearsal_up(stage: str = "rehearsal"):
    """Create the test environment, and leave nothing behind when a resource of it cannot be created."""
    made = cloudformation.create_stack(
        stack_name=f"shop-{stage}",
        template_url="s3://example-templates/shop.yaml",
        parameters={"Stage": stage, "Size": "small"},
        capabilities="CAPABILITY_IAM",
        cloudformation_role_arn="arn:aws:iam::123456789012:role/nightshift-cloudformation",
        on_stack_failure="DELETE",
    )
    return made.outputs["Url"]
