"""Files on an instance to S3: list them there, sign a URL for each piece, let curl send the pieces, poll what arrived.

The instance gets URLs, each for one key (or one part of it) and for an hour at most, and nothing else: no keys, no
permissions in its profile, and no AWS CLI, only curl. It runs one script at a time, with pieces of many files.
"""

from __future__ import annotations

import mimetypes
import re
from typing import Any

from lambdas.contract.part import Call, Pending
from lambdas.engine.progress import Progress
from lambdas.engine.stages import DONE, Each, Failed, Stage, Stages, Verdict, Verdicts, Work
from lambdas.parts.s3._multipart import MIB, abort, begin, complete, is_large, part_ranges, parts
from lambdas.parts.s3._objects import ObjectRecord, R, head, is_marked, marks, written
from lambdas.parts.s3._signing import PIECES, TRIES, URL_SECONDS, call_line, last_line, regional, told
from lambdas.parts.ssm._commands import fill, quote
from lambdas.parts.ssm._remote import Remote, check_path


def put_files(
    call: Call, remote: Remote, paths: list[str], bucket: str, key: str, content_type: str | None, result: R
) -> R | Pending:
    """One invocation of writing the files of an instance that `paths` match to `key`."""
    files = _Files(call, remote, paths, bucket, key, content_type)
    stages = [
        Stage(
            "list",
            "the files on {names} to be listed",
            files.late_list,
            poll=files.listed,
            reads=True,
        ),
        Each(
            "large",
            f"{{n}} large files of {remote.instance} to be begun in {bucket}",
            files.late,
            request=files.begin,
            then=files.begun,
            asks=lambda path: False,
        ),
        Work(
            "todo",
            f"{{n}} files of {remote.instance} to be sent to {bucket}",
            files.late,
            poll=files.send,
        ),
    ]
    upgrades = {0: files.upgrade}
    files.stages = Stages(call, stages, verb="write", done="written", noun="object", upgrades=upgrades)
    return files.stages.run(files.plan, result, files.finish)


