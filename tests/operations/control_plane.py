"""A control plane in memory that keeps AWS's rules for tables, which no engine keeps all.

Source: AWS API reference, CreateTable, UpdateTable and the other operations; where a rule is AWS's answer to
others' programs, a comment says so. It answers at once: a table is ACTIVE after each request.
"""

from __future__ import annotations

import copy
import json
from itertools import count
from typing import Any

from dynamodel import Request
from dynamodel.errors import service_error

ACCOUNT = "123456789012"
REGION = "us-east-1"


def refused(operation: str, text: str, code: str = "ValidationException") -> Exception:
    return service_error(code, text, operation)


class ControlPlane:
    """A transport that has tables, but no items."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {}
        self.aside: dict[str, dict[str, Any]] = {}
        """What DescribeTable does not tell, by the tables' names."""
        self.policies: dict[str, str] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.requests: list[Request] = []
        self._stream_number = count(1)

    def send(self, request: Request) -> dict[str, Any]:
        self.requests.append(request)
        parameters = copy.deepcopy(request.parameters)
        answer: dict[str, Any] = getattr(self, request.operation)(**parameters)
        return copy.deepcopy(answer)

    def close(self) -> None:
        pass

    @property
    def changes(self) -> list[Request]:
        """The requests that were no questions."""
        return [each for each in self.requests if not each.operation.startswith(("Describe", "List", "Get"))]

    # --- tables ---

    def CreateTable(
        self,
        TableName: str,
        AttributeDefinitions: Any,
        KeySchema: Any,
        BillingMode: str,
        ProvisionedThroughput: Any = None,
        LocalSecondaryIndexes: Any = (),
        GlobalSecondaryIndexes: Any = (),
        VectorIndexes: Any = (),
        StreamSpecification: Any = None,
        SSESpecification: Any = None,
        TableClass: str = "STANDARD",
        DeletionProtectionEnabled: bool = False,
        ResourcePolicy: str | None = None,
        Tags: Any = (),
        **capacity: Any,
    ) -> dict[str, Any]:
        arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TableName}"
        table = {
            "TableName": TableName,
            "TableId": "00000000-0000-0000-0000-000000000000",
            "TableArn": arn,
            "TableStatus": "ACTIVE",
            "AttributeDefinitions": AttributeDefinitions,
            "KeySchema": KeySchema,
            "ItemCount": 1234,
            "TableSizeBytes": 56789,
            "DeletionProtectionEnabled": DeletionProtectionEnabled,
        }
        self.tables[TableName] = table
        self.aside[TableName] = {"insights": {}, "kinesis": {}, "ttl": None, "pitr": None}
        table["LocalSecondaryIndexes"] = list(LocalSecondaryIndexes)
        table["GlobalSecondaryIndexes"] = []
        for index in GlobalSecondaryIndexes:
            self._add_index(table, index, BillingMode)
        table["VectorIndexes"] = [dict(index, IndexStatus="ACTIVE") for index in VectorIndexes]
        self._require_exact_attributes(table, AttributeDefinitions, "CreateTable")
        self._bill(table, BillingMode, ProvisionedThroughput, "CreateTable")
        self._set_capacity(table, capacity)
        if StreamSpecification is not None:
            self._stream(table, StreamSpecification, "CreateTable")
        if SSESpecification is not None:
            self._encrypt(table, SSESpecification)
        if TableClass != "STANDARD":
            table["TableClassSummary"] = {"TableClass": TableClass}
        if ResourcePolicy is not None:
            self.policies[arn] = ResourcePolicy
        # What CloudFormation adds, and nobody may touch.
        self.tags[arn] = {"aws:cloudformation:stack-name": "x"} | {tag["Key"]: tag["Value"] for tag in Tags}
        return {"TableDescription": table}

    def DescribeTable(self, TableName: str) -> dict[str, Any]:
        return {"Table": self._table(TableName, "DescribeTable")}

    def UpdateTable(self, TableName: str, **parameters: Any) -> dict[str, Any]:
        table = self._table(TableName, "UpdateTable")
        if not parameters:
            raise refused("UpdateTable", "nothing to update")
        mode = parameters.pop("BillingMode", None)
        throughput = parameters.pop("ProvisionedThroughput", None)
        attributes = parameters.pop("AttributeDefinitions", None)
        updates = parameters.pop("GlobalSecondaryIndexUpdates", [])
        structural = [update for update in updates if "Update" not in update]
        vectors = parameters.pop("VectorIndexUpdates", [])
        if len(structural) + len(vectors) > 1 or (structural and len(updates) > 1):
            raise refused("UpdateTable", "one index is created or deleted at once")
        if (structural or vectors) and (parameters or mode or throughput):
            raise refused("UpdateTable", "an index is created or deleted by itself")
        self._update_indexes(table, updates, mode or table["BillingModeSummary"]["BillingMode"])
        for update in vectors:
            self._update_vectors(table, update)
        if any("Create" in update for update in structural):
            self._require_exact_attributes(table, attributes, "UpdateTable")
            table["AttributeDefinitions"] = attributes
        elif attributes is not None:
            raise refused("UpdateTable", "some AttributeDefinitions are not used")
        self._update_capacity(table, mode, throughput)
        self._update_settings(table, parameters)
        return {"TableDescription": table}

    def _update_capacity(self, table: dict[str, Any], mode: str | None, throughput: Any) -> None:
        if mode is not None:
            if mode == table["BillingModeSummary"]["BillingMode"]:
                raise refused("UpdateTable", "the billing mode is the same")
            self._bill(table, mode, throughput, "UpdateTable")
        elif throughput is not None:
            if throughput == table["ProvisionedThroughput"]:
                raise refused("UpdateTable", "the provisioned throughput for the table will not change")
            table["ProvisionedThroughput"] = throughput

    def _update_settings(self, table: dict[str, Any], parameters: dict[str, Any]) -> None:
        if "StreamSpecification" in parameters:
            self._stream(table, parameters.pop("StreamSpecification"), "UpdateTable")
        if "SSESpecification" in parameters:
            self._encrypt(table, parameters.pop("SSESpecification"))
        if "TableClass" in parameters:
            table_class = parameters.pop("TableClass")
            if table_class == table.get("TableClassSummary", {"TableClass": "STANDARD"})["TableClass"]:
                raise refused("UpdateTable", "the table class is the same")
            table["TableClassSummary"] = {"TableClass": table_class}
        if "DeletionProtectionEnabled" in parameters:
            table["DeletionProtectionEnabled"] = parameters.pop("DeletionProtectionEnabled")
        self._replicate(table, parameters)
        self._set_capacity(table, parameters)

    def _table(self, name: str, operation: str) -> dict[str, Any]:
        if name not in self.tables:
            raise refused(operation, f"no table {name}", "ResourceNotFoundException")
        return self.tables[name]

    def _require_exact_attributes(self, table: dict[str, Any], attributes: Any, operation: str) -> None:
        schemas = [table["KeySchema"]]
        for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
            schemas += [index["KeySchema"] for index in table[kind]]
        used = {element["AttributeName"] for schema in schemas for element in schema}
        named = [attribute["AttributeName"] for attribute in attributes or ()]
        if set(named) != used or len(named) != len(used):
            raise refused(operation, f"AttributeDefinitions are {named}, keys use {used}")
        before = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
        kept = {each["AttributeName"] for schema in schemas[:-1] for each in schema}
        for each in attributes:
            if each["AttributeName"] in kept and before[each["AttributeName"]] != each["AttributeType"]:
                raise refused(operation, f"{each['AttributeName']} changes its type")

    # --- capacity ---

    def _bill(self, table: dict[str, Any], mode: str, throughput: Any, operation: str) -> None:
        indexes = table["GlobalSecondaryIndexes"]
        if mode == "PROVISIONED":
            # hashicorp/terraform-provider-aws#7447: "ProvisionedThroughput must be specified for index"
            if throughput is None or any(index["ProvisionedThroughput"] is None for index in indexes):
                raise refused(
                    operation, "ProvisionedThroughput must be specified for the table and each index"
                )
            table.pop("OnDemandThroughput", None)
        elif throughput is not None:
            raise refused(operation, "neither units can be specified when BillingMode is PAY_PER_REQUEST")
        else:
            for index in indexes:
                index["ProvisionedThroughput"] = None
        table["BillingModeSummary"] = {"BillingMode": mode}
        table["ProvisionedThroughput"] = throughput or {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}

    def _set_capacity(self, target: dict[str, Any], parameters: dict[str, Any]) -> None:
        maximum = parameters.pop("OnDemandThroughput", None)
        if maximum is not None:
            if not maximum:
                raise refused(
                    "UpdateTable", "must specify MaxReadRequestUnits, MaxWriteRequestUnits, or both"
                )
            target["OnDemandThroughput"] = target.get("OnDemandThroughput", {}) | maximum
        warm = target.setdefault(
            "WarmThroughput", {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}
        )
        warm["Status"] = "ACTIVE"
        for word, units in parameters.pop("WarmThroughput", {}).items():
            if warm[word] > units:
                raise refused("UpdateTable", "warm throughput cannot be decreased")
            warm[word] = units
        assert not parameters, parameters

    # --- indexes ---

    def _add_index(self, table: dict[str, Any], index: dict[str, Any], mode: str) -> None:
        names = [each["IndexName"] for each in table["GlobalSecondaryIndexes"]]
        names += [each["IndexName"] for each in table["LocalSecondaryIndexes"]]
        if index["IndexName"] in names or len(names) > 20:
            raise refused("UpdateTable", f"there is an index {index['IndexName']}")
        throughput = index.pop("ProvisionedThroughput", None)
        if (throughput is None) == (mode == "PROVISIONED"):
            raise refused("UpdateTable", f"the index's throughput does not fit {mode}")
        parts = {name: index.pop(name) for name in ("IndexName", "KeySchema", "Projection")}
        added = parts | {"ProvisionedThroughput": throughput, "IndexStatus": "ACTIVE", "ItemCount": 77}
        self._set_capacity(added, index)
        table["GlobalSecondaryIndexes"].append(added)

    def _update_indexes(self, table: dict[str, Any], updates: Any, mode: str) -> None:
        for update in updates:
            ((kind, action),) = update.items()
            if kind == "Create":
                self._add_index(table, action, mode)
                continue
            found = [i for i in table["GlobalSecondaryIndexes"] if i["IndexName"] == action["IndexName"]]
            if not found:
                raise refused("UpdateTable", "no such index", "ResourceNotFoundException")
            if kind == "Delete":
                table["GlobalSecondaryIndexes"].remove(found[0])
                self.aside[table["TableName"]]["insights"].pop(action["IndexName"], None)
                self._forget_attributes(table)
                continue
            del action["IndexName"]
            throughput = action.pop("ProvisionedThroughput", None)
            if throughput is not None:
                if throughput == found[0]["ProvisionedThroughput"]:
                    raise refused("UpdateTable", "the provisioned throughput for the index will not change")
                found[0]["ProvisionedThroughput"] = throughput
            self._set_capacity(found[0], action)

    def _forget_attributes(self, table: dict[str, Any]) -> None:
        indexes = table["LocalSecondaryIndexes"] + table["GlobalSecondaryIndexes"]
        schemas = [table["KeySchema"], *(index["KeySchema"] for index in indexes)]
        used = {element["AttributeName"] for schema in schemas for element in schema}
        kept = [each for each in table["AttributeDefinitions"] if each["AttributeName"] in used]
        table["AttributeDefinitions"] = kept

    def _update_vectors(self, table: dict[str, Any], update: dict[str, Any]) -> None:
        ((kind, action),) = update.items()
        there = {each["IndexName"]: each for each in table["VectorIndexes"]}
        if (kind == "Create") == (action["IndexName"] in there):
            raise refused("UpdateTable", "the vector index is there, or is not")
        if kind == "Create":
            there[action["IndexName"]] = dict(action, IndexStatus="ACTIVE")
        else:
            del there[action["IndexName"]]
        table["VectorIndexes"] = list(there.values())

    # --- stream, encryption, replicas ---

    def _stream(self, table: dict[str, Any], specification: dict[str, Any], operation: str) -> None:
        if specification["StreamEnabled"] == ("StreamSpecification" in table):
            raise refused(operation, "the table already has a stream, or has none")
        if table.get("Replicas"):
            raise refused(operation, "the stream of a table with replicas stays")
        old = table.get("LatestStreamArn")
        if not specification["StreamEnabled"]:
            del table["StreamSpecification"]  # the ARN stays
            self.policies.pop(old, None)
            return
        table["StreamSpecification"] = specification
        table["LatestStreamArn"] = f"{table['TableArn']}/stream/{next(self._stream_number)}"
        self.tags[table["LatestStreamArn"]] = {}

    def _encrypt(self, table: dict[str, Any], specification: dict[str, Any]) -> None:
        if not specification["Enabled"]:
            table.pop("SSEDescription", None)
            return
        key = specification.get("KMSMasterKeyId", "99999999-0000-0000-0000-000000000000")
        arn = key if key.startswith("arn:") else f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"
        table["SSEDescription"] = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}

    def _replicate(self, table: dict[str, Any], parameters: dict[str, Any]) -> None:
        replicas = {each["RegionName"]: each for each in table.get("Replicas", ())}
        updates = parameters.pop("ReplicaUpdates", ())
        consistency = parameters.pop("MultiRegionConsistency", None)
        witnesses = parameters.pop("GlobalTableWitnessUpdates", ())
        if len(updates) > 1 and consistency != "STRONG":
            raise refused("UpdateTable", "one replica at once")
        if consistency is not None and replicas:
            raise refused("UpdateTable", "MultiRegionConsistency only creates a global table")
        for update in updates:
            ((kind, action),) = update.items()
            if (kind == "Create") == (action["RegionName"] in replicas):
                raise refused("UpdateTable", "the replica is there, or is not")
            if kind == "Delete":
                del replicas[action["RegionName"]]
                continue
            table_class = action.pop("TableClassOverride", None)
            there = replicas.setdefault(action["RegionName"], {"ReplicaStatus": "ACTIVE"})
            there |= action
            if table_class is not None:
                there["ReplicaTableClassSummary"] = {"TableClass": table_class}
        table["Replicas"] = list(replicas.values())
        if not replicas:
            table.pop("MultiRegionConsistency", None)
            table.pop("GlobalTableWitnesses", None)
        elif consistency is not None:
            table["MultiRegionConsistency"] = consistency
            table["GlobalTableWitnesses"] = [each["Create"] for each in witnesses]

    # --- what DescribeTable does not tell ---

    def UpdateTimeToLive(self, TableName: str, TimeToLiveSpecification: Any) -> dict[str, Any]:
        aside = self.aside[TableName]
        name = TimeToLiveSpecification["AttributeName"]
        if TimeToLiveSpecification["Enabled"]:
            if aside["ttl"] is not None:
                raise refused("UpdateTimeToLive", "TimeToLive is already enabled")
            aside["ttl"] = name
        else:
            if aside["ttl"] != name:
                raise refused("UpdateTimeToLive", "TimeToLive is active on a different AttributeName")
            aside["ttl"] = None
        return {}

    def DescribeTimeToLive(self, TableName: str) -> dict[str, Any]:
        name = self.aside[TableName]["ttl"]
        told = {"TimeToLiveStatus": "ENABLED", "AttributeName": name}
        return {"TimeToLiveDescription": told if name else {"TimeToLiveStatus": "DISABLED"}}

    def UpdateContinuousBackups(
        self, TableName: str, PointInTimeRecoverySpecification: Any
    ) -> dict[str, Any]:
        enabled = PointInTimeRecoverySpecification.pop("PointInTimeRecoveryEnabled")
        self.aside[TableName]["pitr"] = {"RecoveryPeriodInDays": 35} | PointInTimeRecoverySpecification
        if not enabled:
            self.aside[TableName]["pitr"] = None
        return {}

    def DescribeContinuousBackups(self, TableName: str) -> dict[str, Any]:
        found = self.aside[TableName]["pitr"]
        told = {"PointInTimeRecoveryStatus": "DISABLED" if found is None else "ENABLED"} | (found or {})
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": told}}

    def UpdateContributorInsights(
        self,
        TableName: str,
        ContributorInsightsAction: str,
        IndexName: str | None = None,
        ContributorInsightsMode: str = "ACCESSED_AND_THROTTLED_KEYS",
    ) -> dict[str, Any]:
        names = [each["IndexName"] for each in self.tables[TableName]["GlobalSecondaryIndexes"]]
        if IndexName not in [None, *names]:
            raise refused("UpdateContributorInsights", "no such index", "ResourceNotFoundException")
        insights = self.aside[TableName]["insights"]
        if ContributorInsightsAction == "ENABLE":
            insights[IndexName] = ContributorInsightsMode
        else:
            insights.pop(IndexName, None)
        return {}

    def DescribeContributorInsights(self, TableName: str, IndexName: str | None = None) -> dict[str, Any]:
        mode = self.aside[TableName]["insights"].get(IndexName)
        if mode is None:
            return {"ContributorInsightsStatus": "DISABLED"}
        return {"ContributorInsightsStatus": "ENABLED", "ContributorInsightsMode": mode}

    def EnableKinesisStreamingDestination(
        self, TableName: str, StreamArn: str, EnableKinesisStreamingConfiguration: Any = None
    ) -> dict[str, Any]:
        kinesis = self.aside[TableName]["kinesis"]
        if any(each["DestinationStatus"] == "ACTIVE" for each in kinesis.values()):
            raise refused("EnableKinesisStreamingDestination", "there is one", "LimitExceededException")
        configuration = EnableKinesisStreamingConfiguration or {
            "ApproximateCreationDateTimePrecision": "MILLISECOND"
        }
        kinesis[StreamArn] = {"StreamArn": StreamArn, "DestinationStatus": "ACTIVE"} | configuration
        return {}

    def DisableKinesisStreamingDestination(self, TableName: str, StreamArn: str) -> dict[str, Any]:
        self.aside[TableName]["kinesis"][StreamArn]["DestinationStatus"] = "DISABLED"
        return {}

    def UpdateKinesisStreamingDestination(
        self, TableName: str, StreamArn: str, UpdateKinesisStreamingConfiguration: Any
    ) -> dict[str, Any]:
        self.aside[TableName]["kinesis"][StreamArn] |= UpdateKinesisStreamingConfiguration
        return {}

    def DescribeKinesisStreamingDestination(self, TableName: str) -> dict[str, Any]:
        return {"KinesisDataStreamDestinations": list(self.aside[TableName]["kinesis"].values())}

    def PutResourcePolicy(self, ResourceArn: str, Policy: str) -> dict[str, Any]:
        self._require_resource(ResourceArn, "PutResourcePolicy")
        self.policies[ResourceArn] = json.dumps(json.loads(Policy), indent=1)  # in a form of its own
        return {}

    def DeleteResourcePolicy(self, ResourceArn: str) -> dict[str, Any]:
        self._require_resource(ResourceArn, "DeleteResourcePolicy")
        self.policies.pop(ResourceArn, None)
        return {}

    def GetResourcePolicy(self, ResourceArn: str) -> dict[str, Any]:
        if ResourceArn not in self.policies:
            raise refused("GetResourcePolicy", "no policy", "PolicyNotFoundException")
        return {"Policy": self.policies[ResourceArn], "RevisionId": "1"}

    def TagResource(self, ResourceArn: str, Tags: Any) -> dict[str, Any]:
        self._require_resource(ResourceArn, "TagResource")
        self.tags[ResourceArn] |= {tag["Key"]: tag["Value"] for tag in Tags}
        return {}

    def UntagResource(self, ResourceArn: str, TagKeys: Any) -> dict[str, Any]:
        for key in TagKeys:
            assert not key.startswith("aws:")
            del self.tags[ResourceArn][key]
        return {}

    def ListTagsOfResource(self, ResourceArn: str, NextToken: str = "0") -> dict[str, Any]:
        pairs = list(self.tags[ResourceArn].items())
        first, last = int(NextToken), int(NextToken) + 10
        page = {"Tags": [{"Key": key, "Value": value} for key, value in pairs[first:last]]}
        return page | ({"NextToken": str(last)} if last < len(pairs) else {})

    def _require_resource(self, arn: str, operation: str) -> None:
        live = [table["TableArn"] for table in self.tables.values()]
        live += [table["LatestStreamArn"] for table in self.tables.values() if "StreamSpecification" in table]
        if arn not in live:
            raise refused(operation, f"no resource {arn}", "ResourceNotFoundException")
