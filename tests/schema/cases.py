"""Definitions of tables that AWS accepts, and the short words in which the tests write a definition."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    CsvOptions,
    Encryption,
    GetAtt,
    ImportCompression,
    ImportFormat,
    ImportSource,
    IndexDefinition,
    KeyAttribute,
    KeySchema,
    KinesisStream,
    OnDemandThroughput,
    Parameter,
    PointInTimeRecovery,
    Projection,
    RemovalPolicy,
    StreamViewType,
    Sub,
    TableClass,
    TableDefinition,
    TableSettings,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
)

KMS = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KINESIS = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "123456789012"},
            "Action": "dynamodb:GetItem",
            "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/Movies",
        },
    ],
}

STATEMENT: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:Query", "Resource": "*"}


def policy_of(size: int) -> dict[str, Any]:
    """A policy of so many bytes of JSON."""
    policy: dict[str, Any] = {"Version": "2012-10-17", "Statement": [STATEMENT | {"Sid": ""}]}
    missing = size - len(json.dumps(policy, separators=(",", ":")))
    return policy | {"Statement": [STATEMENT | {"Sid": "x" * missing}]}


def key(partition: str, sort: str = "", **types: Any) -> KeySchema:
    """`key("a b", "c")`: two partition attributes and a sort attribute, Strings unless told otherwise."""
    return KeySchema(
        tuple(KeyAttribute(name, types.get(name, "S")) for name in partition.split()),
        tuple(KeyAttribute(name, types.get(name, "S")) for name in sort.split()),
    )


def global_index(
    name: str = "gsi1", partition: str = "gsi1pk", sort: str = "", **rest: Any
) -> IndexDefinition:
    projection = rest.pop("projection", Projection.ALL)
    settings = {k: rest.pop(k) for k in list(rest) if k in _INDEX_SETTINGS}
    return IndexDefinition(name, "global", key(partition, sort, **rest), projection, **settings)


def local_index(name: str = "lsi1", sort: str = "at", partition: str = "pk", **rest: Any) -> IndexDefinition:
    projection = rest.pop("projection", Projection.ALL)
    settings = {k: rest.pop(k) for k in list(rest) if k in _INDEX_SETTINGS}
    return IndexDefinition(name, "local", key(partition, sort, **rest), projection, **settings)


_INDEX_SETTINGS = ("throughput", "on_demand_throughput", "warm_throughput", "contributor_insights")


GENERIC = key("pk", "sk")


def table(
    *indexes: IndexDefinition,
    name: str = "Forum",
    key: KeySchema = GENERIC,
    **settings: Any,
) -> TableDefinition:
    return TableDefinition(
        name,
        key,
        tuple(index for index in indexes if index.kind == "local"),
        tuple(index for index in indexes if index.kind == "global"),
        TableSettings(**settings),
    )


def names(count: int, prefix: str = "x") -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(count))


PROVISIONED: dict[str, Any] = {"billing_mode": BillingMode.PROVISIONED, "throughput": Throughput(1, 1)}


class Right(NamedTuple):
    """A definition that AWS accepts."""

    id: str
    definition: TableDefinition
    engine: Literal["accepts", "stricter"] = "accepts"
    """Whether DynamoDB Local 1.25.1 accepts it, or knows less than AWS."""


RIGHT = [
    Right("plain", table(key=key("movieId", movieId="N"))),
    Right("name of 3", table(name="a.b")),
    Right("name of 255", table(name="a_-." + "Z9" * 125 + "z")),
    Right("binary key", table(key=key("pk", "sk", pk="B", sk="N"))),
    Right("key names of 255 bytes", table(key=key("k" * 255, "é" * 127))),
    Right("names with signs", table(key=key("it's#a\"b", "a.b[0]"))),
    Right("5 local", table(*(local_index(f"lsi{n}", f"at{n}", **{f"at{n}": "N"}) for n in range(5)))),
    Right("20 global", table(*(global_index(f"gsi{n}", f"g{n}") for n in range(20)))),
    Right("local sorted as the table", table(local_index(sort="sk"))),
    Right("local sorted by the key of a global", table(local_index(sort="at"), global_index(partition="at"))),
    Right("global with the table's key", table(global_index(partition="pk", sort="sk"))),
    Right("global with the table's key reversed", table(global_index(partition="sk", sort="pk"))),
    Right("two global of one key", table(global_index(), global_index("gsi2"))),
    Right("names that differ in case", table(global_index("idx"), local_index("IDX"))),
    Right("global of a table without sort key", table(global_index(sort="at"), key=key("pk"))),
    Right(
        "4 partition and 4 sort attributes",
        table(global_index(partition="a b c d", sort="e f g h")),
        "stricter",
    ),
    Right("2 partition attributes", table(global_index(partition="a b")), "stricter"),
    Right("KEYS_ONLY", table(global_index(projection=Projection.KEYS_ONLY))),
    Right("INCLUDE of 20", table(local_index(projection=Projection.include(*names(20))))),
    Right(
        "INCLUDE of a key attribute", table(global_index(projection=Projection.include("pk", "gsi1pk", "a")))
    ),
    Right("INCLUDE of a name of 255 bytes", table(global_index(projection=Projection.include("x" * 255)))),
    Right(
        "INCLUDE of 100 in all",
        table(*(global_index(f"gsi{n}", projection=Projection.include(*names(20))) for n in range(5))),
    ),
    Right("provisioned", table(**PROVISIONED)),
    Right(
        "provisioned index", table(global_index(throughput=Throughput(2, 3)), local_index(), **PROVISIONED)
    ),
    Right("on-demand maximum", table(on_demand_throughput=OnDemandThroughput(1))),
    Right("on-demand maximum of index", table(global_index(on_demand_throughput=OnDemandThroughput(1, 1)))),
    Right("warm on demand", table(warm_throughput=WarmThroughput(12_000, 4_000))),
    Right("warm reads", table(global_index(warm_throughput=WarmThroughput(read=12_000)))),
    Right("warm provisioned", table(warm_throughput=WarmThroughput(100, 100), **PROVISIONED)),
    Right(
        "warm provisioned index",
        table(global_index(throughput=Throughput(7, 7), warm_throughput=WarmThroughput(7)), **PROVISIONED),
    ),
    Right("expiry", table(time_to_live="expires")),
    Right("expiry of 255 bytes", table(time_to_live="é" * 127 + "x")),
    Right("expiry is a Number key", table(key=key("pk", "expires", expires="N"), time_to_live="expires")),
    *(Right(f"stream {view.name}", table(stream=view)) for view in StreamViewType),
    Right("infrequent access", table(table_class=TableClass.STANDARD_INFREQUENT_ACCESS)),
    Right(
        "protected, though to be destroyed",
        table(deletion_protection=True, removal_policy=RemovalPolicy.DESTROY),
    ),
    Right("50 tags", table(tags=dict.fromkeys(names(49), "") | {"Größe_.:/=+-@ 1": "v" * 256})),
    Right("tags that look like AWS's", table(tags={"aws": "aws:", "saws:x": ""})),
]

RIGHT_UNASKED = [
    Right("recovery of a day", table(point_in_time_recovery=PointInTimeRecovery(1))),
    Right("recovery", table(point_in_time_recovery=PointInTimeRecovery())),
    Right("AWS's key", table(encryption=Encryption.AWS_MANAGED)),
    Right("key ARN", table(encryption=Encryption.customer_managed(KMS))),
    Right("key id", table(encryption=Encryption.customer_managed("1234abcd-12ab-34cd-56ef-1234567890ab"))),
    Right("multi-region key", table(encryption=Encryption.customer_managed("mrk-" + "0123456789abcdef" * 2))),
    Right("alias", table(encryption=Encryption.customer_managed("alias/my/key_1"))),
    Right(
        "alias ARN of China",
        table(encryption=Encryption.customer_managed("arn:aws-cn:kms:cn-north-1:123456789012:alias/k")),
    ),
    Right("key token", table(encryption=Encryption.customer_managed("${Token[TOKEN.12]}"))),
    Right(
        "scaling",
        table(
            billing_mode=BillingMode.PROVISIONED,
            throughput=Throughput(AutoScaling(1, 1, 20, 1, 0, 0), AutoScaling(5, 50, 90)),
        ),
    ),
    Right(
        "insights",
        table(
            global_index(contributor_insights=ContributorInsights()),
            contributor_insights=ContributorInsights(ContributorInsightsMode.THROTTLED_KEYS),
        ),
    ),
    Right("Kinesis", table(kinesis_stream=KinesisStream(KINESIS, TimestampPrecision.MICROSECOND))),
    Right(
        "policies",
        table(resource_policy=POLICY, stream=StreamViewType.NEW_IMAGE, stream_resource_policy=POLICY),
    ),
    Right("policy of 20 KB", table(resource_policy=policy_of(20 * 1024))),
    Right(
        "import",
        table(
            global_index(),
            import_source=ImportSource(
                "my.bucket-1",
                ImportFormat.CSV,
                key_prefix="p" * 1024,
                bucket_owner="012345678901",
                compression=ImportCompression.ZSTD,
                csv=CsvOptions("\t", (*names(253), " !", "x" * 65_536)),
            ),
        ),
    ),
]

RIGHT_IN_TEMPLATES = [
    Right(
        "what deployment fills in",
        table(
            deployed_name=Sub("Forum-${Stage}", Stage=Parameter("Stage")),
            encryption=Encryption.customer_managed(Parameter("Key")),
            kinesis_stream=KinesisStream(Sub("arn:${AWS::Partition}:kinesis:x")),
            tags={"stage": Parameter("Stage")},
            resource_policy={"Statement": [STATEMENT | {"Resource": GetAtt("Queue", "Arn")}]},
        ),
    ),
]
