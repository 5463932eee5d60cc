"""AWS for the parts of a simulation: clients whose calls are answered in this process.

They are botocore's clients with their pages and errors, but for the way of a call: EC2 and Systems Manager are answered
by the fleet's rules directly, a mail or a message is noted, and the other services are moto's behind its usual stub.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, NamedTuple

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import ServiceException
from moto.core.parse import XFormedDict
from moto.core.responses import ActionContext, ActionResult
from moto.core.utils import get_service_model
from moto.ec2.models import ec2_backends
from moto.ec2.responses import EC2Response
from moto.utilities.utils import get_partition

from lambdas.outside.sending import Answer, Sent
from nightshift.local.account import ACCOUNT, OF_ACCOUNT, REGION
from nightshift.local.fleet.answers.parsed import Parsed
from nightshift.local.fleet.errors import SERVER_ERRORS
from nightshift.local.fleet.hooks import result_of
from nightshift.local.fleet.requests import Request
from nightshift.local.fleet.ssm.api import RunCommand
from nightshift.local.fleet.ssm.commands import SsmError
from nightshift.local.fleet.world import World
from nightshift.own_parts import FakeLacks, fakes

Json = dict[str, Any]


_NOTED: Mapping[str, tuple[str, ...]] = {
    "secretsmanager": ("GetSecretValue",),
    "sesv2": ("SendEmail",),
    "sns": ("Publish",),
    "sqs": ("GetQueueUrl", "SendMessage"),
}
"""Service -> the operations whose letters are noted; its other operations moto answers."""


class Place(NamedTuple):
    """Where a request goes."""

    account: str
    region: str


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
    fakes: what answers for services that moto has not, by boto3's name: a class that is given the clock, with a method
        for each operation ("describe_events"). By default those beside the parts of the project.
    """

    world: World
    region: str = REGION
    calls: int = 0
    letters: list[Letter] = field(default_factory=list)
    fakes: Mapping[str, Callable[[Callable[[], float]], Any]] = field(default_factory=fakes)
    _clients: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _record: list[tuple[str, str, Json]] | None = None
    _backends: dict[Place, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._systems_manager = RunCommand(self.world)
        self._direct: dict[str, Callable[[Place, str, Json], Json]] = {
            "ec2": self._ec2,
            "secretsmanager": lambda place, operation, given: {"SecretString": "simulated"},
            "ssm": self._ssm,
            "sesv2": self._sesv2,
            "sns": self._sns,
            "sqs": self._sqs,
            **{service: _Faked(service, fake(self.now)) for service, fake in self.fakes.items()},
        }

    def client(
        self,
        service: str,
        *,
        region: str | None = None,
        role_arn: str | None = None,
        credentials_secret: str | None = None,
    ) -> Any:
        """A client; a role is one of its account, which may do everything there."""
        key = (service, region or self.region, role_arn.split(":")[4] if role_arn else ACCOUNT)
        if key not in self._clients:
            self._clients[key] = self._made(*key)
        return self._clients[key]

    def outside(self) -> Any:
        """Systems beyond AWS, each of which takes everything."""
        return _Outside(self)

    def now(self) -> float:
        """Seconds since the epoch, in virtual time."""
        return self.world.now()

    def remaining(self) -> float:
        """Seconds an invocation may still take: none passes within one."""
        return 300.0

    def answer(self, service: str, by: Any) -> None:
        """Let an object answer for a service from now on, by a method for each operation."""
        self._direct[service] = _Faked(service, by)
        self._clients = {key: client for key, client in self._clients.items() if key[0] != service}

    @contextmanager
    def recorded(self) -> Iterator[list[tuple[str, str, Json]]]:
        """Within, the list is every request: service as botocore's events name it, operation, parameters."""
        self._record = []
        try:
            yield self._record
        finally:
            self._record = None

    def _made(self, service: str, region: str, account: str) -> Any:
        config = Config(retries={"total_max_attempts": 1})
        client: Any = _session().create_client(service, region_name=region, config=config)
        called = client.meta.service_model.service_id.hyphenize()
        direct, noted = self._direct.get(service), _NOTED.get(service)
        if direct is None or noted:
            stub = BotocoreStubber()
            stub.enabled = True
            client.meta.events.register("before-send", stub)
            client.meta.events.register("before-sign", partial(_as_account, account))
        place = Place(account, region)
        sent = client._make_api_call

        def answer(operation: str, given: Json) -> Json:
            if direct is None or (noted and operation not in noted and not isinstance(direct, _Faked)):
                return sent(operation, given)  # type: ignore[no-any-return]
            return direct(place, operation, given)

        client._make_api_call = lambda operation, given: self._counted(called, answer, operation, given)
        # botocore makes a class for each paginator that is asked for.
        client.get_paginator = cache(client.get_paginator)
        return client

    def _counted(self, called: str, answer: Callable[[str, Json], Json], operation: str, given: Json) -> Json:
        self.calls += 1
        if self._record is not None:
            self._record.append((called, operation, given))
        return answer(operation, given)

    def _ec2(self, place: Place, operation: str, given: Json) -> Json:
        world = self.world
        world.catch_up()
        backend = self._backends.get(place)
        if backend is None:
            # moto takes a lock each time.
            backend = self._backends[place] = ec2_backends[place.account][place.region]
        response = _Response(backend, place, operation, given)
        code = ""
        try:
            result = result_of(Request(world, operation, response))
            return _body(result, "ec2", operation, response)
        except ServiceException as error:
            code = error.code
            raise _client_error(operation, code, str(error.message), SERVER_ERRORS.get(code, 400)) from None
        finally:
            world.calls.append(("ec2", operation, code))

    def _ssm(self, place: Place, operation: str, given: Json) -> Json:
        try:
            answer = self._systems_manager.answer(operation, place.region, given, place.account)
            return _body(ActionResult(answer), "ssm", operation, None)
        except SsmError as error:
            raise _client_error(operation, error.code, str(error), error.status) from None

    def _sesv2(self, place: Place, operation: str, given: Json) -> Json:
        simple = given["Content"]["Simple"]
        return self.noted(given["Destination"]["ToAddresses"], simple["Subject"]["Data"])

    def _sns(self, place: Place, operation: str, given: Json) -> Json:
        return self.noted([given["TopicArn"]], given.get("Subject", ""))

    def _sqs(self, place: Place, operation: str, given: Json) -> Json:
        if operation == "GetQueueUrl":
            return {"QueueUrl": f"https://sqs.{place.region}.amazonaws.com/{place.account}/{given['QueueName']}"}
        return self.noted([given["QueueUrl"]], given["MessageBody"].partition("\n")[0])

    def noted(self, to: list[str], subject: str) -> Json:
        """Note what somebody was told."""
        self.letters.append(Letter(self.world.now(), tuple(to), subject))
        return {"MessageId": f"{len(self.letters):08x}"}


@dataclass(frozen=True)
class _Outside:
    """What `lambdas.outside.sending.Outside` is, with nobody there: a year of runs sends nothing."""

    aws: SimulatedAws

    def addresses(self, name: str, port: int) -> list[str]:
        """One that leads nowhere."""
        return ["192.0.2.1"]

    def send(self, sent: Sent, places: list[str]) -> Answer:
        """Note a request, and answer it well."""
        self.aws.calls += 1
        self.aws.noted([f"https://{sent.host}"], f"{sent.method} {sent.path.partition('?')[0]}")
        return Answer(200, {"content-type": "application/json"}, b"{}")


class _Response(EC2Response):
    """moto's object that answers a request, with what it reads of the request at hand."""

    # moto looks it up each time it is used.
    ec2_backend: Any = None

    def __init__(self, backend: Any, place: Place, operation: str, given: Json) -> None:
        super().__init__()
        self.ec2_backend = backend
        self.params: Any = _typed(given)
        self.uri_match: Json = {}
        self.querystring = self.data = {"Action": [operation]}
        self.headers: Json = {}
        self.region, self.partition, self.current_account = place.region, _partition(place.region), place.account

    def _get_param(self, param_name: str, if_none: Any = None) -> Any:
        if "." in param_name:
            return super()._get_param(param_name, if_none)
        return self.params.get(param_name, if_none)


class _Faked:
    """The answers of a service's fake."""

    def __init__(self, service: str, fake: Any) -> None:
        self._service = service
        self._fake = fake

    def __call__(self, place: Place, operation: str, given: Json) -> Json:
        method = getattr(self._fake, xform_name(operation), None)
        if method is None:
            name = type(self._fake).__name__
            raise FakeLacks(
                f"the fake {name} of {self._service} has no {xform_name(operation)}; "
                f"write that method in the `_fake.py` beside the part"
            )
        answer: Json = method(**given)
        return {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _as_account(account: str, request: Any, **_: Any) -> None:
    """Tell moto whose request it is."""
    request.headers[OF_ACCOUNT] = account


class _Parameters(XFormedDict):
    """moto's form of parameters, which remembers how names are written."""

    def __init__(self, data: Json) -> None:
        # moto's own way takes the names one by one, an empty dictionary included.
        self._store = {_snake(name): (name, value) for name, value in data.items()}

    def _xformed(self, key: str) -> str:
        return _snake(key)

    def get(self, key: str, default: Any = None) -> Any:
        """A parameter; most that are asked for are not given, and an exception would tell so slowly."""
        found = self._store.get(_snake(key))
        return default if found is None else found[1]


_partition = cache(get_partition)


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


_LISTS = (list, tuple)


def _typed(value: Any) -> Any:
    """Parameters as moto reads them from a request, in which an empty list does not show."""
    if isinstance(value, dict):
        return _Parameters({k: _typed(v) for k, v in value.items() if v is not None and v != []})
    if isinstance(value, _LISTS):
        return [item if type(item) is str else _typed(item) for item in value]
    return value


def _client_error(operation: str, code: str, message: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
