"""Files on an instance to S3: list them there, sign a URL for each piece, let curl send the pieces, look what arrived.

The instance gets URLs, each for one key (or one part of it) and for an hour at most, and nothing else: no keys, no
permissions in its profile, and no AWS CLI, only curl.
"""

from __future__ import annotations

import mimetypes
import re
from typing import Any, Generic

from lambdas.contract.part import Call, Pending
from lambdas.engine.progress import Progress
from lambdas.parts.s3 import _multipart
from lambdas.parts.s3._multipart import MIB, abort, begin, complete, part_ranges, parts
from lambdas.parts.s3._objects import ObjectRecord, R, head, is_marked, marks, written
from lambdas.parts.ssm._commands import fill, quote
from lambdas.parts.ssm._remote import Remote, check_path

PIECES = 20
"""URLs in one script: each has about two kilobytes, a document of Systems Manager 64."""

URL_SECONDS = 3600
_TRIES = 3


class FileUpload(Generic[R]):
    """In the state: `files` as {path, size, key, tries, [upload], [sent], [failed], [done]}; `round` the number of the
    script that sends pieces; `pieces` what it sends, as [file, part number (0: the whole file)]; `settle` the files it
    has sent something of, as [file, whether anything arrived, why something did not]."""

    def __init__(
        self,
        call: Call,
        remote: Remote,
        paths: list[str],
        bucket: str,
        key: str,
        content_type: str | None,
        kind: type[R],
    ) -> None:
        self.call = call
        self.content_type = content_type
        self.kind = kind
        self.remote = remote
        self.paths = paths
        self.bucket = bucket
        self.key = key
        self.state = call.state
        self.progress = Progress(call.state)
        self.verb = "would write" if call.dry_run else "written"

    def go_on(self) -> R | Pending:
        """One invocation."""
        if "remote" not in self.state:
            unreachable = self.remote.reach()
            if unreachable:
                self.progress.fail([self.remote.instance], *unreachable)
                return self.finish()
            for path in self.paths:
                check_path(path, self.remote.platform)
        if "files" not in self.state:
            return self._list()
        if self.state.get("pieces"):
            return self._look()
        return self._settled() if self.state.get("settle") else self._send()

    # Listing

    def _list(self) -> R | Pending:
        items = [f"list {number} {self._pattern(path)}" for number, path in enumerate(self.paths)]
        script = fill("list", self.remote.platform, items="\n".join(items))
        answer = self.remote.run("list", script)
        if answer is None:
            return self._pending(f"the files on {self.remote.instance} to be listed")
        ended, text = answer
        if not ended:
            self.progress.fail([self.remote.instance], "CommandFailed", f"listing the files failed: {_line(text)}")
            return self.finish()
        self._plan(re.findall(r"^(\d+) (\d+) (.+?)\r?$", text, re.MULTILINE))
        if self.call.dry_run or not self.state["files"]:
            for file in self.state["files"]:
                file["done"] = ""
            return self.finish()
        return self._pending("", wait=1)

    def _pattern(self, path: str) -> str:
        """A path for the shell, with only its wildcards left to it."""
        if self.remote.platform == "Windows":
            return quote(re.sub(r"([\[\]])", r"`\1", path), "Windows")
        pieces = enumerate(re.split(r"([*?]+)", path))
        return "".join(piece if i % 2 else quote(piece, "Linux") for i, piece in pieces if piece)

    def _plan(self, listed: list[tuple[str, str, str]]) -> None:
        """Settle the keys of the files that were listed as (number of the pattern, size, path)."""
        folder = self.key.endswith("/") or len(self.paths) > 1 or _is_pattern(self.paths[0])
        prefix = self.key if self.key.endswith("/") or not folder else f"{self.key}/"
        separator = r"[/\\]" if self.remote.platform == "Windows" else "/"
        files: dict[str, dict[str, Any]] = {}
        for _, size, path in listed:
            key = prefix + re.split(separator, path)[-1] if folder else self.key
            if key not in files:
                files[key] = {"path": path, "size": int(size), "key": key, "tries": 0}
            elif path != files[key]["path"]:
                text = f"{files[key]['path']} has the same name; give each folder a key of its own"
                self.progress.fail([path], "DuplicateKey", text)
        found = {int(number) for number, _, _ in listed}
        for number, path in enumerate(self.paths):
            if number not in found and not _is_pattern(path):
                self.progress.fail([path], "NoSuchFile", f"there is no such file on {self.remote.instance}")
        self.state.update(files=list(files.values()), round=0)

    # Sending

    def _send(self) -> R | Pending:
        """Let the instance send the next pieces."""
        waiting = [f for f in self.state["files"] if "done" not in f and "failed" not in f]
        if not waiting:
            return self.finish()
        client = self._client()
        fresh = [f for f in waiting if f["size"] > _multipart.PART and "upload" not in f][:PIECES]
        for file in fresh:
            about = {"ContentType": self._type(file)}
            file["upload"] = begin(client, self.call, self.bucket, file["key"], self.state["remote"]["began"], about)
        if fresh:
            # Their ids have to be known to the state machine before there are parts.
            return self._pending("", wait=1)
        pieces = [(f, piece) for f in waiting for piece in _pieces(f)][:PIECES]
        items = [self._item(client, number, f, *piece) for number, (f, piece) in enumerate(pieces)]
        self.remote.run(f"put-{self.state['round']}", fill("put", self.remote.platform, items="\n".join(items)))
        self.state["pieces"] = [[self.state["files"].index(f), piece[0]] for f, piece in pieces]
        return self._pending("")

    def _type(self, file: dict[str, Any]) -> str:
        return self.content_type or mimetypes.guess_type(file["key"])[0] or "application/octet-stream"

    def _client(self) -> Any:
        """S3 in the region of the bucket: a signed URL holds for one region only."""
        client = self.call.client("s3")
        if "bucket_region" not in self.state:
            answer = client.head_bucket(Bucket=self.bucket)
            self.state["bucket_region"] = answer.get("BucketRegion") or client.meta.region_name
        return self.call.client("s3", region=self.state["bucket_region"])

    def _item(self, client: Any, number: int, file: dict[str, Any], part: int, first: int, length: int) -> str:
        """The line of the script that sends one piece."""
        where = {"Bucket": self.bucket, "Key": file["key"]}
        if part:
            where |= {"UploadId": file["upload"], "PartNumber": part}
            url, headers = client.generate_presigned_url("upload_part", where, URL_SECONDS), {}
        else:
            metadata, kind = marks(self.call.run), self._type(file)
            about = {**where, "Metadata": metadata, "ContentType": kind}
            url = client.generate_presigned_url("put_object", about, URL_SECONDS)
            headers = {"content-type": kind, **{f"x-amz-meta-{name}": value for name, value in metadata.items()}}
        curl = "\n".join([f'url = "{url}"', *(f'header = "{name}: {value}"' for name, value in headers.items())])
        platform = self.remote.platform
        count = -(-length // MIB) if part else 0
        return call_line(
            platform, "put", [str(number), quote(file["path"], platform), str(first // MIB), str(count)], curl
        )

    def _look(self) -> R | Pending:
        """Look what the script has sent."""
        answer = self.remote.run(f"put-{self.state['round']}", "")
        if answer is None:
            return self._pending("")
        said = dict(re.findall(r"^(\d+) (.*?)\r?$", answer[1], re.MULTILINE))
        told: dict[int, tuple[bool, str]] = {}
        for number, (index, part) in enumerate(self.state["pieces"]):
            arrived, why = told.get(index, (False, ""))
            if said.get(str(number)) == "ok":
                self.state["files"][index].setdefault("sent", []).append(part)
                arrived = True
            else:
                why = said.get(str(number), "") or _line(answer[1]) or "the script did not come to it"
            told[index] = (arrived, why)
        self.state["settle"] = [[index, *how] for index, how in told.items()]
        self.state["round"] += 1
        self.state["pieces"] = []
        return self._settled()

    def _settled(self) -> R | Pending:
        """Look in S3 for what the last script has sent."""
        client = self._client()
        while self.state["settle"]:
            index, arrived, why = self.state["settle"][0]
            self._settle(client, self.state["files"][index], arrived, why)
            self.state["settle"].pop(0)
        return self._send()

    def _settle(self, client: Any, file: dict[str, Any], arrived: bool, why: str) -> None:
        """Note a file as done when S3 has it, or as failed when it was tried often enough."""
        if why:
            # A URL that ran out while others were used is no failure.
            self._tried(file, 0 if arrived else 1, why)
        elif "upload" in file:
            self._complete(client, file)
        elif is_marked(found := head(client, self.bucket, file["key"]), self.call.run):
            assert found is not None
            self._done(file, found["ContentLength"], str(found.get("VersionId", "")))
        else:
            file["sent"] = []
            self._tried(file, 1, "S3 has not got it")

    def _complete(self, client: Any, file: dict[str, Any]) -> None:
        """Make one object of the parts, when S3 has them all."""
        if _pieces(file):
            return
        there = parts(client, self.bucket, file["key"], file["upload"])
        if not there and is_marked(found := head(client, self.bucket, file["key"]), self.call.run):
            # Completed by an invocation whose answer was lost.
            assert found is not None
            del file["upload"]
            self._done(file, found["ContentLength"], str(found.get("VersionId", "")))
        elif any(number not in there for number, _, _ in part_ranges(file["size"])):
            file["sent"] = sorted(there)
            self._tried(file, 1, "S3 has not got all of its parts")
        else:
            etags = {number: part["ETag"] for number, part in there.items()}
            version = complete(client, self.call, self.bucket, file["key"], file["upload"], etags)
            del file["upload"]
            self._done(file, sum(part["Size"] for part in there.values()), version)

    def _tried(self, file: dict[str, Any], count: int, why: str) -> None:
        file["tries"] += count
        if file["tries"] >= _TRIES:
            self._fail(file, "UploadFailed", why)

    def _done(self, file: dict[str, Any], size: int, version: str) -> None:
        file["done"] = version
        if size != file["size"]:
            text = f"{file['path']} changed while it was sent: {file['size']} bytes before, {size} in S3"
            self.state.setdefault("warnings", []).append(text)
            file["size"] = size

    def _fail(self, file: dict[str, Any], code: str, message: str) -> None:
        file["failed"] = code
        self.progress.fail([file["path"]], code, message.replace("{", "(").replace("}", ")"))
        if upload := file.pop("upload", None):
            abort(self._client(), self.bucket, file["key"], upload)

    # Results

    def _pending(self, waiting_for: str, wait: int | None = None) -> Pending:
        left = [f["path"] for f in self.state.get("files", []) if "done" not in f and "failed" not in f]
        names = ", ".join(left[:5]) + (", ..." if len(left) > 5 else "")
        text = waiting_for or f"{len(left)} files of {self.remote.instance} to be sent to {self.bucket} ({names})"
        return Pending(self.state, text, wait=wait, give_up=self.give_up)

    def give_up(self) -> R:
        """The result at the end of the timeout; what still runs is cancelled."""
        self.remote.cancel()
        if "files" not in self.state:
            self.progress.fail([self.remote.instance], "Timeout", "'{id}' did not list the files in time")
        for file in self.state.get("files", []):
            if "done" not in file and "failed" not in file:
                self._fail(file, "Timeout", "was not sent in time")
        return self.finish()

    def finish(self) -> R:
        """The result."""
        done = [
            ObjectRecord(self.bucket, f["key"], f["size"], f["done"], f["path"])
            for f in self.state.get("files", [])
            if "done" in f
        ]
        result = written(self.progress, done, self.verb, self.kind)
        result.warnings = self.state.get("warnings", [])
        return result


def call_line(platform: str, name: str, arguments: list[str], curl: str) -> str:
    """A call of a script's function with curl's configuration."""
    if platform == "Linux":
        return f"{name} {' '.join(arguments)} <<'CURL'\n{curl}\nCURL"
    function = {"put": "Put", "get": "Get-Object"}[name]
    return f"{function} {' '.join(arguments)} {quote(curl, platform)}"


def _pieces(file: dict[str, Any]) -> list[tuple[int, int, int]]:
    """What is still to be sent of a file: (part number, first byte, length), the number 0 for the whole."""
    sent = file.get("sent", [])
    every = list(part_ranges(file["size"])) if "upload" in file else [(0, 0, file["size"])]
    return [piece for piece in every if piece[0] not in sent]


def _is_pattern(path: str) -> bool:
    return bool(re.search(r"[*?]", path))


def _line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1][:300]
