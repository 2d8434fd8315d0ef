"""`TableSettings`: everything that AWS::DynamoDB::Table has beside keys and indexes, as one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from dynamodel.schema.common_settings import (
    BillingMode,
    Encryption,
    RemovalPolicy,
    StreamViewType,
    TableClass,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.schema.common_settings import MultiRegionConsistency, PointInTimeRecovery
    from dynamodel.schema.rare_settings import (
        ContributorInsights,
        ImportSource,
        KinesisStream,
        OnDemandThroughput,
        Replica,
        Throughput,
        WarmThroughput,
    )
    from dynamodel.schema.references import Text

__all__ = ["TableSettings"]


@frozen(kw_only=True)
class TableSettings:
    """Every setting of a table; the defaults are those of a `Table` that sets none.

    `None` always means "AWS's default", so a compiler leaves out what is `None`.
    """

    billing_mode: BillingMode = BillingMode.PAY_PER_REQUEST
    throughput: Throughput | None = None
    on_demand_throughput: OnDemandThroughput | None = None
    warm_throughput: WarmThroughput | None = None
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN
    time_to_live: str | None = None
    """The stored name of the attribute with the expiry, in epoch seconds."""
    stream: StreamViewType | None = None
    """A table with replicas has NEW_AND_OLD_IMAGES if nothing is said, as in the CDK."""
    stream_resource_policy: Mapping[str, object] | None = None
    point_in_time_recovery: PointInTimeRecovery | None = None
    deletion_protection: bool = False
    encryption: Encryption = Encryption.AWS_OWNED
    table_class: TableClass = TableClass.STANDARD
    contributor_insights: ContributorInsights | None = None
    kinesis_stream: KinesisStream | None = None
    resource_policy: Mapping[str, object] | None = None
    import_source: ImportSource | None = None
    tags: Mapping[str, Text] = field(factory=dict)
    stream_tags: Mapping[str, Text] = field(factory=dict)
    deployed_name: Text | None = None
    """The name in templates, where it differs from the one that the program uses; None: the same."""
    replicas: tuple[Replica, ...] = ()
    multi_region_consistency: MultiRegionConsistency | None = None
    """None: AWS's default, EVENTUAL."""
    witness_region: str | None = None
    """With MultiRegionConsistency.STRONG and one replica: the region that only votes."""

    def __attrs_post_init__(self) -> None:
        if self.replicas and self.stream is None:
            object.__setattr__(self, "stream", StreamViewType.NEW_AND_OLD_IMAGES)  # the attributes are frozen
