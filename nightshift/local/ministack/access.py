"""IAM of the local AWS: the sessions of roles, and whether a role allows a request.

MiniStack's own evaluator judges: it holds the requests that reach the control plane to the policies of the role behind
their access key once `AUTH` is on ("Policy evaluation logic", IAM User Guide), and the fleet asks it here about its
own requests. What Step Functions does for a run MiniStack does with every right; `patch` holds it to the role of the
state machine.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from ministack import app  # type: ignore[import-untyped]
from ministack.core import iam_actions, iam_evaluator, lambda_runtime  # type: ignore[import-untyped]
from ministack.core.responses import get_account_id, get_region, request_scope  # type: ignore[import-untyped]
from ministack.services import lambda_svc, stepfunctions, sts  # type: ignore[import-untyped]

from nightshift.local.account import ACCOUNT, ORGANIZATION, REGION

_running_as: ContextVar[str] = ContextVar("running_as", default="")
"""The role of the state machine whose task is running."""

_sender: ContextVar[str | None] = ContextVar("sender", default=None)
"""From whom the mail is that is being sent."""

_machine: ContextVar[str] = ContextVar("machine", default="")
"""The ARN of the state machine whose task is running."""

_waiting: dict[str, str] = {}
"""Task tokens that are waited for, each with the state machine that waits."""

_SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+")
_START = "states:::states:startExecution"
_RULE = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"


@dataclass(frozen=True)
class Denied:
    """What a role does not allow. explicit: because a statement denies it, and not because none allows it."""

    principal: str
    action: str
    resource: str
    explicit: bool = False

    def __str__(self) -> str:
        """As AWS says it ("Access denied error message examples", IAM User Guide)."""
        where = f" on resource: {self.resource}" if self.resource != "*" else ""
        why = (
            "with an explicit deny in an identity-based policy"
            if self.explicit
            else f"because no identity-based policy allows the {self.action} action"
        )
        return f"User: {self.principal} is not authorized to perform: {self.action}{where} {why}"


def credentials(role: str, session: str) -> dict[str, str]:
    """Access keys of a session of a role, as boto3 takes them; the same again for the same session.

    role: its ARN. session: its name.
    """
    digest = hashlib.sha256(f"{role} {session}".encode()).hexdigest()
    account, name = role.split(":")[4], role.rpartition("/")[2]
    made = {"id": f"ASIA{digest[:16].upper()}", "secret": digest, "token": digest[::-1]}
    sts.register_session(
        made["id"],
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session[:64]}",
            "UserId": f"{name}:{session[:64]}",
            "SecretAccessKey": made["secret"],
            "SessionToken": made["token"],
        },
    )
    return {
        "aws_access_key_id": made["id"],
        "aws_secret_access_key": made["secret"],
        "aws_session_token": made["token"],
    }


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the fleet asks about a request it has got.

    asked: {"key": access key id, "region": ..., "checks": [[action, resource, {condition key: value}], ...]}.
    Gives {"account": whose key it is, "principal": the ARN of its session, "unknown": why the key is none, "denied":
    why the first check fails}; they are "" where there is nothing to say.
    """
    from ministack.core.responses import _account_from_sts_session

    account = _account_from_sts_session(asked["key"]) or get_account_id()
    with request_scope(account, asked.get("region") or REGION):
        who = iam_evaluator.resolve_principal(asked["key"], account)
        if isinstance(who, iam_evaluator.AuthError):
            return {"account": account, "principal": "", "unknown": who.message, "denied": ""}
        denials = (_denied(who, action, resource, keys) for action, resource, keys in asked["checks"])
        denied = next(filter(None, denials), None)
        return {"account": who.account, "principal": who.arn, "unknown": "", "denied": str(denied or "")}


def of_function(asked: dict[str, Any]) -> dict[str, str]:
    """The environment variables with the access keys of a function: {"function": its name}; none when there is none."""
    with request_scope(ACCOUNT, REGION):
        _, config, _ = lambda_svc._get_func_record_for_ref(asked["function"])
    keys: dict[str, str] = lambda_runtime.execution_credentials(config) if config else {}
    return keys


def _denied(who: Any, action: str, resource: str, keys: dict[str, Any] | None = None) -> Denied | None:
    if who.policies is None:
        return None
    context = iam_evaluator.EvalContext(
        principal_arn=who.arn,
        principal_type=who.type,
        principal_account=who.account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={"aws:tagkeys": None, **{name.lower(): value for name, value in (keys or {}).items()}},
        principal_keys=who.keys,
    )
    result = iam_evaluator.evaluate(context, who.policies, *who.limits)
    if result.decision == "Allow":
        return None
    return Denied(who.arn, action, resource, result.decision == "Deny")


