"""ec2.modify_image_attribute: images (AMIs) are shared with accounts and organizations, or no more."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Pending, Result, part
from lambdas.engine.making import SHOWN
from lambdas.engine.selection import ChangeImages, Selection, account_changes, parse_ids, selected
from lambdas.engine.stages import DONE, Already, Each, Failed, Stage, Stages, Verdicts
from lambdas.parts.ec2._shared.images import (
    Image,
    ImageRecord,
    Snapshot,
    find_images,
    images_by_id,
    population,
    record,
    snapshot_ids,
    snapshots_by_id,
)
from lambdas.parts.ec2._shared.permissions import IMAGES, KEYS, SNAPSHOTS

_SETTLE = 2
"""Seconds after which the attribute shows what was asked for."""

_LATE = "the time ended before '{id}' was shared as asked"
_ORGANIZATION = re.compile(r"arn:[\w-]+:organizations::\d{12}:(organization/o-[a-z0-9]+|ou/o-[a-z0-9]+/ou-[a-z0-9-]+)")
_DEFAULT_KEY = "alias/aws/ebs"

Kind = Literal["add", "remove"]
Permission = tuple[str, str]
"""Field and value of a launch permission: ("UserId", "210987654321")."""


@dataclass
class ModifyImageAttributeResult(Result):
    """Result of ec2.modify_image_attribute.

    changed: ids of the images that are now shared as asked, with their snapshots where that was asked for; of an image
        that failed, what was changed of it: itself, or a snapshot.
    image_ids: all that are shared as asked, also those that were so already.
    images: the selected images (the first 100).
    """

    image_ids: list[str] = field(default_factory=list)
    images: list[ImageRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeImages", "ec2:DescribeSnapshots")),
        Allow(("ec2:DescribeImageAttribute", "ec2:ModifyImageAttribute"), IMAGES),
        Allow(("ec2:DescribeSnapshotAttribute", "ec2:ModifySnapshotAttribute"), SNAPSHOTS),
        Allow(("kms:DescribeKey",), KEYS, {"StringEquals": {"kms:RequestAlias": _DEFAULT_KEY}}),
    ),
    cost="Nothing; what the other accounts launch or copy is on their bills.",
    hints={
        "DefaultKey": "Copy it with a key of your own, which its policy shares with the account: "
        "ec2.copy_image(kms_key_id=...); then share the copy.",
        "InvalidParameter": "One that is encrypted with the key of EBS itself (aws/ebs) cannot be shared: copy it with "
        "a key of your own before, ec2.copy_image(kms_key_id=...).",
    },
    one_of=(
        (
            "user_ids_to_add",
            "user_ids_to_remove",
            "organization_arns_to_add",
            "organization_arns_to_remove",
        ),
    ),
)
def modify_image_attribute(
    call: Call,
    *,
    user_ids_to_add: str | list[str] | None = None,
    user_ids_to_remove: str | list[str] | None = None,
    organization_arns_to_add: str | list[str] | None = None,
    organization_arns_to_remove: str | list[str] | None = None,
    share_snapshots: bool = False,
    **common: Unpack[ChangeImages],
) -> ModifyImageAttributeResult | Pending:
    """Share images (AMIs) with other accounts and organizations, which may then launch from them, or end that.

    One that is encrypted with the key of EBS itself (aws/ebs) fails before anything is changed of it: AWS shares it
    with nobody. The key of any other encrypted image has to be shared, too, by its policy. This part never makes an
    image public. A copy that another account has made stays.

    Parameters:
    user_ids_to_add: account ids that may launch from the images, as a list or as "210987654321;321098765432".
    user_ids_to_remove: account ids that may no more.
    organization_arns_to_add: ARNs of organizations and organizational units whose accounts may launch from them.
    organization_arns_to_remove: those whose accounts may no more.
    share_snapshots: whether the accounts may use the images' snapshots, too, or no more, which they need to copy an
        image (ec2.copy_image). Snapshots cannot be shared with organizations.

    Result: ModifyImageAttributeResult.

    Errors:
    PartFailed: an image does not exist, is encrypted with the key of EBS, or cannot be shared.
    AccessDenied: the role may not share images.
    InvalidParameter: no selection, or nobody to share with or no more is given; one is no account id or no ARN of an
        organization; one is both to be added and to be removed.

    Source: "ModifyImageAttribute" (Amazon EC2 API Reference); "Share an AMI with specific AWS accounts", "Share an AMI
    with organizations or organizational units" (Amazon EC2 User Guide).

    Example:
        from lambdas.parts import ec2
        from nightshift import flow


        @flow(timeout="12h")
        def release_image(instance_id: str, account: str):
            \"\"\"Make an image of a server and let another account launch from it and copy it.\"\"\"
            made = ec2.create_image(instance_id=instance_id, name="release")
            shared = ec2.modify_image_attribute(
                image_id=made.image_ids,
                user_ids_to_add=account,
                share_snapshots=True,
            )
            return shared.image_ids
    """
    accounts = _accounts(user_ids_to_add, user_ids_to_remove)
    organizations = (
        _organizations(organization_arns_to_add, "organization_arns_to_add"),
        _organizations(organization_arns_to_remove, "organization_arns_to_remove"),
    )
    if both := sorted(arn for _, arn in organizations[0] & organizations[1]):
        raise InvalidParameter(f"organization_arns_to_add and organization_arns_to_remove both name {', '.join(both)}")
    if not any((*accounts, *organizations)):
        raise InvalidParameter(
            "give user_ids_to_add, user_ids_to_remove, organization_arns_to_add or organization_arns_to_remove; "
            "without, nothing is changed"
        )
    sharing = _Sharing(call, accounts, organizations, snapshots=share_snapshots)
    return sharing.run(selected(common, "image_id"))


class _Sharing:
    """Images and, when asked for, their snapshots: those stand in the same stages, each by its own id."""

    def __init__(
        self,
        call: Call,
        accounts: tuple[set[str], set[str]],
        organizations: tuple[set[Permission], set[Permission]],
        *,
        snapshots: bool,
    ) -> None:
        self.call = call
        self.client = call.client("ec2")
        self.accounts: dict[Kind, set[str]] = {"add": accounts[0], "remove": accounts[1]}
        self.permissions: dict[Kind, set[Permission]] = {
            "add": {("UserId", a) for a in accounts[0]} | organizations[0],
            "remove": {("UserId", a) for a in accounts[1]} | organizations[1],
        }
        self.snapshots = snapshots and any(accounts)
        verify = Stage("verify", "to show it", _LATE, poll=self._poll, settle=_SETTLE)
        stages = [self._change("add"), self._change("remove"), verify]
        self.stages = Stages(call, stages, verb="modify", done="modified", noun="image", population=population)

    def run(self, selection: Selection) -> ModifyImageAttributeResult | Pending:
        """One invocation."""
        return self.stages.run(lambda: self._plan(selection), ModifyImageAttributeResult(), self._finish)

    def _plan(self, selection: Selection) -> Verdicts:
        found = sorted(find_images(self.call, selection, self.stages.progress), key=lambda i: str(i["ImageId"]))
        self.call.state["about"] = found[:SHOWN]
        self.call.state["found"] = [i["ImageId"] for i in found]
        secret = self._with_default_key(found) if self.permissions["add"] else {}
        for image in found:
            name = image["ImageId"]
            if name in secret:
                text = f"'{{id}}' cannot be shared: its snapshot {secret[name]} is encrypted with the key of EBS itself"
                yield name, Failed("DefaultKey", text)
                continue
            for resource in [name, *(snapshot_ids(image) if self.snapshots else [])]:
                stage = self._now(resource)
                yield resource, Already("shared as asked", DONE) if stage == DONE else stage

    def _with_default_key(self, found: list[Image]) -> dict[str, str]:
        """Image -> a snapshot of it that is encrypted with the key of EBS itself."""
        of = {snapshot: i["ImageId"] for i in found for snapshot in snapshot_ids(i)}
        encrypted = [s for s in snapshots_by_id(self.call, list(of)) if s.get("Encrypted")]
        return {of[s["SnapshotId"]]: s["SnapshotId"] for s in encrypted if self._is_default(s)}

    def _is_default(self, snapshot: Snapshot) -> bool:
        key = snapshot.get("KmsKeyId", "")
        return bool(key) and key in (_DEFAULT_KEY, self._default_key, self._default_key.rpartition("/")[2])

    @cached_property
    def _default_key(self) -> str:
        """ARN of the key that EBS has here; "" where the role may not know: AWS then refuses by itself."""
        try:
            return str(self.call.client("kms").describe_key(KeyId=_DEFAULT_KEY)["KeyMetadata"]["Arn"])
        except Exception as error:
            if aws_errors.code(error) in aws_errors.DENIED or aws_errors.code(error) == "NotFoundException":
                return ""
            raise

    def _now(self, resource: str) -> str:
        """The stage in which something is left to be asked for."""
        given = self._given(resource)
        add, remove = self._wanted("add", resource), self._wanted("remove", resource)
        return "add" if add - given else "remove" if remove & given else DONE

    def _wanted(self, kind: Kind, resource: str) -> set[Permission]:
        """What an image gets; a snapshot only what accounts get."""
        of_accounts = {("UserId", account) for account in self.accounts[kind]}
        return self.permissions[kind] if resource.startswith("ami-") else of_accounts

    def _given(self, resource: str) -> set[Permission]:
        if resource.startswith("ami-"):
            told = self.client.describe_image_attribute(ImageId=resource, Attribute="launchPermission")
            entries = told.get("LaunchPermissions", [])
        else:
            told = self.client.describe_snapshot_attribute(SnapshotId=resource, Attribute="createVolumePermission")
            entries = told["CreateVolumePermissions"]
        return {pair for entry in entries for pair in entry.items()}

    def _change(self, kind: Kind) -> Each:
        return Each(
            kind,
            "to be shared as asked",
            _LATE,
            request=partial(self._modify, kind),
            then=lambda ids, answer: [(i, "verify") for i in ids],
            denied="one",
            asks=lambda resource: bool(self._wanted(kind, resource)),
        )

    def _modify(self, kind: Kind, resource: str, dry_run: bool) -> Any:
        if resource.startswith("ami-"):
            entries = [{name: value} for name, value in sorted(self.permissions[kind])]
            return self.client.modify_image_attribute(
                ImageId=resource, LaunchPermission={kind.capitalize(): entries}, DryRun=dry_run
            )
        return self.client.modify_snapshot_attribute(
            SnapshotId=resource,
            Attribute="createVolumePermission",
            OperationType=kind,
            UserIds=sorted(self.accounts[kind]),
            DryRun=dry_run,
        )

    def _poll(self, ids: list[str]) -> Verdicts:
        return ((i, self._now(i)) for i in ids)

    def _finish(self, result: ModifyImageAttributeResult) -> None:
        """Count images as what was selected and changed; a snapshot counts for its image, unless that failed."""
        found, about = self.call.state["found"], self.call.state["about"]
        images = about if len(found) <= SHOWN or not self.snapshots else images_by_id(self.call, found)
        of = {snapshot: i["ImageId"] for i in images for snapshot in snapshot_ids(i)}
        broken = {of.get(failure.id, failure.id) for failure in result.failed}
        changed = {i if of.get(i, i) in broken else of.get(i, i) for i in result.changed}
        result.changed = sorted(changed)
        result.skipped = [s for s in result.skipped if s.id not in of and s.id not in changed]
        result.matched = sorted({of.get(i, i) for i in result.matched})
        result.image_ids = [i for i in found if i not in broken]
        result.images = [record(i) for i in about]
        result.responses = {"DescribeImagesResponse": {"Images": about}}


def _accounts(to_add: Any, to_remove: Any) -> tuple[set[str], set[str]]:
    given = parse_ids(to_add) or parse_ids(to_remove)
    return account_changes("user_ids", to_add, to_remove) if given else (set(), set())


def _organizations(given: str | list[str] | None, name: str) -> set[Permission]:
    arns = parse_ids(given) or []
    for arn in arns:
        if not _ORGANIZATION.fullmatch(arn):
            raise InvalidParameter(f"{name}: {arn!r} is not the ARN of an organization or an organizational unit")
    return {("OrganizationalUnitArn" if ":ou/" in arn else "OrganizationArn", arn) for arn in arns}
