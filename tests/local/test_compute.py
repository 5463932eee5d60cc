"""ECS behaves over time: tasks begin, run and end; services start, stop and deploy; and both fail as AWS says it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

GROUP = "/ecs/settle"


@pytest.fixture
def ecs(fleet: Any) -> Any:
    """A client that does not try again by itself, a cluster, a task definition and a service of two tasks."""
    client = fleet.client("ecs", config=Config(retries={"total_max_attempts": 1}))
    client.create_cluster(clusterName="batch")
    log = {"awslogs-group": GROUP, "awslogs-stream-prefix": "ecs", "awslogs-region": client.meta.region_name}
    container = {
        "name": "main",
        "image": "busybox",
        "memory": 64,
        "logConfiguration": {"logDriver": "awslogs", "options": log},
    }
    client.register_task_definition(family="settle", containerDefinitions=[container])
    client.create_service(cluster="batch", serviceName="web", taskDefinition="settle", desiredCount=2)
    return client


def _run(ecs: Any, **more: Any) -> dict[str, Any]:
    given = {"cluster": "batch", "taskDefinition": "settle", "launchType": "FARGATE", **more}
    return dict(ecs.run_task(**given))


def _task(ecs: Any, arn: str) -> dict[str, Any]:
    return dict(ecs.describe_tasks(cluster="batch", tasks=[arn])["tasks"][0])


def _service(ecs: Any) -> dict[str, Any]:
    return dict(ecs.describe_services(cluster="batch", services=["web"])["services"][0])


def test_a_task_passes_its_states_and_writes_its_log(fleet: Any, ecs: Any) -> None:
    arn = _run(ecs)["tasks"][0]["taskArn"]
    seen = []
    for _ in range(20):
        seen.append(_task(ecs, arn)["lastStatus"])
        fleet.advance(10)
    assert list(dict.fromkeys(seen)) == ["PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]
    ended = _task(ecs, arn)
    assert (ended["stopCode"], ended["containers"][0]["exitCode"]) == ("EssentialContainerExited", 0)
    stream = f"ecs/main/{arn.rpartition('/')[2]}"
    events = fleet.client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]
    assert [event["message"] for event in events] == ["main begins", "main has ended"]


def test_a_client_token_gives_the_same_task(ecs: Any, refused: Any) -> None:
    first, again, other = (_run(ecs, clientToken=token)["tasks"][0]["taskArn"] for token in ("a", "a", "b"))
    assert first == again
    assert first != other
    code, _ = refused(ecs.run_task, cluster="batch", taskDefinition="settle", clientToken="a")
    assert code == "ConflictException"


def test_tasks_fail_as_a_fault_says(fleet: Any, ecs: Any) -> None:
    with fleet.fault("task_fails", resource="settle", code="3", message="no"):
        arn = _run(ecs)["tasks"][0]["taskArn"]
        fleet.settle()
        assert _task(ecs, arn)["containers"][0]["exitCode"] == 3
    with fleet.fault("task_fails", resource="settle", code="ResourceInitializationError", message="no secret"):
        arn = _run(ecs)["tasks"][0]["taskArn"]
        fleet.settle()
        ended = _task(ecs, arn)
        assert (ended["stopCode"], ended["stoppedReason"]) == (
            "TaskFailedToStart",
            "ResourceInitializationError: no secret",
        )
        assert "exitCode" not in ended["containers"][0]
    with fleet.fault("capacity", resource="settle"):
        answer = _run(ecs, launchType="FARGATE")
        assert (answer["tasks"], len(answer["failures"])) == ([], 1)


def test_a_task_is_stopped(fleet: Any, ecs: Any) -> None:
    arn = _run(ecs)["tasks"][0]["taskArn"]
    fleet.advance(40)
    ecs.stop_task(cluster="batch", task=arn, reason="enough")
    assert _task(ecs, arn)["lastStatus"] == "STOPPING"
    fleet.settle()
    ended = _task(ecs, arn)
    assert (ended["lastStatus"], ended["stoppedReason"], ended["containers"][0]["exitCode"]) == (
        "STOPPED",
        "enough",
        137,
    )


def test_a_service_scales_over_time(fleet: Any, ecs: Any) -> None:
    assert (_service(ecs)["runningCount"], _service(ecs)["pendingCount"]) == (0, 2)
    fleet.advance(90)
    steady = _service(ecs)
    assert (steady["runningCount"], steady["deployments"][0]["rolloutState"]) == (2, "COMPLETED")
    ecs.update_service(cluster="batch", service="web", desiredCount=0)
    assert (_service(ecs)["desiredCount"], _service(ecs)["runningCount"]) == (0, 2)
    fleet.advance(90)
    assert _service(ecs)["runningCount"] == 0
    assert "has reached a steady state" in _service(ecs)["events"][0]["message"]


def test_a_new_deployment_takes_the_place_of_the_old(fleet: Any, ecs: Any) -> None:
    fleet.settle()
    ecs.update_service(cluster="batch", service="web", forceNewDeployment=True)
    assert [d["status"] for d in _service(ecs)["deployments"]] == ["PRIMARY", "ACTIVE"]
    fleet.settle()
    assert [d["rolloutState"] for d in _service(ecs)["deployments"]] == ["COMPLETED"]


def test_faults_hit_ecs(fleet: Any, ecs: Any) -> None:
    calls = {"cluster": "batch", "services": ["web"]}
    for kind, code in (
        ("throttle", "ThrottlingException"),
        ("server_error", "ServerException"),
        ("error", "AccessDeniedException"),
    ):
        with fleet.fault(kind, action="DescribeServices"), pytest.raises(ClientError, match=code):
            ecs.describe_services(**calls)
    with (
        fleet.fault("lost_response", resource="web", action="UpdateService"),
        pytest.raises(ClientError, match="ServerException"),
    ):
        ecs.update_service(cluster="batch", service="web", desiredCount=1)
    assert _service(ecs)["desiredCount"] == 1
