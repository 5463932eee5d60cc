"""What the resources of an app are called: each name begins with its prefix and ends with its suffix, if it has one."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_FLOW = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class AppNames:
    """The names of one app in an account.

    prefix: what they begin with. suffix: what they end with; "" for nothing.
    """

    prefix: str = "nightshift"
    suffix: str = ""

    @classmethod
    def of_environment(cls) -> AppNames:
        """Of the app that this function belongs to."""
        return cls(os.environ["NIGHTSHIFT_PREFIX"], os.environ.get("NIGHTSHIFT_SUFFIX", ""))

    def environment(self) -> dict[str, str]:
        """What `of_environment` reads."""
        return {"NIGHTSHIFT_PREFIX": self.prefix} | ({"NIGHTSHIFT_SUFFIX": self.suffix} if self.suffix else {})

    @property
    def app(self) -> str:
        """The app itself: its table, its group of schedules, its stack, the value of its tag."""
        return f"{self.prefix}{self._end}"

    def of(self, what: str) -> str:
        """The name of something of the app's: "operations" -> "ops-operations-prod"."""
        return f"{self.prefix}-{what}{self._end}"

    def state_machine(self, flow: str) -> str:
        """Name of the state machine of a flow."""
        return self.of(flow)

    def flow_of(self, execution: str) -> str | None:
        """The flow an execution belongs to; None for one of another app, and for an item of a Distributed Map.

        execution: ARN. The children of a Map Run are executions of their own, "machine/label:id" ("Using Map state in
        Distributed mode", Step Functions Developer Guide).
        """
        return self.flow(execution.split(":")[6])

    def flow(self, state_machine: str) -> str | None:
        """The flow a state machine belongs to, by its name; None for one of another app."""
        begin, end = f"{self.prefix}-", self._end
        if not (state_machine.startswith(begin) and state_machine.endswith(end)):
            return None
        flow = state_machine[len(begin) : len(state_machine) - len(end)]
        # Of an app "ops" and another "ops-test" the machines of the second begin with the name of the first, too.
        return flow if _FLOW.fullmatch(flow) else None

    def function(self, part: str) -> str:
        """Name of the function of a part ("ec2.stop_instances"), or of a function of nightshift's own."""
        return self.of(part.removeprefix("nightshift.").replace(".", "-"))

    def member_role(self, account: str, region: str) -> str:
        """Name of the role that a member account has for the app that is deployed to this account and Region.

        Roles belong to the whole account: apps of one prefix in other accounts and Regions have roles of their own
        there.
        """
        return self.of(f"member-{account}-{region}")

    @property
    def _end(self) -> str:
        return f"-{self.suffix}" if self.suffix else ""
