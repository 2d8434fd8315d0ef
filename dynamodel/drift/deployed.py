"""A deployed table, read from DynamoDB's answers to `DescribeTable` and the other describing operations.

Guarantee: reading is exact. What no answer tells is named in `unseen`, with the reason, and never guessed;
what AWS leaves out because it has its default, gets that default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import field, frozen

from dynamodel.drift.deployed_settings import (
    contributor_insights,
    on_demand_throughput,
    provisioned_throughput,
    table_settings,
    warm_throughput,
)
from dynamodel.drift.findings import index_place
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.indexes import IndexDefinition, IndexKind, Projection
from dynamodel.schema.keys import KeyAttribute, KeySchema, ScalarType
from dynamodel.schema.settings import BillingMode
from dynamodel.schema.vectors import DistanceFunction, VectorIndex
from dynamodel.types import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DeployedTable", "NotTold", "Question", "deployed_table", "questions"]


@frozen
class DeployedTable:
    """A table as DynamoDB describes it."""

    definition: TableDefinition
    """Keys, indexes and settings. A setting in `unseen` has AWS's default here, which may be wrong.

    A KMS key is given as customer managed: DynamoDB does not tell whose it is. Tags that begin with `aws:`
    are AWS's own, and left out.
    """
    arn: str
    stream_arn: str | None
    """The ARN of the stream that is switched on; None: there is none."""
    status: str
    """DynamoDB's word: `ACTIVE`, `UPDATING` ..."""
    item_count: int
    """As of up to six hours ago, as DynamoDB counts it now and then; so is the size."""
    size_bytes: int
    index_item_counts: Mapping[str, int] = field(factory=dict)
    """Of the indexes, by their names, as far as they are told."""
    unseen: Mapping[str, str] = field(factory=dict)
    """The settings that no answer tells, such as `tags`, and why."""


class Question(NamedTuple):
    """What has to be asked about one setting, beside `DescribeTable`."""

    place: str
    """The setting: `time_to_live`, `global_indexes['by-title'].contributor_insights`."""
    request: Request


class NotTold(NamedTuple):
    """There was no answer to a question."""

    reason: str


def questions(description: Response) -> Iterator[Question]:
    """What has to be asked about a table, after `DescribeTable`.

    Args:
        description: DescribeTable's `Table`.
    """
    name, arn = {"TableName": description["TableName"]}, {"ResourceArn": description["TableArn"]}
    yield Question("time_to_live", Request("DescribeTimeToLive", name))
    yield Question("point_in_time_recovery", Request("DescribeContinuousBackups", name))
    yield Question("tags", Request("ListTagsOfResource", arn))
    yield Question("contributor_insights", Request("DescribeContributorInsights", name))
    for index in description.get("GlobalSecondaryIndexes", ()):
        place = index_place("global", index["IndexName"], "contributor_insights")
        yield Question(
            place, Request("DescribeContributorInsights", {**name, "IndexName": index["IndexName"]})
        )
    yield Question("kinesis_stream", Request("DescribeKinesisStreamingDestination", name))
    yield Question("resource_policy", Request("GetResourcePolicy", arn))
    stream = _stream_arn(description)
    if stream is not None:
        yield Question("stream_resource_policy", Request("GetResourcePolicy", {"ResourceArn": stream}))
        yield Question("stream_tags", Request("ListTagsOfResource", {"ResourceArn": stream}))


def deployed_table(description: Response, answers: Mapping[str, Response | NotTold]) -> DeployedTable:
    """The table that the answers tell of.

    Args:
        description: DescribeTable's `Table`.
        answers: to each of `questions(description)`, by its place: DynamoDB's answer, `{}` for none of it
            (no policy), or `NotTold`.
    """
    told = {place: answer for place, answer in answers.items() if not isinstance(answer, NotTold)}
    unseen = {place: answer.reason for place, answer in answers.items() if isinstance(answer, NotTold)}
    types = {each["AttributeName"]: each["AttributeType"] for each in description["AttributeDefinitions"]}
    settings = table_settings(description, told)
    provisioned = settings.billing_mode is BillingMode.PROVISIONED
    definition = TableDefinition(
        name=description["TableName"],
        key=_key(description["KeySchema"], types),
        local_indexes=tuple(
            _index("local", index, types) for index in description.get("LocalSecondaryIndexes", ())
        ),
        global_indexes=tuple(
            _global_index(index, types, told, provisioned)
            for index in description.get("GlobalSecondaryIndexes", ())
        ),
        settings=settings,
        vector_indexes=tuple(_vector_index(index) for index in description.get("VectorIndexes", ())),
    )
    return DeployedTable(
        definition,
        arn=description["TableArn"],
        stream_arn=_stream_arn(description),
        status=description["TableStatus"],
        item_count=description.get("ItemCount", 0),
        size_bytes=description.get("TableSizeBytes", 0),
        index_item_counts={
            index["IndexName"]: index["ItemCount"] for index in _indexes(description) if "ItemCount" in index
        },
        unseen=unseen | dict(_left_out(description)),
    )


