from lambdas.parts import ec2
from nightshift import cron, flow


@flow(
    title="Stop the office servers",
    title_ja="オフィスのサーバーを停止",
    schedule=cron("0 3 1 2 ? *", timezone="Asia/Tokyo"),
    start_by="03:15",
    notify="night@example.com",
    operators=["night-desk"],
)
def stop_the_office() -> None:
    """Stop what nobody uses at night."""
    ec2.stop_instances(tag="Name=office-*")
