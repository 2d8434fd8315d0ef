"""Reads the settings that `AWS::DynamoDB::Table` and a replica of `AWS::DynamoDB::GlobalTable` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.schema.references import Reference
from dynamodel.schema.settings import (
    CsvOptions,
    Encryption,
    ImportCompression,
    ImportFormat,
    ImportSource,
    KinesisStream,
    PointInTimeRecovery,
    StreamViewType,
    TimestampPrecision,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.infra.importing.reading import Section
    from dynamodel.schema.references import Text

__all__ = ["encryption", "import_source", "kinesis", "policy", "recovery", "stream", "tags", "time_to_live"]


def time_to_live(section: Section) -> str | None:
    """`TimeToLiveSpecification`; None where it is off."""
    found = section.optional("TimeToLiveSpecification")
    if found is None:
        return None
    name, is_on = found.plain_text("AttributeName"), found.flag("Enabled")
    found.close()
    if is_on and name is None:
        found.report.fault(found.at("AttributeName"), "must be there where Enabled is true, found nothing")
    return name if is_on else None


def stream(section: Section) -> dict[str, Any]:
    """`StreamSpecification`, as settings."""
    found = section.optional("StreamSpecification")
    if found is None:
        return {}
    settings = {
        "stream": found.choice("StreamViewType", StreamViewType),
        "stream_resource_policy": policy(found),
        "stream_tags": tags(found),
    }
    found.close()
    return settings


def recovery(section: Section) -> PointInTimeRecovery | None:
    """`PointInTimeRecoverySpecification`; None where it is off."""
    found = section.optional("PointInTimeRecoverySpecification")
    if found is None:
        return None
    days, is_on = found.number("RecoveryPeriodInDays"), found.flag("PointInTimeRecoveryEnabled")
    found.close()
    if not is_on:
        return None
    return PointInTimeRecovery() if days is None else PointInTimeRecovery(days)


def encryption(section: Section) -> Encryption:
    """`SSESpecification`."""
    found = section.optional("SSESpecification")
    if found is None:
        return Encryption.AWS_OWNED
    is_on, key = found.flag("SSEEnabled"), found.filled("KMSMasterKeyId")
    kind = found.plain_text("SSEType")
    found.close()
    if kind not in (None, "KMS"):
        found.report.fault(found.at("SSEType"), f"must be KMS, found {kind!r}")
    if not is_on:
        return Encryption.AWS_OWNED
    return Encryption.AWS_MANAGED if key is None else Encryption.customer_managed(key)


def kinesis(section: Section) -> KinesisStream | None:
    """`KinesisStreamSpecification`."""
    found = section.optional("KinesisStreamSpecification")
    if found is None:
        return None
    arn = found.filled("StreamArn")
    precision = found.choice("ApproximateCreationDateTimePrecision", TimestampPrecision)
    found.close()
    return None if arn is None else KinesisStream(arn, precision)


def policy(section: Section) -> Mapping[str, object] | None:
    """`ResourcePolicy`."""
    found = section.optional("ResourcePolicy")
    if found is None:
        return None
    document = found.document("PolicyDocument")
    found.close()
    return document


def tags(section: Section) -> dict[str, Text]:
    """`Tags`: a list of keys and values, or SAM's map."""
    if isinstance(section.get("Tags"), dict):
        return _tags_of_map(section.section("Tags"))
    found: dict[str, Text] = {}
    for entry in section.sections("Tags"):
        value = entry.filled("Value")
        if value is not None:
            found[entry.text("Key")] = value
        entry.close()
    return found


def _tags_of_map(section: Section) -> dict[str, Text]:
    values = {key: section.filled(key) for key in section.entries}
    return {key: value for key, value in values.items() if value is not None}


def import_source(section: Section) -> ImportSource | None:
    """`ImportSourceSpecification`."""
    found = section.optional("ImportSourceSpecification")
    if found is None:
        return None
    bucket = found.section("S3BucketSource")
    name = bucket.filled("S3Bucket")
    options = found.optional("InputFormatOptions")
    source = ImportSource(
        bucket="" if name is None else name,
        format=found.choice("InputFormat", ImportFormat) or ImportFormat.DYNAMODB_JSON,
        key_prefix=bucket.plain_text("S3KeyPrefix"),
        bucket_owner=bucket.filled("S3BucketOwner"),
        compression=found.choice("InputCompressionType", ImportCompression),
        csv=None if options is None else _csv(options),
    )
    for each in (bucket, options, found):
        if each is not None:
            each.close()
    return None if name is None or not isinstance(name, str | Reference) else source


def _csv(section: Section) -> CsvOptions | None:
    found = section.optional("Csv")
    if found is None:
        return None
    options = CsvOptions(found.plain_text("Delimiter"), found.words("HeaderList"))
    found.close()
    return options
