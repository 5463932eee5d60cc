"""The contract between a flow and a part: what a part declares.

A part is a typed function under `@part(...)`. Its first argument is the `Call` of this invocation, the others are
keyword-only and are what a flow writes. It returns a `Result` when it is finished, or `Pending` with a JSON state to
be called again with; it never sleeps.

Only the standard library is imported here: the compiler reads the signatures of parts on machines without boto3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Literal, ParamSpec, Protocol, TypeVar, overload

from lambdas.contract.call import Aws, Call, Changing, Common, Pending, Run
from lambdas.contract.causes import failure_table
from lambdas.contract.docstring import code, sections
from lambdas.contract.errors import InvalidParameter, NightshiftError
from lambdas.contract.invocation import copied, invoke, seconds
from lambdas.contract.result import Failure, FanOut, Json, Result, Skipped
from lambdas.contract.signature import Parameter, parameters, selection
from lambdas.contract.target import EVERYWHERE, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Allow",
    "Aws",
    "Call",
    "Changing",
    "Common",
    "Failure",
    "Json",
    "Parameter",
    "Part",
    "Pending",
    "Result",
    "Run",
    "Runner",
    "Skipped",
    "current_runner",
    "failure_table",
    "part",
    "seconds",
]

PACKAGE = "lambdas.parts"
TITLE = "title"
"""What a flow may call a step, at each call of a part."""


@dataclass(frozen=True)
class Allow:
    """IAM actions a part calls, on the narrowest resources and conditions the service allows.

    resources: ARNs with CloudFormation pseudo parameters, such as
        "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*".
    condition: an IAM condition block.
    named_by: the parameter that gives the ARN of the resource, or its name where `resources` have ":::*" (a bucket) or
        ":secret:" (a secret).
        When each call of the flows that has it writes it out, the part may act on these alone.
    asked_by: a parameter and its value ("*" for any), for what the part calls only then: it is granted where a flow
        gives the value, or what only its run knows.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    condition: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=dict)
    named_by: str = ""
    asked_by: tuple[str, str] | None = None


P = ParamSpec("P")
R_co = TypeVar("R_co", bound=Result, covariant=True)


class Runner(Protocol):
    """Who drives a part that a flow calls under CPython."""

    def run_part(self, part: Part[..., Any], params: dict[str, Json]) -> Any:
        """Run `part` to its end and return its result."""

    def run_everywhere(self, part: Part[..., Any], params: dict[str, Json]) -> FanOut[Target, str]:
        """Run `part` in the accounts and Regions that `params` names."""


current_runner: ContextVar[Runner | None] = ContextVar("nightshift_runner", default=None)