def patch() -> None:
    """Hold the tasks of state machines to their roles, and let all accounts be of one organization."""
    _register_in_turn()
    _resolve_keys()
    _name_sender()
    _name_machine()
    _name_alarms()
    _name_changes()
    _read_special_variables()
    _name_log_streams()
    execute = stepfunctions._execute_task

    def execute_task(state: Any, given: Any, execution: Any, context: Any) -> Any:
        if not app.AUTH:
            return execute(state, given, execution, context)
        arn = (execution or {}).get("stateMachineArn", "")
        before = _running_as.set(stepfunctions._state_machines.get(arn, {}).get("roleArn", "")), _machine.set(arn)
        try:
            return execute(state, given, execution, context)
        finally:
            _running_as.reset(before[0])
            _machine.reset(before[1])

    stepfunctions._execute_task = execute_task
    stepfunctions._invoke_resource = _allowed(stepfunctions._invoke_resource)
    stepfunctions._invoke_with_callback = _allowed(stepfunctions._invoke_with_callback)


def _register_in_turn() -> None:
    """Have one session at a time looked through and added to: runs of many flows that begin together each add one.

    MiniStack looks for those that have ended in each of them, and fails where another is added meanwhile.
    """
    register, turn = sts.register_session, threading.Lock()

    def register_session(key: str, session: dict[str, Any]) -> None:
        with turn:
            register(key, session)

    sts.register_session = register_session


def _resolve_keys() -> None:
    resolve = iam_evaluator._resolve_condition_key

    def resolve_key(key: str, context: Any) -> Any:
        if key.lower() == "aws:securetransport":
            # The loopback interface stands for TLS, without which policies refuse everything.
            return "true"
        if key.lower() == "ses:fromaddress":
            return _sender.get()
        known = resolve(key, context)
        if key.lower() == "aws:principalarn":
            return _role_of(known)
        if known is None and key.lower() in ("aws:principalorgid", "aws:resourceorgid"):
            return ORGANIZATION
        return known

    iam_evaluator._resolve_condition_key = resolve_key


def _role_of(principal: str) -> str:
    """The role of a session, as which policies know it ("AWS global condition context keys", IAM User Guide)."""
    session = _SESSION.fullmatch(principal)
    return f"arn:aws:iam::{session[1]}:role/{session[2]}" if session else principal


def _name_sender() -> None:
    """Have SendEmail name the identity of its sender, where MiniStack names none.

    Source: "Actions, resources, and condition keys for Amazon Simple Email Service v2" (Service Authorization
    Reference).
    """
    named = iam_actions._ses_v2_resource_arn

    def resource(method: str, path: str, body: bytes, region: str, account: str) -> str:
        if not path.rstrip("/").endswith("/outbound-emails"):
            arn: str = named(method, path, body, region, account)
            return arn
        address = parseaddr(str(json.loads(body or b"{}").get("FromEmailAddress", "")))[1]
        _sender.set(address)
        return f"arn:aws:ses:{region}:{account}:identity/{address}"

    iam_actions._ses_v2_resource_arn = resource


def _name_machine() -> None:
    """Have SendTaskSuccess name the state machine that waits, and ListExecutions a Map Run, as IAM asks about them,
    where MiniStack names nothing."""
    named, wait = iam_actions.extract_resource_arn, stepfunctions._invoke_with_callback

    def wait_for(resource: str, given: Any, token: str, state: Any) -> Any:
        _waiting[token] = _machine.get()
        try:
            return wait(resource, given, token, state)
        finally:
            del _waiting[token]

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *more: Any) -> str:
        arn: str = named(service, method, path, headers, body, *more)
        if service != "states" or arn != "*":
            return arn
        given = json.loads(body or b"{}")
        return str(given.get("mapRunArn") or _waiting.get(str(given.get("taskToken", "")), arn))

    stepfunctions._invoke_with_callback = wait_for
    iam_actions.extract_resource_arn = resource