class _Files:
    """Noted in the state: `files`, path -> {size, key, tries, [upload], [sent] part numbers, [done] version id,
    [failed] error code and message}; `round`, the number of the script that sends `pieces`, as [path, part number (0:
    the whole file)]; `settle`, the files it has sent something of, as [path, whether anything arrived, why something
    did not]."""

    stages: Stages

    def __init__(
        self, call: Call, remote: Remote, paths: list[str], bucket: str, key: str, content_type: str | None
    ) -> None:
        self.call = call
        self.state = call.state
        self.remote = remote
        self.paths = paths
        self.bucket = bucket
        self.key = key
        self.content_type = content_type

    # Listing

    def plan(self) -> Verdicts:
        """The instance lists its files, when Systems Manager reaches it."""
        if unreachable := self.remote.reach():
            yield self.remote.instance, Failed(*unreachable)
            return
        for path in self.paths:
            check_path(path, self.remote.platform)
        self.remote.run("list", self._list_script())
        yield self.remote.instance, "list"

    def listed(self, instances: list[str]) -> Verdicts:
        """The files that the script has listed."""
        answer = self.remote.run("list", self._list_script())
        if answer is None:
            return
        ended, text = answer
        if not ended:
            yield self.remote.instance, Failed("CommandFailed", f"listing the files failed: {last_line(text)}")
            return
        yield self.remote.instance, "listed"
        yield from self._chosen(re.findall(r"^(\d+) (\d+) (.+?)\r?$", text, re.MULTILINE))

    def _list_script(self) -> str:
        items = [f"list {number} {self._pattern(path)}" for number, path in enumerate(self.paths)]
        return fill("list", self.remote.platform, items="\n".join(items))

    def _pattern(self, path: str) -> str:
        """A path for the shell, with only its wildcards left to it."""
        if self.remote.platform == "Windows":
            return quote(re.sub(r"([\[\]])", r"`\1", path), "Windows")
        pieces = enumerate(re.split(r"([*?]+)", path))
        return "".join(piece if i % 2 else quote(piece, "Linux") for i, piece in pieces if piece)

    def _chosen(self, listed: list[tuple[str, str, str]]) -> Verdicts:
        """Settle the keys of the files that were listed as (number of the pattern, size, path)."""
        folder = self.key.endswith("/") or len(self.paths) > 1 or _is_pattern(self.paths[0])
        prefix = self.key if self.key.endswith("/") or not folder else f"{self.key}/"
        separator = r"[/\\]" if self.remote.platform == "Windows" else "/"
        by_key: dict[str, str] = {}
        files: dict[str, dict[str, Any]] = {}
        for _, size, path in listed:
            key = prefix + re.split(separator, path)[-1] if folder else self.key
            if by_key.setdefault(key, path) == path:
                files[path] = {"size": int(size), "key": key, "tries": 0}
            else:
                text = f"{by_key[key]} has the same name; give each folder a key of its own"
                yield path, Failed("DuplicateKey", text)
        found = {int(number) for number, _, _ in listed}
        for number, path in enumerate(self.paths):
            if number not in found and not _is_pattern(path):
                yield path, Failed("NoSuchFile", f"there is no such file on {self.remote.instance}")
        self.state.update(files=files, round=0)
        yield from ((path, "large" if is_large(file["size"]) else "todo") for path, file in files.items())

    # Sending

    def begin(self, path: str, dry_run: bool) -> str:
        """Begin the upload of a large file, whose id has to be known to the state machine before there are parts."""
        file = self.state["files"][path]
        about = {"ContentType": self._type(file)}
        client = regional(self.call, self.bucket)
        return begin(client, self.call, self.bucket, file["key"], self.state["remote"]["began"], about)

    def begun(self, paths: list[str], upload: str) -> Verdicts:
        """Its parts can be sent."""
        (path,) = paths
        self.state["files"][path]["upload"] = upload
        yield path, "todo"

    def send(self, paths: list[str]) -> Verdicts:
        """Settle what the last script has sent, and send the next pieces."""
        files = self.state["files"]
        if self.state.get("pieces"):
            answer = self.remote.run(f"put-{self.state['round']}", "")
            if answer is None:
                return []
            self._note(answer[1])
        client = regional(self.call, self.bucket)
        while self.state.get("settle"):
            path, arrived, why = self.state["settle"][0]
            self._settle(client, path, arrived, why)
            self.state["settle"].pop(0)
        left = [path for path in paths if _verdict(files[path]) == "todo"]
        # The pieces of large files go along: a script with few pieces takes the instance as long.
        if left and not self.stages.progress.ids("large"):
            self._send(client, left)
        return [(path, _verdict(files[path])) for path in paths]

    def _send(self, client: Any, paths: list[str]) -> None:
        """Let the instance send the next pieces of these files."""
        files, platform = self.state["files"], self.remote.platform
        pieces = [(path, piece) for path in paths for piece in _pieces(files[path])][:PIECES]
        items = [self._item(client, number, path, *piece) for number, (path, piece) in enumerate(pieces)]
        self.remote.run(f"put-{self.state['round']}", fill("put", platform, items="\n".join(items)))
        self.state["pieces"] = [[path, piece[0]] for path, piece in pieces]

    def _type(self, file: dict[str, Any]) -> str:
        return self.content_type or mimetypes.guess_type(file["key"])[0] or "application/octet-stream"

    def _item(self, client: Any, number: int, path: str, part: int, first: int, length: int) -> str:
        """The line of the script that sends one piece."""
        file = self.state["files"][path]
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
        return call_line(platform, "put", [str(number), quote(path, platform), str(first // MIB), str(count)], curl)

    # Settling

    def _note(self, text: str) -> None:
        """Note what the script says of its pieces."""
        said = told(text)
        settle: dict[str, tuple[bool, str]] = {}
        for number, (path, part) in enumerate(self.state["pieces"]):
            arrived, why = settle.get(path, (False, ""))
            if said.get(str(number)) == "ok":
                self.state["files"][path].setdefault("sent", []).append(part)
                arrived = True
            else:
                why = said.get(str(number), "") or last_line(text) or "the script did not come to it"
            settle[path] = (arrived, why)
        self.state["settle"] = [[path, *how] for path, how in settle.items()]
        self.state["round"] += 1
        self.state["pieces"] = []

    def _settle(self, client: Any, path: str, arrived: bool, why: str) -> None:
        """Note a file as done when S3 has it, or as failed when it was tried often enough."""
        file = self.state["files"][path]
        if why:
            # A URL that ran out while others were used is no failure.
            self._tried(path, 0 if arrived else 1, why)
        elif "upload" in file:
            self._complete(client, path)
        elif is_marked(found := head(client, self.bucket, file["key"]), self.call.run):
            assert found is not None
            self._done(path, found["ContentLength"], str(found.get("VersionId", "")))
        else:
            file["sent"] = []
            self._tried(path, 1, "S3 has not got it")

    def _complete(self, client: Any, path: str) -> None:
        """Make one object of the parts, when S3 has them all."""
        file = self.state["files"][path]
        if _pieces(file):
            return
        there = parts(client, self.bucket, file["key"], file["upload"])
        if not there and is_marked(found := head(client, self.bucket, file["key"]), self.call.run):
            # Completed by an invocation whose answer was lost.
            assert found is not None
            del file["upload"]
            self._done(path, found["ContentLength"], str(found.get("VersionId", "")))
        elif any(number not in there for number, _, _ in part_ranges(file["size"])):
            file["sent"] = sorted(there)
            self._tried(path, 1, "S3 has not got all of its parts")
        else:
            etags = {number: part["ETag"] for number, part in there.items()}
            version = complete(client, self.call, self.bucket, file["key"], file["upload"], etags)
            del file["upload"]
            self._done(path, sum(part["Size"] for part in there.values()), version)

    def _tried(self, path: str, count: int, why: str) -> None:
        file = self.state["files"][path]
        file["tries"] += count
        if file["tries"] >= TRIES:
            self._abort(file)
            file["failed"] = ["UploadFailed", why.replace("{", "(").replace("}", ")")]

    def _done(self, path: str, size: int, version: str) -> None:
        file = self.state["files"][path]
        file["done"] = version
        if size != file["size"]:
            text = f"{path} changed while it was sent: {file['size']} bytes before, {size} in S3"
            self.state.setdefault("warnings", []).append(text)
            file["size"] = size

    def _abort(self, file: dict[str, Any]) -> None:
        if upload := file.pop("upload", None):
            abort(regional(self.call, self.bucket), self.bucket, file["key"], upload)

    # Results

    def late_list(self, instance: str) -> Failed:
        """The instance has not listed its files when the timeout ends."""
        self.remote.cancel()
        return Failed("Timeout", "'{id}' did not list the files in time")

    def late(self, path: str) -> Failed:
        """A file is not sent when the timeout ends: the script that still runs is cancelled."""
        self.remote.cancel()
        self._abort(self.state["files"][path])
        return Failed("Timeout", "was not sent in time")

    def finish(self, result: R) -> None:
        """Tell what was written, where it is now."""
        files = self.state.get("files", {})
        done = [(path, files[path]) for path in self.stages.progress.ids(DONE) if path in files]
        records = [ObjectRecord(self.bucket, f["key"], f["size"], f.get("done", ""), path) for path, f in done]
        written(result, records)
        result.warnings = self.state.get("warnings", [])

    def upgrade(self, state: dict[str, Any]) -> None:
        """The state of the code before there were versions: `files` was a list, to which the pieces had numbers."""
        if "remote" not in state:
            state.clear()
            return
        progress = Progress(state)
        if "files" not in state:
            progress.put("list", [self.remote.instance])
            return
        old = state["files"]
        state["files"] = {file.pop("path"): file for file in old}
        paths = list(state["files"])
        for name in ("pieces", "settle"):
            state[name] = [[paths[index], *how] for index, *how in state.get(name, [])]
        for path, file in state["files"].items():
            if file.pop("failed", None) is None:
                large = is_large(file["size"]) and not {"upload", "done"} & file.keys()
                progress.add(DONE if "done" in file else "large" if large else "todo", [path])


def _verdict(file: dict[str, Any]) -> Verdict:
    if "failed" in file:
        return Failed(*file["failed"])
    return DONE if "done" in file else "todo"


def _pieces(file: dict[str, Any]) -> list[tuple[int, int, int]]:
    """What is still to be sent of a file: (part number, first byte, length), the number 0 for the whole."""
    sent = file.get("sent", [])
    every = list(part_ranges(file["size"])) if "upload" in file else [(0, 0, file["size"])]
    return [piece for piece in every if piece[0] not in sent]


def _is_pattern(path: str) -> bool:
    return bool(re.search(r"[*?]", path))