class Part(Generic[P, R_co]):
    """A part: its function and what it declares.

    name: "ec2.stop_instances": the folder of the service and the name of the function.
    allow, cost, hints, waits, timeout, interval, one_of, repeats: see `part`.
    """

    def __init__(
        self,
        function: Callable[Concatenate[Call, P], R_co | Pending],
        *,
        allow: tuple[Allow, ...],
        cost: str,
        hints: Mapping[str, str],
        waits: bool,
        timeout: str,
        interval: int,
        one_of: tuple[tuple[str, ...], ...],
        repeats: Callable[[Mapping[str, Json]], bool] = lambda given: True,
    ) -> None:
        self.function = function
        self.name = f"{_service(function.__module__, function.__name__)}.{function.__name__}"
        self.allow = allow
        self.cost = cost
        self.hints = dict(hints)
        self.waits = waits
        self.timeout = timeout
        self.interval = interval
        self.one_of = one_of
        self.repeats = repeats
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__module__ = function.__module__

    def __repr__(self) -> str:
        return f"<part {self.name}>"

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...

    @overload
    def __call__(
        self,
        *,
        regions: str | list[str],
        accounts: str | list[str] = ...,
        at_most: int = ...,
        distributed: bool = ...,
        max_failures: int | str = ...,
        stop_on_alarm: str = ...,
        on_failure: Literal["fail", "continue"] = ...,
        **params: Any,
    ) -> FanOut[Target, str]: ...

    @overload
    def __call__(
        self,
        *,
        accounts: list[Target],
        at_most: int = ...,
        distributed: bool = ...,
        max_failures: int | str = ...,
        stop_on_alarm: str = ...,
        on_failure: Literal["fail", "continue"] = ...,
        **params: Any,
    ) -> FanOut[Target, str]: ...

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the part from a flow that runs under CPython, inside `nightshift.local_run(...)`.

        With `accounts` or `regions` it acts in each of them; what comes back is then a `FanOut` of summaries, and
        at_most, distributed, max_failures, stop_on_alarm and on_failure are those of a `for_each` over account-Regions.
        accounts: organizational units by name, path or id, ids of accounts, "*" for the whole organization; or what
            `accounts(...)` gives, without `regions`. Default: the app's own account.
        """
        runner = current_runner.get()
        if runner is None:
            raise NightshiftError(
                f"{self.name} was called outside a run; call the flow inside `with nightshift.local_run(...):`"
            )
        if args:
            raise InvalidParameter(f"{self.name} takes keyword arguments only; write name=value")
        if self.titled:
            # It is for people who look at the flow, and nothing to the part.
            kwargs.pop(TITLE, None)
        everywhere = self.everywhere(kwargs)
        return runner.run_everywhere(self, kwargs) if everywhere else runner.run_part(self, kwargs)

    def everywhere(self, names: Iterable[str]) -> bool:
        """Whether a call with parameters of these names is one for several accounts or Regions."""
        return any(name in EVERYWHERE and name not in self.parameters for name in names)

    @property
    def titled(self) -> bool:
        """Whether `title` at a call is what the step is called, and no parameter of the part's own."""
        return TITLE not in self.parameters or self.parameters[TITLE].common

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """What a flow may give, by name: the part's own, those of its selection, and those of every part."""
        return {parameter.name: parameter for parameter in parameters(self.function)}

    @cached_property
    def choices(self) -> tuple[tuple[str, ...], ...]:
        """Parameters of which a call gives one at least: those of `one_of`, and of the selection it takes by Unpack."""
        shared = selection(self.function)
        return self.one_of if not shared or any(set(shared) <= set(c) for c in self.one_of) else (shared, *self.one_of)

    @cached_property
    def example(self) -> str:
        """The flow under `Example:` in its docstring, or ""."""
        return code(sections(self.__doc__ or "").get("Example", ""))

    def invoke(
        self,
        aws: Aws,
        run: Run,
        params: Mapping[str, Json],
        state: Json,
        copy: Callable[[Json], Json] = copied,
    ) -> dict[str, Json]:
        """One invocation: the reply of the contract, as `lambdas.contract.invocation` tells.

        Raises InvalidParameter for a name that is no parameter: one misspelt in a hand-written request must not
        silently select more than was meant.
        """
        unknown = sorted(name for name, value in params.items() if value is not None and name not in self.parameters)
        if unknown:
            own = [name for name, parameter in self.parameters.items() if not parameter.common]
            raise InvalidParameter(f"{self.name} has no parameter {', '.join(unknown)}; it takes {', '.join(own)}")
        return invoke(self, aws, run, params, state, copy)


def part(
    *,
    allow: tuple[Allow, ...] = (),
    cost: str = "Nothing besides.",
    hints: Mapping[str, str] | None = None,
    waits: bool = True,
    timeout: str = "1h",
    interval: int = 10,
    one_of: tuple[tuple[str, ...], ...] = (),
    repeats: Callable[[Mapping[str, Json]], bool] = lambda given: True,
) -> Callable[[Callable[Concatenate[Call, P], R_co | Pending]], Part[P, R_co]]:
    """Declare a part.

    allow: the IAM actions it calls, exactly those.
    cost: what a use of it costs besides its invocations, in a sentence or two.
    hints: AWS error code of a failed resource -> what to do about it; for codes that mean something particular here.
    waits: False for a part that always finishes in one invocation; it compiles to a single Task.
    timeout: default for how long it may take in all.
    interval: default seconds between two polls of AWS.
    one_of: groups of parameters of which a call gives one at least, so that the compiler refuses a call without any.
        The ids and the tag of a shared selection need not be told, unless the part takes another instead of them.
    repeats: whether Step Functions may invoke it again when it is open how far an invocation came, by the parameters
        that the flow gives: constants, or ... for what only the run knows. Rule 1 lets every part; one that tells a
        system beyond AWS may have to say no.
    """

    def declare(function: Callable[Concatenate[Call, P], R_co | Pending]) -> Part[P, R_co]:
        return Part(
            function,
            allow=allow,
            cost=cost,
            hints=hints or {},
            waits=waits,
            timeout=timeout,
            interval=interval,
            one_of=one_of,
            repeats=repeats,
        )

    return declare


def _service(module: str, function: str) -> str:
    """ "ec2" for the modules lambdas.parts.ec2 and lambdas.parts.ec2.stop_instances, and "rds" for a part of a project,
    whose file has the name of its function: parts.rds.stop_db_instance. The last name of any other module.
    """
    path = module.removeprefix(f"{PACKAGE}.")
    if path != module:
        return path.partition(".")[0]
    package, _, last = module.rpartition(".")
    return package.rpartition(".")[2] if package and last == function else last
