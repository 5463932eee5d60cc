from lambdas.parts import ec2
from nightshift import flow


@flow(timeout="1h")
def withdraw_images(release: str):
    """Deregister the images of a release that is withdrawn, and delete their snapshots."""
    return ec2.deregister_image(tag=f"Release={release}", exclude_tag="Keep", require_match=True).summary
