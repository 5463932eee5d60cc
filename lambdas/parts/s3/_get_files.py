"""Objects from S3 to files on an instance, which fetches them with curl from URLs that are signed for it."""

from __future__ import annotations

import re
from typing import Any

from lambdas.contract.part import Call, Pending
from lambdas.engine.progress import Progress
from lambdas.engine.selection import has_wildcard
from lambdas.engine.stages import DONE, Failed, Stages, Verdict, Verdicts, Work
from lambdas.parts.s3._objects import SHOWN, ObjectRecord, R, below, find, uri
from lambdas.parts.s3._signing import PIECES, TRIES, URL_SECONDS, call_line, regional, told
from lambdas.parts.ssm._commands import fill, quote
from lambdas.parts.ssm._remote import Remote, check_path


def get_files(call: Call, remote: Remote, bucket: str, key: str, path: str, result: R) -> R | Pending:
    """One invocation of writing the objects that `key` matches to `path` on the instance."""
    files = _Files(call, remote, bucket, key, path)
    stages = [
        Work(
            "todo",
            f"{{n}} objects to be fetched to {remote.instance}",
            files.late,
            poll=files.fetch,
            named=files.key_of,
        )
    ]
    get = Stages(call, stages, verb="fetch", done="fetched", noun="object", upgrades={0: files.upgrade})
    return get.run(files.plan, result, lambda result: files.finish(result, get.progress.ids(DONE)))


class _Files:
    """Noted in the state: `files`, uri of the object -> {size, path, tries}; `round`, the number of the script that
    fetches `pieces`, which are uris."""

    def __init__(self, call: Call, remote: Remote, bucket: str, key: str, path: str) -> None:
        self.call = call
        self.state = call.state
        self.remote = remote
        self.bucket = bucket
        self.key = key
        self.path = path

    def plan(self) -> Verdicts:
        """The objects, and the files they become."""
        if unreachable := self.remote.reach():
            yield self.remote.instance, Failed(*unreachable)
            return
        check_path(self.path, self.remote.platform)
        found = list(find(self.call.client("s3"), self.bucket, self.key))
        if not found and not has_wildcard(self.key):
            yield uri(self.bucket, self.key), Failed("NoSuchKey", "there is no such object")
        slash = "\\" if self.remote.platform == "Windows" else "/"
        folder = has_wildcard(self.key) or self.path[-1] in ("/", slash)
        files = self.state.setdefault("files", {})
        self.state["round"] = 0
        for item in found:
            name, item_uri = below(item["Key"], self.key), uri(self.bucket, item["Key"])
            if not name or name.endswith("/"):
                # The consoles show folders by empty objects.
                continue
            if folder and any(word in ("", ".", "..") for word in re.split(r"[/\\]", name)):
                yield item_uri, Failed("InvalidKey", "its name is no path below a folder")
                continue
            path = f"{self.path.rstrip('/' + slash)}{slash}{name.replace('/', slash)}" if folder else self.path
            files[item_uri] = {"size": item["Size"], "path": path, "tries": 0}
            yield item_uri, "todo"

    def fetch(self, names: list[str]) -> Verdicts:
        """Note what the last script has fetched, and let the instance fetch the next."""
        files = self.state["files"]
        if self.state.get("pieces"):
            answer = self.remote.run(f"get-{self.state['round']}", "")
            if answer is None:
                return []
            self._note(answer[1])
        if left := [name for name in names if _verdict(files[name]) == "todo"][:PIECES]:
            self._send(left)
        return [(name, _verdict(files[name])) for name in names]

    def _send(self, names: list[str]) -> None:
        """Let the instance fetch these objects."""
        client, platform = regional(self.call, self.bucket), self.remote.platform
        items = []
        for number, name in enumerate(names):
            file = self.state["files"][name]
            where = {"Bucket": self.bucket, "Key": self.key_of(name)}
            url = client.generate_presigned_url("get_object", where, URL_SECONDS)
            arguments = [str(number), quote(file["path"], platform), str(file["size"])]
            items.append(call_line(platform, "get", arguments, f'url = "{url}"'))
        self.remote.run(f"get-{self.state['round']}", fill("get", platform, items="\n".join(items)))
        self.state["pieces"] = names

    def _note(self, text: str) -> None:
        """Note what the script says of its pieces."""
        said = told(text)
        for number, name in enumerate(self.state["pieces"]):
            file = self.state["files"][name]
            if said.get(str(number)) == "ok":
                file["done"] = True
                continue
            file["tries"] += 1
            if file["tries"] >= TRIES:
                why = said.get(str(number)) or text.strip()[-300:] or "the script did not come to it"
                file["failed"] = ["DownloadFailed", why.replace("{", "(").replace("}", ")")]
        self.state["round"] += 1
        self.state["pieces"] = []

    def late(self, name: str) -> Failed:
        """An object is not fetched when the timeout ends: the script that still runs is cancelled."""
        self.remote.cancel()
        return Failed("Timeout", "was not fetched in time")

    def key_of(self, name: str) -> str:
        """The key in the uri of an object."""
        return name.removeprefix(uri(self.bucket, ""))

    def finish(self, result: R, done: list[str]) -> None:
        """Tell what was fetched, in the order it was found."""
        files = {name: file for name, file in self.state.get("files", {}).items() if name in set(done)}
        records = [ObjectRecord(self.bucket, self.key_of(n), f["size"], path=f["path"]) for n, f in files.items()]
        result.objects = records[:SHOWN]
        result.bytes = sum(record.size for record in records)

    def upgrade(self, state: dict[str, Any]) -> None:
        """The state of the code before there were versions: `files` was a list, to which the pieces had numbers."""
        if "files" not in state:
            state.clear()
            return
        old = state["files"]
        state["files"] = {uri(self.bucket, file.pop("key")): file for file in old}
        names = list(state["files"])
        state["pieces"] = [names[index] for index in state.get("pieces", [])]
        progress = Progress(state)
        for name, file in state["files"].items():
            if file.pop("failed", None) is None:
                progress.add(DONE if "done" in file else "todo", [name])


def _verdict(file: dict[str, Any]) -> Verdict:
    if "failed" in file:
        return Failed(*file["failed"])
    return DONE if "done" in file else "todo"
