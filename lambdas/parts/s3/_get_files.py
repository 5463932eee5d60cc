"""Objects from S3 to files on an instance, which fetches them with curl from URLs that are signed for it."""

from __future__ import annotations

import re
from typing import Any, Generic

from lambdas.contract.part import Call, Pending
from lambdas.engine.progress import Progress, summary
from lambdas.engine.selection import has_wildcard
from lambdas.parts.s3._objects import SHOWN, ObjectRecord, R, below, find, uri
from lambdas.parts.s3._put_files import PIECES, URL_SECONDS, call_line
from lambdas.parts.ssm._commands import fill, quote
from lambdas.parts.ssm._remote import Remote, check_path

_TRIES = 3


class FileDownload(Generic[R]):
    """In the state: `files` as {key, size, path, tries, [failed], [done]}; `round` the number of the script that
    fetches `pieces`, which are indices of files."""

    def __init__(self, call: Call, remote: Remote, bucket: str, key: str, path: str, kind: type[R]) -> None:
        self.call = call
        self.remote = remote
        self.kind = kind
        self.bucket = bucket
        self.key = key
        self.path = path
        self.state = call.state
        self.progress = Progress(call.state)

    def go_on(self) -> R | Pending:
        """One invocation."""
        if "files" not in self.state:
            return self._plan()
        return self._look() if self.state.get("pieces") else self._send()

    def _plan(self) -> R | Pending:
        self.state.clear()
        unreachable = self.remote.reach()
        if unreachable:
            self.progress.fail([self.remote.instance], *unreachable)
            return self.finish()
        check_path(self.path, self.remote.platform)
        client = self.call.client("s3")
        found = list(find(client, self.bucket, self.key))
        if not found and not has_wildcard(self.key):
            self.progress.fail([uri(self.bucket, self.key)], "NoSuchKey", "there is no such object")
        slash = "\\" if self.remote.platform == "Windows" else "/"
        folder = has_wildcard(self.key) or self.path[-1] in ("/", slash)
        files = []
        for item in found:
            name = below(item["Key"], self.key)
            if not name or name.endswith("/"):
                # The consoles show folders by empty objects.
                continue
            if folder and any(word in ("", ".", "..") for word in re.split(r"[/\\]", name)):
                self.progress.fail([uri(self.bucket, item["Key"])], "InvalidKey", "its name is no path below a folder")
                continue
            path = f"{self.path.rstrip('/' + slash)}{slash}{name.replace('/', slash)}" if folder else self.path
            files.append({"key": item["Key"], "size": item["Size"], "path": path, "tries": 0})
        self.state.update(files=files, round=0)
        if self.call.dry_run or not files:
            for file in files:
                file["done"] = True
            return self.finish()
        return self._pending(wait=1)

    def _send(self) -> R | Pending:
        """Let the instance fetch the next files."""
        waiting = [i for i, f in enumerate(self.state["files"]) if "done" not in f and "failed" not in f][:PIECES]
        if not waiting:
            return self.finish()
        client = self._client()
        platform = self.remote.platform
        items = []
        for number, index in enumerate(waiting):
            file = self.state["files"][index]
            where = {"Bucket": self.bucket, "Key": file["key"]}
            url = client.generate_presigned_url("get_object", where, URL_SECONDS)
            arguments = [str(number), quote(file["path"], platform), str(file["size"])]
            items.append(call_line(platform, "get", arguments, f'url = "{url}"'))
        self.remote.run(f"get-{self.state['round']}", fill("get", platform, items="\n".join(items)))
        self.state["pieces"] = waiting
        return self._pending()

    def _client(self) -> Any:
        """S3 in the region of the bucket: a signed URL holds for one region only."""
        client = self.call.client("s3")
        if "bucket_region" not in self.state:
            answer = client.head_bucket(Bucket=self.bucket)
            self.state["bucket_region"] = answer.get("BucketRegion") or client.meta.region_name
        return self.call.client("s3", region=self.state["bucket_region"])

    def _look(self) -> R | Pending:
        """Look what the script has fetched."""
        answer = self.remote.run(f"get-{self.state['round']}", "")
        if answer is None:
            return self._pending()
        said = dict(re.findall(r"^(\d+) (.*?)\r?$", answer[1], re.MULTILINE))
        for number, index in enumerate(self.state["pieces"]):
            file = self.state["files"][index]
            if said.get(str(number)) == "ok":
                file["done"] = True
                continue
            file["tries"] += 1
            if file["tries"] >= _TRIES:
                file["failed"] = True
                why = said.get(str(number)) or answer[1].strip()[-300:] or "the script did not come to it"
                why = why.replace("{", "(").replace("}", ")")
                self.progress.fail([uri(self.bucket, file["key"])], "DownloadFailed", why)
        self.state["round"] += 1
        self.state["pieces"] = []
        return self._send()

    def _pending(self, wait: int | None = None) -> Pending:
        left = [f["key"] for f in self.state["files"] if "done" not in f and "failed" not in f]
        names = ", ".join(left[:5]) + (", ..." if len(left) > 5 else "")
        text = f"{len(left)} objects to be fetched to {self.remote.instance} ({names})"
        return Pending(self.state, text, wait=wait, give_up=self.give_up)

    def give_up(self) -> R:
        """The result at the end of the timeout; what still runs is cancelled."""
        self.remote.cancel()
        left = [f["key"] for f in self.state["files"] if "done" not in f and "failed" not in f]
        self.progress.fail([uri(self.bucket, key) for key in left], "Timeout", "was not fetched in time")
        return self.finish()

    def finish(self) -> R:
        """The result."""
        done = [f for f in self.state.get("files", []) if "done" in f]
        result = self.kind(
            objects=[ObjectRecord(self.bucket, f["key"], f["size"], path=f["path"]) for f in done[:SHOWN]],
            bytes=sum(f["size"] for f in done),
        )
        self.progress.fill(result, changed=[uri(self.bucket, f["key"]) for f in done])
        verb = "would fetch" if self.call.dry_run else "fetched"
        result.summary = summary(verb, "object", result.changed, len(result.skipped), result.failed)
        return result
