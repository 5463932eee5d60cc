"""What the parts do, in Japanese: the first sentence of each part's docstring, in the words of the AWS consoles."""

from __future__ import annotations

from lambdas.runs.tree import Words

PART_TITLES_JA = {
    "autoscaling.enter_standby": "Auto Scaling グループのインスタンスをスタンバイにし、完了を待つ",
    "autoscaling.exit_standby": "スタンバイのインスタンスを Auto Scaling グループのサービスに戻し、完了を待つ",
    "autoscaling.resume_processes": "Auto Scaling グループの停止中のプロセスを再開",
    "autoscaling.start_instance_refresh": "Auto Scaling グループのインスタンスを順に新しいものに置き換え、完了を待つ",
    "autoscaling.suspend_processes": "Auto Scaling グループのプロセスを一時停止",
    "autoscaling.update_auto_scaling_group": "Auto Scaling グループの容量を変更 (元の容量を記憶) または復元",
    "awslambda.invoke": "Lambda 関数を呼び出し、エラーなら失敗",
    "batch.submit_job": "Batch ジョブを 1 回送信し、終了を待って結果を判定",
    "cloudformation.create_stack": "CloudFormation スタックを作成し、全リソースの作成完了を待つ",
    "cloudformation.delete_stack": "CloudFormation スタックとリソースを削除し、削除完了を待つ",
    "cloudformation.describe_stacks": "スタックの状態、パラメータ、出力を取得",
    "cloudformation.detect_stack_drift": "スタックのドリフト (手作業の変更) を検出し、結果を待つ",
    "cloudformation.update_stack": "変更セットで CloudFormation スタックを更新し、完了を待つ",
    "cloudwatch.describe_alarms": "アラームの状態を取得 (複合アラームを含む)",
    "ebs.attach_volume": "ボリュームをインスタンスにアタッチし、アタッチ完了を待つ",
    "ebs.copy_snapshot": "スナップショットをコピーし、完了を待って最新の世代だけを残す",
    "ebs.create_snapshot": "ボリュームのスナップショットを作成し、完了を待って最新の世代だけを残す",
    "ebs.create_snapshots": "全ボリュームのスナップショットを同一時点で作成し、完了を待って最新の世代だけを残す",
    "ebs.create_volume": "スナップショットからボリュームを作成し、利用可能になるのを待つ",
    "ebs.delete_snapshot": "このアカウントのスナップショットを削除",
    "ebs.delete_volume": "どこにもアタッチされていないボリュームを削除し、削除完了を待つ",
    "ebs.describe_snapshots": "このアカウントのスナップショットの状態を取得",
    "ebs.detach_volume": "ボリュームをデタッチし、デタッチ完了を待つ",
    "ebs.modify_snapshot_attribute": "スナップショットを他のアカウントと共有、または共有を解除",
    "ebs.modify_snapshot_tier": "スナップショットをアーカイブ層へ移し、完了を待つ",
    "ebs.modify_volume": "使用中のボリュームのタイプ、サイズ、性能を変更し、最適化の完了を待つ",
    "ebs.restore_snapshot": "削除したスナップショットをごみ箱から復元し、利用可能になるのを待つ",
    "ebs.restore_snapshot_tier": "アーカイブしたスナップショットを復元し、利用可能になるのを待つ",
    "ec2.copy_image": "AMI をコピーし、利用可能になるのを待って最新の世代だけを残す",
    "ec2.create_image": "インスタンスのイメージ (AMI) を作成し、利用可能になるのを待って最新の世代だけを残す",
    "ec2.create_tags": "EC2 または EBS のリソースにタグを設定",
    "ec2.deregister_image": "イメージ (AMI) の登録を解除し、そのスナップショットを削除",
    "ec2.describe_instances": "インスタンスの状態を取得",
    "ec2.find_untagged": "必要なタグのないインスタンスを検索",
    "ec2.modify_image_attribute": "AMI を他のアカウントや組織と共有、または共有を解除",
    "ec2.modify_instance_attribute": "インスタンスタイプを変更 (実行中のものは停止し、変更後に再開)",
    "ec2.reboot_instances": "実行中のインスタンスを再起動",
    "ec2.restore_image": "登録を解除したイメージ (AMI) をごみ箱から復元し、利用可能になるのを待つ",
    "ec2.run_instances": "最新のイメージ (AMI) から代替インスタンスを起動し、実行中になるのを待つ",
    "ec2.start_instances": "停止中のインスタンスを起動し、実行中になるのを待つ",
    "ec2.stop_instances": "実行中のインスタンスを停止し、停止完了を待つ",
    "ec2.terminate_instances": "このフローが作成したインスタンスを終了し、終了完了を待つ",
    "ecs.run_task": "ECS タスクを 1 回実行し、停止を待って終了コードで判定",
    "ecs.update_service": "ECS サービスのタスク数を変更 (元の数を記憶) または復元し、安定を待つ",
    "elb.attach": "インスタンスをロードバランサーに登録し、正常になるのを待つ",
    "elb.detach": "インスタンスをロードバランサーから登録解除し、接続の終了を待つ",
    "events.put_events": "EventBridge のイベントバスにイベントを送信",
    "glue.start_job_run": "Glue ジョブを 1 回実行し、終了を待って結果を判定",
    "http.request": "AWS 外のシステムに HTTPS でリクエストを送信",
    "notify.email": "SES でメールを送信",
    "notify.publish": "SNS トピックにメッセージを発行",
    "organizations.list_accounts": "組織のアカウントをリージョンごとに一覧表示",
    "rds.copy_db_snapshot": "データベースのスナップショットをコピーし、完了を待って最新の世代だけを残す",
    "rds.create_db_snapshot": "DB インスタンスとクラスターのスナップショットを作成し、完了を待って最新の世代だけを残す",
    "rds.delete_db_snapshot": "データベースの手動スナップショットを削除",
    "rds.modify_db_instance": "DB インスタンスのクラスまたはストレージを変更し、反映を待つ",
    "rds.modify_db_snapshot_attribute": "データベースのスナップショットを他のアカウントと共有、または共有を解除",
    "rds.reboot_db_instance": "DB インスタンスを再起動し、利用可能になるのを待つ",
    "rds.start_db_cluster": "停止中の Aurora クラスターを起動し、全メンバーが利用可能になるのを待つ",
    "rds.start_db_instance": "停止中の DB インスタンスを起動し、利用可能になるのを待つ",
    "rds.stop_db_cluster": "Aurora クラスターを全メンバーとともに停止し、停止完了を待つ",
    "rds.stop_db_instance": "DB インスタンスを停止し、停止完了を待つ",
    "route53.change_resource_record_sets": "レコードの加重、フェイルオーバー、値を変更し、DNS への反映を待つ",
    "s3.delete_object": "オブジェクトを削除 (個別、ワイルドカード、プレフィックス)",
    "s3.get_object": "オブジェクトの内容を取得、またはインスタンスのファイルに書き込み",
    "s3.put_object": "オブジェクトを書き込み (テキスト、コピー、インスタンスのファイル)",
    "sqs.send_message": "SQS キューにメッセージを送信",
    "ssm.get_parameter": "パラメータストアの値を取得",
    "ssm.run_command": "インスタンスでコマンドを実行し、終了を待って終了コードで判定",
    "ssm.start_automation": "Systems Manager のランブックを開始し、終了を待つ",
    "stepfunctions.start_execution": "フローではない Step Functions のステートマシンを開始し、終了を待つ",
}
"""Of nightshift's own parts; a project's own have the English they bring."""

_API = {
    "call": Words("Call {1} of {0}", "{0} の {1} を呼び出し"),
    "poll": Words("Poll {1} of {0} until its condition holds", "{0} の {1} を、条件が成立するまで繰り返し確認"),
    "wait": Words("Wait for {1} of {0}", "{0} の {1} を待つ"),
}
_API_PARTS_JA = {
    "aws.call": "AWS の任意の API を呼び出し",
    "aws.poll": "参照系の API を、条件が成立するまで繰り返し確認",
    "aws.wait": "AWS のウェイターが完了するまで待つ",
}


def title_ja(part: str) -> str | None:
    """What one of nightshift's own parts does, in Japanese; None for a project's own."""
    return PART_TITLES_JA.get(part) or _API_PARTS_JA.get(part)


def part_title(part: str, title: str) -> Words:
    """What a part does. title: in English."""
    return Words(title, PART_TITLES_JA.get(part, title))


def api_title(title: str) -> Words:
    """What a call of an operation of AWS does. title: as its step has it, "call ec2 describe_instances"."""
    part, service, what = title.split(" ", 2)
    form = _API[part]
    return Words(form.en.format(service, what), form.ja.format(service, what))
