"""The `UpdateTable` requests that add replicas to a table (AWS API reference: ReplicationGroupUpdate).

They say what one region can say of another: capacity, class and key. Backups, protection, insights, tags
and policies of a replica are set in its own region, which a client of this region does not reach;
CloudFormation sets all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynamodel.schema.scaling import fixed
from dynamodel.schema.settings import MultiRegionConsistency
from dynamodel.types import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.settings import Replica, ReplicaIndex

__all__ = ["replica", "replication_requests"]


def replication_requests(definition: TableDefinition) -> Iterator[Request]:
    """The requests, in their order; between them the table must be ACTIVE again.

    AWS takes one new replica in each request, but with strong consistency all regions at once.
    """
    settings = definition.settings
    added = [{"Create": replica(each)} for each in settings.replicas]
    if settings.multi_region_consistency is MultiRegionConsistency.STRONG:
        parameters: dict[str, Any] = {
            "TableName": definition.name,
            "ReplicaUpdates": added,
            "MultiRegionConsistency": MultiRegionConsistency.STRONG.value,
        }
        if settings.witness_region is not None:
            parameters["GlobalTableWitnessUpdates"] = [{"Create": {"RegionName": settings.witness_region}}]
        yield Request("UpdateTable", parameters)
        return
    for update in added:
        yield Request("UpdateTable", {"TableName": definition.name, "ReplicaUpdates": [update]})


def replica(settings: Replica) -> dict[str, Any]:
    """`CreateReplicationGroupMemberAction`."""
    action: dict[str, Any] = {"RegionName": settings.region}
    if settings.encryption_key is not None:
        action["KMSMasterKeyId"] = settings.encryption_key
    if settings.table_class is not None:
        action["TableClassOverride"] = settings.table_class.value
    action |= _capacity(settings)
    indexes = [{"IndexName": name, **_capacity(index)} for name, index in settings.indexes.items()]
    overriding = [index for index in indexes if len(index) > 1]
    if overriding:
        action["GlobalSecondaryIndexes"] = overriding
    return action


def _capacity(settings: Replica | ReplicaIndex) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if settings.read_throughput is not None:
        units = fixed(settings.read_throughput)
        parameters["ProvisionedThroughputOverride"] = {"ReadCapacityUnits": units}
    if settings.max_read is not None:
        parameters["OnDemandThroughputOverride"] = {"MaxReadRequestUnits": settings.max_read}
    return parameters
