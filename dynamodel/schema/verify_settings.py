"""The rules about a table's settings, as pure functions from settings to faults.

Each rule names the fields it reads; it runs only when their Python types are right.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from dynamodel.errors import Fault
from dynamodel.schema.references import Reference, is_cdk_token
from dynamodel.schema.scaling import AutoScaling, fixed
from dynamodel.schema.settings import (
    BillingMode,
    CsvOptions,
    EncryptionKey,
    ImportFormat,
    OnDemandThroughput,
    TableSettings,
    Throughput,
    WarmThroughput,
)
from dynamodel.schema.verify_types import attribute_name_faults, wrong_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynamodel.schema.references import Text
    from dynamodel.schema.scaling import CapacityUnits

__all__ = ["ON_DEMAND_WARM", "capacity_faults", "settings_faults", "tag_faults", "units_faults"]

ON_DEMAND_WARM = Throughput(12_000, 4_000)
"""What an on-demand table or index serves from its first second (AWS developer guide: warm throughput)."""

_POLICY_BYTES = 20 * 1024
_TAG_CHARACTERS = frozenset("_.:/=+-@")


class _Rule(NamedTuple):
    reads: frozenset[str]
    check: Callable[[TableSettings, str], Iterator[Fault]]


def settings_faults(settings: TableSettings, place: str) -> list[Fault]:
    """Every broken rule of a table's settings; `place` is the table's: `Table 'Movies'`."""
    faults, broken = wrong_types(settings, place)
    for rule in _RULES:
        if not rule.reads & broken:
            faults += rule.check(settings, place)
    return faults


def capacity_faults(
    billing_mode: BillingMode,
    throughput: Throughput | None,
    on_demand: OnDemandThroughput | None,
    warm: WarmThroughput | None,
    place: str,
) -> Iterator[Fault]:
    """The rules about capacity, which a table and a global index share.

    Source: AWS API reference, CreateTable: with PROVISIONED "you must specify" ProvisionedThroughput,
    with PAY_PER_REQUEST "you cannot". DynamoDB Local accepts the latter.
    """
    provisioned = billing_mode is BillingMode.PROVISIONED
    if provisioned and throughput is None:
        rule = "BillingMode.PROVISIONED needs a throughput, found None; give Throughput(read, write)"
        yield Fault(f"{place}.throughput", rule)
    if throughput is not None:
        if not provisioned:
            rule = (
                "only BillingMode.PROVISIONED has a throughput, found PAY_PER_REQUEST; "
                "remove it, or set billing_mode=BillingMode.PROVISIONED on the table"
            )
            yield Fault(f"{place}.throughput", rule)
        yield from units_faults(throughput.read, f"{place}.throughput.read")
        yield from units_faults(throughput.write, f"{place}.throughput.write")
    yield from _on_demand_faults(provisioned, on_demand, f"{place}.on_demand_throughput")
    yield from _warm_faults(throughput if provisioned else ON_DEMAND_WARM, warm, f"{place}.warm_throughput")


def units_faults(units: CapacityUnits, place: str) -> Iterator[Fault]:
    """Capacity units: a fixed number, or autoscaled (AWS: RegisterScalableTarget, PutScalingPolicy)."""
    if not isinstance(units, AutoScaling):
        yield from _at_least(1, units, place)
        return
    yield from _at_least(1, units.minimum, f"{place}.minimum")
    if units.maximum < units.minimum:
        rule = f"must be at least the minimum, {units.minimum}, found {units.maximum}; raise it"
        yield Fault(f"{place}.maximum", rule)
    elif units.initial is not None and not units.minimum <= units.initial <= units.maximum:
        rule = f"must be from {units.minimum} to {units.maximum}, found {units.initial}; or leave it out"
        yield Fault(f"{place}.initial", rule)
    # Application Auto Scaling user guide: the target utilization of DynamoDB is 20 to 90 percent.
    if not 20 <= units.target_utilization <= 90:
        rule = f"must be 20 to 90 percent, found {units.target_utilization}"
        yield Fault(f"{place}.target_utilization", rule)
    yield from _at_least(0, units.scale_in_cooldown, f"{place}.scale_in_cooldown")
    yield from _at_least(0, units.scale_out_cooldown, f"{place}.scale_out_cooldown")


def _on_demand_faults(provisioned: bool, on_demand: OnDemandThroughput | None, place: str) -> Iterator[Fault]:
    if on_demand is None:
        return
    if provisioned:
        rule = "only BillingMode.PAY_PER_REQUEST has an on-demand maximum, found PROVISIONED; remove it"
        yield Fault(place, rule)
    if on_demand.max_read is None and on_demand.max_write is None:
        yield Fault(place, "needs max_read, max_write or both, found neither; for no maximum remove it")
    # AWS's -1 takes a maximum away from an existing table; a declaration does that by leaving it out.
    hint = "for no maximum leave it out"
    yield from _at_least(1, on_demand.max_read, f"{place}.max_read", hint)
    yield from _at_least(1, on_demand.max_write, f"{place}.max_write", hint)


def _warm_faults(least: Throughput | None, warm: WarmThroughput | None, place: str) -> Iterator[Fault]:
    if warm is None:
        return
    if warm.read is None and warm.write is None:
        yield Fault(place, "needs read, write or both, found neither; for AWS's default remove it")
    if least is None:
        return
    hint = "what the table or index serves anyway; raise or remove it"
    yield from _at_least(fixed(least.read), warm.read, f"{place}.read", hint)
    yield from _at_least(fixed(least.write), warm.write, f"{place}.write", hint)


def _at_least(least: int, found: int | None, place: str, hint: str = "raise it") -> Iterator[Fault]:
    if found is not None and found < least:
        yield Fault(place, f"must be at least {least}, found {found}; {hint}")


def _capacity(settings: TableSettings, place: str) -> Iterator[Fault]:
    yield from capacity_faults(
        settings.billing_mode,
        settings.throughput,
        settings.on_demand_throughput,
        settings.warm_throughput,
        place,
    )


def _time_to_live(settings: TableSettings, place: str) -> Iterator[Fault]:
    if settings.time_to_live is not None:
        yield from attribute_name_faults(
            settings.time_to_live, f"{place}.time_to_live", "time to live attribute"
        )


def _recovery(settings: TableSettings, place: str) -> Iterator[Fault]:
    recovery = settings.point_in_time_recovery
    if recovery is not None and not 1 <= recovery.days <= 35:
        rule = f"must be 1 to 35 days, found {recovery.days}; for no recovery remove it"
        yield Fault(f"{place}.point_in_time_recovery.days", rule)


def _encryption(settings: TableSettings, place: str) -> Iterator[Fault]:
    owner, key = settings.encryption.key_owner, settings.encryption.key
    place = f"{place}.encryption"
    if owner is not EncryptionKey.CUSTOMER_MANAGED:
        if key is not None:
            rule = f"only a customer managed key is named, found {owner.name}; use customer_managed(key)"
            yield Fault(place, rule)
    elif isinstance(key, Reference):
        return
    elif key is None or not (_KMS_KEY.fullmatch(key) or is_cdk_token(key)):
        rule = (
            "a customer managed key is a KMS key id, key ARN, alias name ('alias/...') or alias ARN, "
            f"found {key!r}{_sub_hint(key)}"
        )
        yield Fault(place, rule)
    elif key.endswith("alias/aws/dynamodb"):
        yield Fault(place, "alias/aws/dynamodb is the key that AWS manages; use Encryption.AWS_MANAGED")


_KMS_KEY = re.compile(
    r"(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:)?(?:alias/[A-Za-z0-9/_-]{1,250})"
    r"|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]{1,128}"
    r"|mrk-[0-9a-f]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    re.ASCII,
)

_KINESIS_STREAM = re.compile(
    r"arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\d{12}:stream/[A-Za-z0-9_.-]{1,128}",
    re.ASCII,
)


def _sub_hint(text: object) -> str:
    """What to write in place of a text that only looks as if something were filled in."""
    return "; what deployment fills in is Sub('...${X}', X=...)" if "${" in str(text) else ""


def _is_filled_in(text: object) -> bool:
    """Whether the text is filled in at deployment: a reference, or a token of the CDK."""
    return isinstance(text, Reference) or (isinstance(text, str) and is_cdk_token(text))


def _kinesis(settings: TableSettings, place: str) -> Iterator[Fault]:
    stream = settings.kinesis_stream
    if stream is None or _is_filled_in(stream.arn):
        return
    if not _KINESIS_STREAM.fullmatch(str(stream.arn)):
        rule = (
            "must be a stream's ARN, 'arn:aws:kinesis:REGION:ACCOUNT:stream/NAME', "
            f"found {stream.arn!r}{_sub_hint(stream.arn)}"
        )
        yield Fault(f"{place}.kinesis_stream.arn", rule)


def _policy(policy: Mapping[str, object] | None, place: str) -> Iterator[Fault]:
    """A policy document is JSON of at most 20 KB (AWS API reference: CreateTable, ResourcePolicy)."""
    if policy is None:
        return
    try:
        text = json.dumps(policy, separators=(",", ":"), allow_nan=False, default=_shown_reference)
        size = len(text.encode())
    except (TypeError, ValueError) as error:
        yield Fault(place, f"must be a policy document that JSON can hold: {error}")
        return
    if size > _POLICY_BYTES:
        yield Fault(place, f"must have at most {_POLICY_BYTES} bytes of JSON, found {size}; shorten it")
    if policy.get("Version", "2012-10-17") not in ("2012-10-17", "2008-10-17"):
        yield Fault(f"{place}['Version']", f"must be '2012-10-17', found {policy['Version']!r}")
    if "Statement" not in policy:
        yield Fault(place, "must be a policy document with a Statement, found none")
        return
    statements = policy["Statement"]
    for number, statement in enumerate(statements if isinstance(statements, list | tuple) else [statements]):
        yield from _statement(statement, f"{place}['Statement'][{number}]")


def _statement(statement: object, place: str) -> Iterator[Fault]:
    """IAM user guide, IAM JSON policy elements: what a statement of a resource-based policy has."""
    if not isinstance(statement, Mapping):
        yield Fault(place, f"must be a statement, found {type(statement).__name__}")
        return
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        yield Fault(f"{place}['Effect']", f"must be 'Allow' or 'Deny', found {effect!r}")
    for name in ("Principal", "Action", "Resource"):
        if name not in statement and f"Not{name}" not in statement:
            article = "an" if name == "Action" else "a"
            yield Fault(place, f"needs {article} {name}, found none")
    actions = statement.get("Action", ())
    for action in actions if isinstance(actions, list | tuple) else [actions]:
        if isinstance(action, Reference):
            continue
        if not isinstance(action, str):
            yield Fault(f"{place}['Action']", f"must be a str or several, found {type(action).__name__}")
        elif action != "*" and not action.lower().startswith("dynamodb:"):
            # AWS developer guide, Resource-based policies for DynamoDB: its own actions only.
            yield Fault(f"{place}['Action']", f"must be an action 'dynamodb:...', found {action!r}")


def _shown_reference(value: object) -> str:
    """What stands for a reference while a policy is measured: its text is known at deployment only."""
    if isinstance(value, Reference):
        return ""
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _policies(settings: TableSettings, place: str) -> Iterator[Fault]:
    yield from _policy(settings.resource_policy, f"{place}.resource_policy")
    yield from _policy(settings.stream_resource_policy, f"{place}.stream_resource_policy")


def _stream_policy(settings: TableSettings, place: str) -> Iterator[Fault]:
    if settings.stream_resource_policy is not None and settings.stream is None:
        rule = (
            "needs a stream, found None; set stream=StreamViewType.NEW_IMAGE or another, or remove the policy"
        )
        yield Fault(f"{place}.stream_resource_policy", rule)


def _tags(settings: TableSettings, place: str) -> Iterator[Fault]:
    yield from tag_faults(settings.tags, f"{place}.tags")
    if settings.stream_tags and settings.stream is None:
        rule = "need a stream, found None; set stream=StreamViewType.NEW_IMAGE or another, or remove the tags"
        yield Fault(f"{place}.stream_tags", rule)
    yield from tag_faults(settings.stream_tags, f"{place}.stream_tags")


def tag_faults(tags: Mapping[str, Text], place: str) -> Iterator[Fault]:
    """AWS developer guide: Tagging restrictions in DynamoDB."""
    if len(tags) > 50:
        yield Fault(place, f"a table has at most 50 tags, found {len(tags)}; remove some")
    for key, value in tags.items():
        if not isinstance(key, str):
            yield Fault(place, f"a tag's key must be a str, found {type(key).__name__}")
            continue
        here = f"{place}[{key[:40]!r}]"
        yield from _tag_text(key, 1, 128, here, "key")
        if key.lower().startswith("aws:"):
            yield Fault(here, "a tag's key must not begin with 'aws:', which is AWS's own; rename it")
        if isinstance(value, str):
            yield from _tag_text(value, 0, 256, here, "value")
        elif not isinstance(value, Reference):
            yield Fault(here, f"a tag's value must be a str, found {type(value).__name__}")


def _tag_text(text: str, least: int, most: int, place: str, role: str) -> Iterator[Fault]:
    if not least <= len(text) <= most:
        yield Fault(place, f"a tag's {role} has {least} to {most} characters, found {len(text)}")
    if not is_cdk_token(text) and not all(
        character in _TAG_CHARACTERS or unicodedata.category(character)[0] in "LNZ" for character in text
    ):
        yield Fault(place, f"a tag's {role} has only letters, digits, blanks and _ . : / = + - @; change it")


def _deployed_name(settings: TableSettings, place: str) -> Iterator[Fault]:
    name = settings.deployed_name
    if isinstance(name, str) and not (is_cdk_token(name) or re.fullmatch(r"[a-zA-Z0-9_.-]{3,255}", name)):
        rule = f"the name of a table has 3 to 255 of a-z A-Z 0-9 _ . -, found {name!r}{_sub_hint(name)}"
        yield Fault(f"{place}.deployed_name", rule)


def _import_source(settings: TableSettings, place: str) -> Iterator[Fault]:
    """AWS API reference: ImportTable, S3BucketSource, CsvOptions."""
    source = settings.import_source
    if source is None:
        return
    place = f"{place}.import_source"
    if not (_is_filled_in(source.bucket) or _BUCKET.fullmatch(str(source.bucket))):
        yield Fault(f"{place}.bucket", f"must be the name of an S3 bucket, found {source.bucket!r}")
    if source.key_prefix is not None and len(source.key_prefix) > 1024:
        found = len(source.key_prefix)
        yield Fault(f"{place}.key_prefix", f"has at most 1024 characters, found {found}; shorten it")
    owner = source.bucket_owner
    if owner is not None and not (_is_filled_in(owner) or re.fullmatch("[0-9]{12}", str(owner))):
        yield Fault(f"{place}.bucket_owner", f"must be an account's 12 digits, found {owner!r}")
    if source.csv is not None:
        if source.format is not ImportFormat.CSV:
            rule = f"only ImportFormat.CSV has CSV options, found {source.format.value}; remove them"
            yield Fault(f"{place}.csv", rule)
        yield from _csv(source.csv, f"{place}.csv")


_BUCKET = re.compile(r"[a-z0-9A-Z][.\-\w]{0,253}[a-z0-9A-Z]", re.ASCII)
_CSV_HEADER = re.compile(r"[\x20\x21\x23-\x2b\x2d-\x7e]{1,65536}")


def _csv(options: CsvOptions, place: str) -> Iterator[Fault]:
    if options.delimiter is not None and options.delimiter not in {",", "\t", ":", ";", "|", " "}:
        rule = f"must be one of , tab : ; | and blank, found {options.delimiter!r}"
        yield Fault(f"{place}.delimiter", rule)
    if len(options.headers) > 255:
        yield Fault(f"{place}.headers", f"has at most 255 names, found {len(options.headers)}; remove some")
    if not all(isinstance(header, str) and _CSV_HEADER.fullmatch(header) for header in options.headers):
        rule = "every header must be a str of at least one character, printable ASCII but quote and comma"
        yield Fault(f"{place}.headers", rule)


def _rule(check: Callable[[TableSettings, str], Iterator[Fault]], *reads: str) -> _Rule:
    return _Rule(frozenset(reads), check)


_RULES = (
    _rule(_capacity, "billing_mode", "throughput", "on_demand_throughput", "warm_throughput"),
    _rule(_time_to_live, "time_to_live"),
    _rule(_recovery, "point_in_time_recovery"),
    _rule(_encryption, "encryption"),
    _rule(_kinesis, "kinesis_stream"),
    _rule(_policies, "resource_policy", "stream_resource_policy"),
    _rule(_stream_policy, "stream", "stream_resource_policy"),
    _rule(_tags, "tags", "stream_tags", "stream"),
    _rule(_deployed_name, "deployed_name"),
    _rule(_import_source, "import_source"),
)
