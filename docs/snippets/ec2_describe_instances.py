from lambdas.parts import ec2
from nightshift import flow


@flow(timeout="10m")
def who_runs(tag: str = "Env=test") -> list[str]:
    """List the instances of the test systems that run now."""
    return ec2.describe_instances(tag=tag).running