def _indexes(description: Response) -> list[Response]:
    kinds = ("LocalSecondaryIndexes", "GlobalSecondaryIndexes", "VectorIndexes")
    return [index for kind in kinds for index in description.get(kind, ())]


def _stream_arn(description: Response) -> str | None:
    """The ARN of a stream that was switched off stays in the description."""
    if not description.get("StreamSpecification", {}).get("StreamEnabled"):
        return None
    arn: str | None = description.get("LatestStreamArn")
    return arn


def _key(schema: list[Mapping[str, str]], types: Mapping[str, ScalarType]) -> KeySchema:
    parts: dict[str, list[KeyAttribute]] = {"HASH": [], "RANGE": []}
    for element in schema:
        name = element["AttributeName"]
        parts[element["KeyType"]].append(KeyAttribute(name, types[name]))
    return KeySchema(tuple(parts["HASH"]), tuple(parts["RANGE"]))


def _projection(told: Mapping[str, Any]) -> Projection:
    return Projection(told["ProjectionType"], tuple(told.get("NonKeyAttributes", ())))


def _index(kind: IndexKind, told: Response, types: Mapping[str, ScalarType]) -> IndexDefinition:
    return IndexDefinition(
        told["IndexName"], kind, _key(told["KeySchema"], types), _projection(told["Projection"])
    )


def _global_index(
    told: Response,
    types: Mapping[str, ScalarType],
    answers: Mapping[str, Response],
    provisioned: bool,
) -> IndexDefinition:
    index = _index("global", told, types)
    insights = answers.get(index_place("global", index.name, "contributor_insights"))
    return IndexDefinition(
        index.name,
        index.kind,
        index.key,
        index.projection,
        throughput=provisioned_throughput(told) if provisioned else None,
        on_demand_throughput=on_demand_throughput(told),
        warm_throughput=warm_throughput(told),
        contributor_insights=None if insights is None else contributor_insights(insights),
    )


def _vector_index(told: Response) -> VectorIndex:
    roles: dict[str, list[str]] = {"HASH": [], "INLINE_FILTER": []}
    for element in told.get("SearchSchema", ()):
        roles[element["SearchSchemaElementType"]].append(element["AttributeName"])
    return VectorIndex(
        told["IndexName"],
        told["VectorAttribute"]["AttributeName"],
        told["Dimensions"],
        DistanceFunction(told["DistanceFunction"]),
        _projection(told["Projection"]),
        tuple(roles["HASH"]),
        tuple(roles["INLINE_FILTER"]),
    )


def _left_out(description: Response) -> Iterator[tuple[str, str]]:
    """Settings of which the description has no word, though they may not have their default.

    AWS leaves out what has its default, but the warm throughput. Engines in its place leave out what they
    do not keep; their descriptions are known by the missing TableId, which AWS always gives (measured on
    DynamoDB Local 1.25.1 and moto 5.2; moto keeps encryption).
    """
    reason = "the description has no word of it"
    globals_ = [(index["IndexName"], index) for index in description.get("GlobalSecondaryIndexes", ())]
    if "WarmThroughput" not in description:
        yield "warm_throughput", reason
    for name, index in globals_:
        if "WarmThroughput" not in index:
            yield index_place("global", name, "warm_throughput"), reason
    if "TableId" in description:
        return
    words = {
        "TableClassSummary": "table_class",
        "OnDemandThroughput": "on_demand_throughput",
        "Replicas": "replicas",
        "VectorIndexes": "vector_indexes",
    }
    if ":ddblocal:" in description["TableArn"]:  # DynamoDB Local
        words["SSEDescription"] = "encryption"
    for word, place in words.items():
        if word not in description:
            yield place, reason
    for name, index in globals_:
        if "OnDemandThroughput" not in index:
            yield index_place("global", name, "on_demand_throughput"), reason
