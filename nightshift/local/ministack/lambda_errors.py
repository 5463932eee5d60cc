"""Failures of a Lambda function as AWS reports them.

MiniStack gives every exception of a handler the type Runtime.HandlerError, so no `Catch` by name could work, and a
worker that died the same. Source: "Handling errors in Step Functions workflows" (Step Functions Developer Guide)
and "Understanding the error types" of "Troubleshoot invocation issues in Lambda" (Lambda Developer Guide).
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]
from ministack.services import lambda_svc  # type: ignore[import-untyped]

_REPLY = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
_REPLY_WITH_TYPE = (
    '{"status": "error", "trace": traceback.format_exc(), "error": json.dumps({"errorMessage": str(e), '
    '"errorType": type(e).__name__, "stackTrace": traceback.format_tb(e.__traceback__)})}'
)
_DIED = "Worker process died"


def patch() -> None:
    """Give failures their type. Raises RuntimeError on a MiniStack whose worker is not the one this was made for."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(_REPLY) != 1:
        raise RuntimeError("this version of MiniStack replies to errors in another way; install the pinned one")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_REPLY, _REPLY_WITH_TYPE)
    execute = lambda_svc._execute_function_warm

    def execute_with_types(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event, request_id)
        if result.get("error"):
            result["body"] = _error(result["body"], request_id)
        return result

    lambda_svc._execute_function_warm = execute_with_types


def _error(body: dict[str, Any], request_id: str) -> dict[str, Any]:
    message = str(body.get("errorMessage", ""))
    if message.startswith('{"errorMessage"'):
        typed: dict[str, Any] = json.loads(message)
        return typed
    if message == _DIED or "Broken pipe" in message:
        text = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
        return {"errorType": "Runtime.ExitError", "errorMessage": text}
    return body
