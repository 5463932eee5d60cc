from nightshift import flow, sleep


@flow
def wait_an_hour():
    """Be under way until somebody stops it."""
    sleep("1h")
