from nightshift import cron, flow, sleep


@flow(schedule=cron("0 0 * * ? *", timezone="Asia/Tokyo"))
def tokyo_midnight():
    """Do something at midnight in Tokyo, which is not midnight in UTC."""
    return "done"


@flow(schedule=cron("30 0 * * ? *", timezone="Asia/Tokyo"), timeout="7d")
def long_night():
    """Still be under way when the next night begins."""
    sleep("6d")
