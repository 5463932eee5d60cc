"""One instance that runs scripts of a part, one after the other, each of them once."""

from __future__ import annotations

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call
from lambdas.parts.ssm._commands import Commands, Script

_SHORTEST = 20


class Remote:
    """Kept in the state under `remote`: the platform, when the call began, and the id of each script's command.

    instance: id of the instance.
    timeout: seconds the part may take in all.
    """

    def __init__(self, call: Call, instance: str, timeout: int) -> None:
        self.call = call
        self.instance = instance
        self.timeout = timeout
        self.commands = Commands(call)
        self.state = call.state

    @property
    def platform(self) -> str:
        """ "Linux" or "Windows"."""
        return str(self.state["remote"]["platform"])

    def reach(self) -> tuple[str, str] | None:
        """Ask whether Systems Manager reaches the instance; error code and message when it does not."""
        info = self.commands.managed([self.instance]).get(self.instance)
        if info is None:
            return "NotManaged", "'{id}' is not managed by Systems Manager, or does not exist"
        if info.get("PingStatus") != "Online":
            return "ConnectionLost", f"the agent on '{{id}}' does not answer ({info.get('PingStatus')})"
        platform = "Windows" if info.get("PlatformType") == "Windows" else "Linux"
        self.state["remote"] = {"platform": platform, "began": self.call.now(), "sent": {}}
        return None

    def run(self, what: str, script: str) -> tuple[bool, str] | None:
        """Run `script` unless it has run, under the name `what`; None while it runs.

        Returns whether it ran to its end, and its whole output (else the end of it, or why it did not).
        """
        note = self.state["remote"]
        if what not in note["sent"]:
            earlier = self.commands.sent(what, note["began"])
            limit = max(_SHORTEST, int(self.timeout - (self.call.now() - note["began"])))
            once = Script(what, script, self.platform, "", limit)
            note["sent"][what] = next(iter(earlier), None) or self.commands.send(once, [self.instance])
            return None
        how = dict(self.commands.ended(note["sent"][what])).get(self.instance)
        if how is None:
            return None
        if not how.kept:
            return False, f"{how.status}: {how.output}"
        if how.size <= len(how.output.encode()) + 1:
            return True, how.output
        if how.kept == "uploaded":
            return True, self.commands.output(what, self.instance)
        return False, f"its output of {how.size} bytes could not be stored: {how.output}"

    def cancel(self) -> None:
        """Ask for the end of what still runs; asked again, this does nothing."""
        sent = self.state.get("remote", {}).get("sent", {})
        while sent:
            self.commands.cancel(sent.popitem()[1], [self.instance])


def check_path(path: str, platform: str) -> None:
    """Raises InvalidParameter unless `path` is absolute on the platform."""
    absolute = path.startswith("/") if platform == "Linux" else path[1:3] in (":\\", ":/")
    if not absolute or "\n" in path:
        raise InvalidParameter(f"path {path!r} is not absolute on {platform}")
