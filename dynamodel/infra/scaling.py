"""The autoscaling of a table that is no global table: scalable targets and policies beside it.

Guarantee: the resources are those that the CDK's `Table.auto_scale_read_capacity(...)` and its siblings
make with `.scale_on_utilization(...)`. A global table has its autoscaling inside; see
`dynamodel.infra.global_table`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dynamodel.infra.template import Resource, Scope, digest, fitting, words
from dynamodel.schema.scaling import AutoScaling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamodel.schema.definition import TableDefinition
    from dynamodel.schema.table import Table

__all__ = ["scaling_resources", "target_tracking"]

_Direction: TypeAlias = Literal["Read", "Write"]

_ROLE = (
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/"
    "dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
)
"""The service-linked role, which AWS makes with the account's first scalable target (Application Auto
Scaling user guide, Service-linked roles). The CDK names it too."""


def scaling_resources(table: Table, scope: Scope) -> dict[str, Resource]:
    """A scalable target and its policy for each capacity that follows the load, by their logical ids.

    Empty for a table without `AutoScaling`, and for one with replicas: `global_table_resources` has that.

    Raises:
        DeclarationError: the table is not part of the template.
    """
    if table.settings.replicas:
        return {}
    owner = scope.id_of(table)
    definition = table.definition
    parts = _index_parts(definition)
    resources: dict[str, Resource] = {}
    for index, direction, units in _scaled(definition):
        part = "" if index is None else parts[index]
        target = fitting(f"{owner}{part}{direction}ScalingTarget", "Tracking")
        resources[target] = Resource(
            "AWS::ApplicationAutoScaling::ScalableTarget", _target(owner, index, direction, units)
        )
        policy = f"{target}Tracking"
        resources[policy] = Resource(
            "AWS::ApplicationAutoScaling::ScalingPolicy", _policy(policy, target, direction, units)
        )
    return resources


def target_tracking(units: AutoScaling) -> dict[str, int]:
    """What target tracking has in both kinds of templates: the target, and how soon it may scale again."""
    properties = {"TargetValue": units.target_utilization}
    if units.scale_in_cooldown is not None:
        properties["ScaleInCooldown"] = units.scale_in_cooldown
    if units.scale_out_cooldown is not None:
        properties["ScaleOutCooldown"] = units.scale_out_cooldown
    return properties


def _scaled(definition: TableDefinition) -> Iterator[tuple[str | None, _Direction, AutoScaling]]:
    """Every capacity that follows the load, with its index; None is the table itself."""
    indexes = ((index.name, index.throughput) for index in definition.global_indexes)
    for index, throughput in ((None, definition.settings.throughput), *indexes):
        if throughput is None:
            continue
        if isinstance(throughput.read, AutoScaling):
            yield index, "Read", throughput.read
        if isinstance(throughput.write, AutoScaling):
            yield index, "Write", throughput.write


def _target(owner: str, index: str | None, direction: _Direction, units: AutoScaling) -> dict[str, Any]:
    """`ScalableTarget` (Application Auto Scaling API reference: RegisterScalableTarget)."""
    kind, path = ("table", "") if index is None else ("index", f"/index/{index}")
    return {
        "MaxCapacity": units.maximum,
        "MinCapacity": units.minimum,
        "ResourceId": {"Fn::Sub": f"table/${{{owner}}}{path}"},
        "RoleARN": {"Fn::Sub": _ROLE},
        "ScalableDimension": f"dynamodb:{kind}:{direction}CapacityUnits",
        "ServiceNamespace": "dynamodb",
    }


def _policy(name: str, target: str, direction: _Direction, units: AutoScaling) -> dict[str, Any]:
    """`ScalingPolicy`; its name must be unique for its target only."""
    metric = {"PredefinedMetricType": f"DynamoDB{direction}CapacityUtilization"}
    return {
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": target},
        "TargetTrackingScalingPolicyConfiguration": {
            "PredefinedMetricSpecification": metric,
            **target_tracking(units),
        },
    }


def _index_parts(definition: TableDefinition) -> Mapping[str, str]:
    """What stands for each index in logical ids: `by-movie` is `IndexByMovie`.

    Names that differ in signs only, such as `by.movie` and `by-movie`, get a digest of the name. It does
    not depend on the order of the indexes: a new logical id would replace the resource.
    """
    plain = {index.name: words(index.name) for index in definition.global_indexes}
    taken = list(plain.values())
    return {
        name: f"Index{part}" if taken.count(part) == 1 else f"Index{part}{digest(name)}"
        for name, part in plain.items()
    }