def _name_alarms() -> None:
    """Have DeleteAlarms name its first alarm, where MiniStack names nothing: alarms are told of by AlarmName alone."""
    named = iam_actions.extract_resource_arn

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *more: Any) -> str:
        arn: str = named(service, method, path, headers, body, query, *more)
        if service != "monitoring" or arn != "*":
            return arn
        listed = json.loads(body).get("AlarmNames") if body.startswith(b"{") else query.get("AlarmNames.member.1")
        name = listed[0] if isinstance(listed, list) and listed else listed
        return f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}" if name else arn

    iam_actions.extract_resource_arn = resource


def _name_changes() -> None:
    """Have GetChange of Route 53 name its change, where MiniStack names nothing."""
    named = iam_actions.extract_resource_arn

    def resource(service: str, method: str, path: str, *more: Any) -> str:
        arn: str = named(service, method, path, *more)
        change = re.fullmatch(r"/2013-04-01/change/(\w+)", path)
        return f"arn:aws:route53:::change/{change[1]}" if service == "route53" and arn == "*" and change else arn

    iam_actions.extract_resource_arn = resource


def _read_special_variables() -> None:
    """Have ${*}, ${?} and ${$} of a policy mean that character, which MiniStack takes for wildcards in braces.

    Source: "IAM policy elements: Variables and tags", special characters (IAM User Guide).
    """
    compile_ = iam_evaluator._fnmatch_compile

    def compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
        between, *rest = re.split(r"\$\{([*?$])\}", pattern)
        if not rest:
            plain: re.Pattern[str] = compile_(pattern, ignore_case)
            return plain
        texts = [compile_(text, ignore_case).pattern[1:-1] for text in (between, *rest[1::2])]
        signs = [re.escape(sign) for sign in rest[::2]]
        regex = texts[0] + "".join(sign + text for sign, text in zip(signs, texts[1:], strict=True))
        return re.compile(f"^{regex}$", re.IGNORECASE if ignore_case else 0)

    iam_evaluator._fnmatch_compile = compiled


def _name_log_streams() -> None:
    """Have GetLogEvents name its log stream, as IAM asks about it, where MiniStack names the log group."""
    named = iam_actions.extract_resource_arn

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *more: Any) -> str:
        arn: str = named(service, method, path, headers, body, *more)
        if service != "logs" or not headers.get("x-amz-target", "").endswith(".GetLogEvents"):
            return arn
        return f"{arn}:log-stream:{json.loads(body).get('logStreamName', '')}"

    iam_actions.extract_resource_arn = resource


def _allowed(invoke: Any) -> Any:
    """`invoke` for what the role of the state machine allows; the errors are those that Step Functions gives a task.

    Source: "Handling errors in Step Functions workflows" (Step Functions Developer Guide).
    """

    def invoke_allowed(resource: str, given: Any, *more: Any) -> Any:
        role = _running_as.get()
        checks = _checks(resource, given) if role else []
        if checks:
            key = credentials(role, hashlib.sha256(role.encode()).hexdigest()[:32])["aws_access_key_id"]
            who = iam_evaluator.resolve_principal(key, role.split(":")[4])
            for action, on in checks:
                if denied := _denied(who, action, on):
                    lambda_, text = action.startswith("lambda:"), f"{denied} (Status Code: 403)"
                    error = "Lambda.AWSLambdaException" if lambda_ else "StepFunctions.AWSStepFunctionsException"
                    raise stepfunctions._ExecutionError(error, text)
        return invoke(resource, given, *more)

    return invoke_allowed


def _checks(resource: str, given: Any) -> list[tuple[str, str]]:
    """What a task needs: the actions and their resources."""
    if "states:::lambda:invoke" in resource:
        return [("lambda:InvokeFunction", _function(str(given.get("FunctionName", ""))))]
    if _START not in resource:
        return []
    machine = given.get("StateMachineArn") or given.get("stateMachineArn") or "*"
    checks = [("states:StartExecution", machine)]
    if ".sync" in resource:
        rule = f"arn:aws:events:{get_region()}:{get_account_id()}:{_RULE}"
        runs = machine.replace(":stateMachine:", ":execution:") + ":*"
        checks += [("states:DescribeExecution", runs), ("states:StopExecution", runs)]
        checks += [(f"events:{action}", rule) for action in ("PutTargets", "PutRule", "DescribeRule")]
    return checks


def _function(named: str) -> str:
    if named.startswith("arn:"):
        return named
    arn: str = lambda_svc._func_arn(named.partition(":")[0])
    return f"{arn}:{named.partition(':')[2]}" if ":" in named else arn
