"""How the settings of a declared and a deployed table differ, but for keys, indexes and capacity.

Guarantee: every setting of `TableSettings` that boto3 can set is compared, once; those that only a template
can say (`removal_policy`, `import_source`, `deployed_name`) are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.drift import requests
from dynamodel.drift.alike import (
    is_policy_alike,
    is_same_key,
    with_default_mode,
    with_default_precision,
)
from dynamodel.drift.findings import Change, Finding, Findings, Replacement, Same, compared, index_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dynamodel.drift.deployed import DeployedTable
    from dynamodel.drift.diff_capacity import IndexPair, TablePair
    from dynamodel.schema.settings import ContributorInsights, KinesisStream
    from dynamodel.types import Request

__all__ = ["ONE_CHANGE_AN_HOUR", "is_key_told", "setting_findings"]

ONE_CHANGE_AN_HOUR = (
    "DynamoDB takes one change of the time to live an hour, so that the second request is refused until "
    "then; nothing expires meanwhile"
)
"""AWS API reference: UpdateTimeToLive."""

_AFTER_THE_STREAM = "once the stream is there, for its ARN is needed"


def setting_findings(pair: TablePair, deployed: DeployedTable) -> Findings:
    """Everything but keys, indexes and capacity, in the order in which it is changed."""
    name, declared, found = pair.name, pair.declared, pair.deployed
    protection = requests.update_table(name, DeletionProtectionEnabled=declared.deletion_protection)
    yield compared(
        "deletion_protection",
        declared.deletion_protection,
        found.deletion_protection,
        protection,
        warning=None if declared.deletion_protection else "anybody who may delete the table then can",
    )
    table_class = requests.update_table(name, TableClass=declared.table_class.value)
    yield compared("table_class", declared.table_class, found.table_class, table_class)
    yield _encryption(pair)
    yield _recovery(pair)
    yield from _insights(pair, pair.indexes)
    yield _kinesis(pair)
    yield from _stream(pair, deployed)
    yield _policy("resource_policy", deployed.arn, declared.resource_policy, found.resource_policy)
    yield _tags("tags", deployed.arn, declared.tags, found.tags)
    yield _time_to_live(pair)


def is_key_told(pair: TablePair) -> bool:
    """Whether the KMS key that is declared can be told from the one that is deployed."""
    return is_same_key(pair.declared.encryption, pair.deployed.encryption) is not None


def _encryption(pair: TablePair) -> Finding:
    declared, found = pair.declared.encryption, pair.deployed.encryption
    if is_same_key(declared, found) is not False:
        return Same("encryption")
    return Change("encryption", declared, found, (requests.encryption(pair.name, declared),))


def _recovery(pair: TablePair) -> Finding:
    declared, found = pair.declared.point_in_time_recovery, pair.deployed.point_in_time_recovery
    warning = None
    if declared is None:
        warning = "the points in time to which the table can be restored are lost"
    elif found is not None and declared.days < found.days:
        warning = f"points in time more than {declared.days} days ago are lost"
    step = requests.continuous_backups(pair.name, declared)
    return compared("point_in_time_recovery", declared, found, step, warning=warning)


def _insights(pair: TablePair, indexes: Sequence[IndexPair]) -> Findings:
    place = "contributor_insights"
    name, declared, found = pair.name, pair.declared.contributor_insights, pair.deployed.contributor_insights
    yield _insight(place, name, None, declared, found)
    for one, other in indexes:
        here = index_place("global", one.name, place)
        yield _insight(here, name, one.name, one.contributor_insights, other.contributor_insights)


def _insight(
    place: str,
    name: str,
    index: str | None,
    declared: ContributorInsights | None,
    found: ContributorInsights | None,
) -> Finding:
    wanted = with_default_mode(declared)
    step = (
        requests.disable_insights(name, index)
        if wanted is None
        else requests.enable_insights(name, wanted, index)
    )
    return compared(place, wanted, with_default_mode(found), step)


def _kinesis(pair: TablePair) -> Finding:
    place = "kinesis_stream"
    declared = with_default_precision(pair.declared.kinesis_stream)
    found = with_default_precision(pair.deployed.kinesis_stream)
    if declared == found:
        return Same(place)
    steps = tuple(_kinesis_steps(pair.name, declared, found))
    moved = found is not None and (declared is None or declared.arn != found.arn)
    warning = "the Kinesis stream that is there gets no more changes" if moved else None
    return Change(place, declared, found, steps, warning)


def _kinesis_steps(
    name: str, declared: KinesisStream | None, found: KinesisStream | None
) -> Iterator[Request]:
    if declared is not None and found is not None and declared.arn == found.arn:
        if declared.precision is not None:
            yield requests.retime_kinesis(name, declared, declared.precision)
        return
    if found is not None:
        yield requests.disable_kinesis(name, found)
    if declared is not None:
        yield requests.enable_kinesis(name, declared)


def _stream(pair: TablePair, deployed: DeployedTable) -> Findings:
    """The stream with its policy and tags, which go with it when it goes."""
    declared, found = pair.declared, pair.deployed
    if declared.stream is not found.stream and declared.replicas and found.replicas:
        # CloudFormation template reference, AWS::DynamoDB::GlobalTable: only with one replica.
        rule = "AWS changes the stream of a table without replicas only; remove them, and add them again"
        yield Replacement("stream", declared.stream, found.stream, rule)
        return
    steps = []
    if found.stream is not None:
        steps.append(requests.stream(pair.name, None))
    if declared.stream is not None:
        steps.append(requests.stream(pair.name, declared.stream))
    warning = (
        None
        if found.stream is None
        else "the stream ends, with a new ARN if there is another; its readers have to move"
    )
    yield compared("stream", declared.stream, found.stream, *steps, warning=warning)
    if declared.stream is None:
        return
    policy, tags = declared.stream_resource_policy, declared.stream_tags
    if declared.stream is found.stream and deployed.stream_arn is not None:
        arn = deployed.stream_arn
        yield _policy("stream_resource_policy", arn, policy, found.stream_resource_policy)
        yield _tags("stream_tags", arn, tags, found.stream_tags)
        return
    if policy is not None:
        yield Change("stream_resource_policy", policy, None, (), _AFTER_THE_STREAM)
    if tags:
        yield Change("stream_tags", tags, None, (), _AFTER_THE_STREAM)


def _policy(
    place: str, arn: str, declared: Mapping[str, object] | None, found: Mapping[str, object] | None
) -> Finding:
    if is_policy_alike(declared, found):
        return Same(place)
    warning = "who has access by it alone, loses it" if declared is None else None
    return Change(place, declared, found, (requests.policy(arn, declared),), warning)


def _tags(place: str, arn: str, declared: Mapping[str, object], found: Mapping[str, object]) -> Finding:
    return compared(place, dict(declared), dict(found), *requests.tag_requests(arn, declared, found))


def _time_to_live(pair: TablePair) -> Finding:
    declared, found = pair.declared.time_to_live, pair.deployed.time_to_live
    steps = []
    if found is not None:
        steps.append(requests.time_to_live(pair.name, found, enabled=False))
    if declared is not None:
        steps.append(requests.time_to_live(pair.name, declared, enabled=True))
    warning = ONE_CHANGE_AN_HOUR if len(steps) == 2 else None
    return compared("time_to_live", declared, found, *steps, warning=warning)
