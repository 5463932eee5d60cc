from lambdas.parts import ebs, notify
from nightshift import flow


@flow
def line_for_line():
    """Mail all that there is to say about snapshots, with a template of the shipped flows."""
    made = ebs.create_snapshot(instance_tag="Backup=nightly", generation=2)
    notify.email(to="ops@example.com", template="snapshot_result", result=made)
