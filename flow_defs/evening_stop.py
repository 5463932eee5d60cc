from lambdas.parts import ec2
from nightshift import cron, flow


@flow(
    title="Stop the office servers",
    title_ja="社内サーバーの停止",
    schedule=cron("0 20 * * ? *", timezone="Asia/Tokyo"),
    timeout="1h",
    operators=["service-desk"],
)
def evening_stop(tag: str = "AutoOff=yes"):
    """Stop the office-hours instances, but leave those that somebody tagged to stay up tonight.

    Parameters:
    tag: Which instances. A tag, "Key=Value".

    日本語: 業務時間用のインスタンスを停止します。今夜は停止しないとタグで指定されたものは残します。

    パラメーター:
    tag: 対象のインスタンス。タグを「キー=値」で指定します。
    """
    stopped = ec2.stop_instances(tag=tag, exclude_tag="StayUp=tonight")
    return stopped.summary
