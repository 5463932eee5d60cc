"""The part of the Systems Manager API that reaches instances; the rest is the control plane's."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import takewhile
from typing import Any

from werkzeug.wrappers import Request, Response

from nightshift.local.account import ACCOUNT, OF_ACCOUNT
from nightshift.local.fleet.ssm import automations, patches
from nightshift.local.fleet.ssm.commands import DOCUMENTS, RUNNING, Agents, Command, SsmError
from nightshift.local.fleet.world import World

Json = dict[str, Any]

_PAGE = 50
_OF_THE_CONNECTION = ("Connection", "Content-Length", "Expect", "Transfer-Encoding")
_SCOPE = re.compile(r"Credential=[^/]+/\d+/([\w-]+)/ssm/")


class RunCommand:
    """A WSGI application for `AmazonSSM.*` requests.

    control_plane: endpoint that answers what does not concern instances; "" refuses it.
    """

    def __init__(self, world: World, control_plane: str = "") -> None:
        self.world = world
        self.control_plane = control_plane

    def __call__(self, environ: Json, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        action = request.headers["X-Amz-Target"].partition(".")[2]
        if action not in ACTIONS:
            return self._forward(request)(environ, start_response)
        scope = _SCOPE.search(request.headers.get("Authorization", ""))
        try:
            given = json.loads(request.get_data() or b"{}")
            account = request.headers.get(OF_ACCOUNT, ACCOUNT)
            answer = self.answer(action, scope[1] if scope else "us-east-1", given, account)
            status = 200
        except SsmError as error:
            answer, status = {"__type": error.code, "message": str(error)}, error.status
        return Response(json.dumps(answer), status, content_type="application/x-amz-json-1.1")(environ, start_response)

    def answer(self, action: str, region: str, request: Json, account: str = ACCOUNT) -> Json:
        """Answer one request that concerns instances. Raises SsmError."""
        with self.world.lock:
            self.world.catch_up()
            code = ""
            try:
                self._inject(action, ("throttle", "server_error", "error"))
                answer = ACTIONS[action](Agents(self.world, account, region), request)
                self._inject(action, ("lost_response",))
            except SsmError as error:
                code = error.code
                raise
            finally:
                self.world.calls.append(("ssm", action, code))
        return answer

    def _inject(self, action: str, kinds: tuple[str, ...]) -> None:
        for fault in self.world.faults:
            if fault.kind in kinds and fault.action == action and fault.strike():
                default = "ThrottlingException" if fault.kind == "throttle" else "InternalServerError"
                raise SsmError(fault.code or default, fault.message or "injected")

    def _forward(self, request: Request) -> Response:
        if not self.control_plane:
            return Response(json.dumps({"__type": "InvalidAction", "message": "not an action on instances"}), 400)
        # All of them, the host too: the signature is made of them.
        headers = {name: value for name, value in request.headers.items() if name not in _OF_THE_CONNECTION}
        onward = urllib.request.Request(self.control_plane, request.get_data(), headers, method="POST")
        try:
            with urllib.request.urlopen(onward, timeout=60) as answer:
                return Response(answer.read(), answer.status, content_type=answer.headers["Content-Type"])
        except urllib.error.HTTPError as error:
            return Response(error.read(), error.code, content_type=error.headers["Content-Type"])


def _describe(agents: Agents, request: Json) -> Json:
    found = agents.instances()
    for wanted in request.get("Filters", []):
        if wanted["Key"] == "InstanceIds":
            found = {i: found[i] for i in wanted["Values"] if i in found}
    information = [
        {
            "InstanceId": id_,
            "PingStatus": "Online" if instance.state == "running" else "ConnectionLost",
            "PlatformType": "Windows" if instance.platform == "windows" else "Linux",
            "ResourceType": "EC2Instance",
            "IPAddress": instance.private_ip,
        }
        for id_, instance in found.items()
    ]
    return _page(request, "InstanceInformationList", information)


def _send(agents: Agents, request: Json) -> Json:
    return {"Command": _shown(agents.send(request))}


def _list(agents: Agents, request: Json) -> Json:
    afters = [f["value"] for f in request.get("Filters", []) if f["key"] == "InvokedAfter"]
    after = max((datetime.fromisoformat(text).timestamp() for text in afters), default=float("-inf"))
    # The newest first: those before have been sent earlier too.
    commands = list(takewhile(lambda c: c.sent >= after, reversed(agents.commands.values())))
    for key, value in (("CommandId", request.get("CommandId")), ("InstanceId", request.get("InstanceId"))):
        if value:
            commands = [c for c in commands if value == c.id or (key == "InstanceId" and value in c.invocations)]
    return _page(request, "Commands", [_shown(c) for c in commands])


def _invocations(agents: Agents, request: Json) -> Json:
    wanted, instance = request.get("CommandId"), request.get("InstanceId")
    commands = agents.commands
    found = [
        {**_common(command, id_), "CommandPlugins": [_plugin(command, how)] if request.get("Details") else []}
        for command in (commands.values() if wanted is None else filter(None, [commands.get(wanted)]))
        for id_, how in command.invocations.items()
        if instance in (None, id_)
    ]
    return _page(request, "CommandInvocations", found)


def _invocation(agents: Agents, request: Json) -> Json:
    command = _command(agents, request)
    id_ = request["InstanceId"]
    if id_ not in command.invocations:
        raise SsmError("InvocationDoesNotExist", f"{command.id} was not sent to {id_}")
    how = command.invocations[id_]
    output = {"StandardOutputContent": how["Output"], "ResponseCode": how["ResponseCode"]}
    return {**_common(command, id_), **output, "PluginName": DOCUMENTS[command.request["DocumentName"]]}


def _cancel(agents: Agents, request: Json) -> Json:
    agents.cancel(_command(agents, request), request.get("InstanceIds") or [])
    return {}


def _patch_states(agents: Agents, request: Json) -> Json:
    known = patches.states(agents.world, agents.account, agents.region)
    found = list(patches.of_group(known, agents.instances(), request["PatchGroup"]))
    return _page(request, "InstancePatchStates", found)


def _command(agents: Agents, request: Json) -> Command:
    found = agents.commands.get(request.get("CommandId", ""))
    if found is None:
        raise SsmError("InvalidCommandId", f"there is no command {request.get('CommandId')}")
    return found


def _shown(command: Command) -> Json:
    states = {how["Status"] for how in command.invocations.values()}
    status = "InProgress" if states.intersection(RUNNING) else "Success" if states <= {"Success"} else "Failed"
    return {
        "CommandId": command.id,
        "Comment": command.request.get("Comment", ""),
        "DocumentName": command.request["DocumentName"],
        "InstanceIds": list(command.invocations),
        "RequestedDateTime": command.sent,
        "Status": status,
        "StatusDetails": _details(command, status),
    }


def _details(command: Command, status: str) -> str:
    if not command.invocations:
        return "NoInstancesInTag"
    tolerated = 0 < command.errors <= command.most("MaxErrors", "0")
    return "Incomplete" if status == "Failed" and tolerated else status


def _common(command: Command, instance: str) -> Json:
    how = command.invocations[instance]
    return {
        "CommandId": command.id,
        "InstanceId": instance,
        "DocumentName": command.request["DocumentName"],
        "Status": how["Status"],
        "StatusDetails": "ExecutionTimedOut" if how["Status"] == "TimedOut" else how["Status"],
    }


def _plugin(command: Command, how: Json) -> Json:
    name = DOCUMENTS[command.request["DocumentName"]]
    return {"Name": name, "Status": how["Status"], "ResponseCode": how["ResponseCode"], "Output": how["Output"]}


def _page(request: Json, name: str, items: list[Json]) -> Json:
    begin = int(request.get("NextToken") or 0)
    end = begin + min(int(request.get("MaxResults") or _PAGE), _PAGE)
    return {name: items[begin:end], **({"NextToken": str(end)} if end < len(items) else {})}


ACTIONS: dict[str, Callable[[Agents, Json], Json]] = {
    "DescribeInstanceInformation": _describe,
    "SendCommand": _send,
    "ListCommands": _list,
    "ListCommandInvocations": _invocations,
    "GetCommandInvocation": _invocation,
    "CancelCommand": _cancel,
    "DescribeInstancePatchStatesForPatchGroup": _patch_states,
    "DescribeDocument": automations.describe_document,
    "StartAutomationExecution": automations.start,
    "GetAutomationExecution": automations.get,
}
"""What concerns instances, and runbooks."""
