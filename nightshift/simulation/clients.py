"""AWS for the parts of a simulation: clients whose calls are answered in this process.

They are botocore's clients with their pages and errors, but for the way of a call: EC2 and Systems Manager are answered
by the fleet's rules directly, a mail or a message is noted, and the other services are moto's behind its usual stub.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import ServiceException
from moto.core.parse import XFormedDict
from moto.core.responses import ActionContext, ActionResult
from moto.core.utils import get_service_model
from moto.ec2.responses import EC2Response
from moto.utilities.utils import get_partition

from nightshift.local.account import ACCOUNT, REGION
from nightshift.local.fleet.errors import SERVER_ERRORS
from nightshift.local.fleet.hooks import result_of
from nightshift.local.fleet.requests import Request
from nightshift.local.fleet.ssm.api import RunCommand
from nightshift.local.fleet.ssm.commands import SsmError
from nightshift.local.fleet.world import World
from nightshift.simulation.answers import Parsed

Json = dict[str, Any]


@dataclass(frozen=True)
class Letter:
    """A mail or a message to a topic. moment: seconds since the epoch. to: addresses, or the topic."""

    moment: float
    to: tuple[str, ...]
    subject: str


@dataclass
class SimulatedAws:
    """Implements `lambdas.contract.part.Aws` on a fleet in this process.

    calls: how many API calls were made so far. letters: what was mailed and published.
    """

    world: World
    region: str = REGION
    calls: int = 0
    letters: list[Letter] = field(default_factory=list)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._systems_manager = RunCommand(self.world)
        self._direct: dict[str, Callable[[str, str, Json], Json]] = {
            "ec2": self._ec2,
            "ssm": self._ssm,
            "sesv2": self._sesv2,
            "sns": self._sns,
        }

    def client(
        self,
        service: str,
        *,
        region: str | None = None,
        role_arn: str | None = None,
        credentials_secret: str | None = None,
    ) -> Any:
        """A client; there is one account, whatever role is assumed."""
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = self._made(*key)
        return self._clients[key]

    def now(self) -> float:
        """Seconds since the epoch, in virtual time."""
        return self.world.now()

    def remaining(self) -> float:
        """Seconds an invocation may still take: none passes within one."""
        return 300.0

    def _made(self, service: str, region: str) -> Any:
        config = Config(retries={"total_max_attempts": 1})
        client: Any = _session().create_client(service, region_name=region, config=config)
        answer = self._direct.get(service)
        if answer is None:
            stub = BotocoreStubber()
            stub.enabled = True
            client.meta.events.register("before-send", stub)
            client.meta.events.register("before-send", self._count)
        else:
            client._make_api_call = lambda operation, parameters: self._counted(answer, region, operation, parameters)
        return client

    def _count(self, **_: Any) -> None:
        self.calls += 1

    def _counted(self, answer: Callable[[str, str, Json], Json], region: str, operation: str, given: Json) -> Json:
        self.calls += 1
        return answer(region, operation, given)

    def _ec2(self, region: str, operation: str, given: Json) -> Json:
        world = self.world
        world.catch_up()
        response: Any = EC2Response()
        response.params = _typed(given)
        response.uri_match = {}
        response.querystring = response.data = {"Action": [operation]}
        response.headers = {}
        response.region, response.partition, response.current_account = region, get_partition(region), ACCOUNT
        code = ""
        try:
            result = result_of(Request(world, operation, response))
            return _body(result, "ec2", operation, response)
        except ServiceException as error:
            code = error.code
            raise _client_error(operation, code, str(error.message), SERVER_ERRORS.get(code, 400)) from None
        finally:
            world.calls.append(("ec2", operation, code))

    def _ssm(self, region: str, operation: str, given: Json) -> Json:
        try:
            return _body(ActionResult(self._systems_manager.answer(operation, region, given)), "ssm", operation, None)
        except SsmError as error:
            raise _client_error(operation, error.code, str(error), error.status) from None

    def _sesv2(self, region: str, operation: str, given: Json) -> Json:
        if operation != "SendEmail":
            raise NotImplementedError(f"the simulation does not know sesv2 {operation}")
        simple = given["Content"]["Simple"]
        return self._noted(given["Destination"]["ToAddresses"], simple["Subject"]["Data"])

    def _sns(self, region: str, operation: str, given: Json) -> Json:
        if operation != "Publish":
            raise NotImplementedError(f"the simulation does not know sns {operation}")
        return self._noted([given["TopicArn"]], given.get("Subject", ""))

    def _noted(self, to: list[str], subject: str) -> Json:
        self.letters.append(Letter(self.world.now(), tuple(to), subject))
        return {"MessageId": f"{len(self.letters):08x}"}


class _Parameters(XFormedDict):
    """moto's form of parameters, which remembers how names are written."""

    def _xformed(self, key: str) -> str:
        return _snake(key)


@cache
def _snake(name: str) -> str:
    return str(xform_name(name))


@cache
def _session() -> botocore.session.Session:
    """One for all simulations of the process: it keeps the models of the services."""
    session = botocore.session.Session()
    session.set_credentials(ACCOUNT, "simulation")
    return session


def _body(result: ActionResult, service: str, operation: str, response: Any) -> Json:
    model = get_service_model(service)
    context: Any = ActionContext(model, model.operation_model(operation), Parsed, response)  # type: ignore[arg-type]
    body: Any = result.execute_result(context)[2]
    return {**body, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _typed(value: Any) -> Any:
    """Parameters as moto reads them from a request, in which an empty list does not show."""
    if isinstance(value, dict):
        return _Parameters({k: _typed(v) for k, v in value.items() if v is not None and v != []})
    return [_typed(item) for item in value] if isinstance(value, list | tuple) else value


def _client_error(operation: str, code: str, message: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
