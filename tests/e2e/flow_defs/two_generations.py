from lambdas.parts import ebs
from nightshift import flow


@flow
def two_generations():
    """Keep two generations of each nightly volume."""
    return ebs.create_snapshot(instance_tag="Backup=nightly", generation=2)
