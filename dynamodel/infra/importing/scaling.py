"""Reads the scalable targets and scaling policies of a template: what makes `AutoScaling` of a number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, field, frozen

from dynamodel.schema.references import Parameter, Ref, Reference, Sub
from dynamodel.schema.scaling import AutoScaling, CapacityUnits
from dynamodel.schema.settings import Throughput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.infra.importing.reading import Report, Section
    from dynamodel.schema.definition import TableDefinition

__all__ = ["POLICY", "TARGET", "Scaling", "with_tracking"]

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
_SERVICE_ROLE = "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
_RESOURCE = re.compile(r"table/(?P<table>.+?)(?:/index/(?P<index>[A-Za-z0-9_.-]+))?")
_DIMENSIONS = {
    "dynamodb:table:ReadCapacityUnits": (False, "read"),
    "dynamodb:table:WriteCapacityUnits": (False, "write"),
    "dynamodb:index:ReadCapacityUnits": (True, "read"),
    "dynamodb:index:WriteCapacityUnits": (True, "write"),
}

_Place: TypeAlias = tuple[str, str | None, str]
"""A table's logical id or name, the name of its index or None, and `read` or `write`."""


@frozen
class _Target:
    place: str
    minimum: int
    maximum: int


@frozen
class Scaling:
    """What a template says of autoscaled capacity, by the tables and indexes it is for."""

    report: Report
    _targets: dict[_Place, _Target] = field(factory=dict)
    _places: dict[str, _Place] = field(factory=dict)
    _policies: dict[_Place, Section] = field(factory=dict)
    _used: set[_Place] = field(factory=set)

    def add_target(self, logical_id: str, target: Section) -> None:
        """A scalable target; one of another service is not ours to read."""
        if target.get("ServiceNamespace") != "dynamodb":
            return
        place = _place(target.get("ResourceId"), target.get("ScalableDimension"))
        role = target.get("RoleARN")
        if role is not None and _SERVICE_ROLE not in str(role):
            self.report.note(target.at("RoleARN"), "is left out: autoscaling has its service-linked role")
        if place is None:
            self.report.note(target.place, "scales no table that can be told, and is left out")
            return
        minimum, maximum = target.needed_number("MinCapacity"), target.needed_number("MaxCapacity")
        self._targets[place] = _Target(target.place, minimum, maximum)
        self._places[logical_id] = place
        target.close()

    def add_policy(self, policy: Section) -> None:
        """A scaling policy; the targets are known already."""
        policy.ignore("PolicyName", "ServiceNamespace")
        target = policy.get("ScalingTargetId")
        place = _place(policy.get("ResourceId"), policy.get("ScalableDimension"))
        if isinstance(target, Ref):
            place = self._places.get(target.name)
        elif target is not None:
            self.report.note(policy.at("ScalingTargetId"), "is no Ref to a scalable target, and is left out")
        if place is None:
            return
        if policy.get("PolicyType") != "TargetTrackingScaling":
            self.report.note(policy.place, "is no target tracking, and is left out")
            return
        self._policies[place] = policy.section("TargetTrackingScalingPolicyConfiguration")
        policy.close()

    def applied(self, definition: TableDefinition, logical_id: str) -> TableDefinition:
        """The table with its autoscaled capacity."""
        settings, indexes = definition.settings, definition.global_indexes
        table = self._scaled(settings.throughput, logical_id, definition.name, None)
        return evolve(
            definition,
            settings=evolve(settings, throughput=table),
            global_indexes=tuple(
                evolve(
                    index, throughput=self._scaled(index.throughput, logical_id, definition.name, index.name)
                )
                for index in indexes
            ),
        )

    def _scaled(
        self, throughput: Throughput | None, logical_id: str, name: str, index: str | None
    ) -> Throughput | None:
        if throughput is None:
            return None
        sides: dict[str, CapacityUnits] = {"read": throughput.read, "write": throughput.write}
        for side, units in sides.items():
            for owner in (logical_id, name):
                place = (owner, index, side)
                if place in self._targets and isinstance(units, int):
                    self._used.add(place)
                    sides[side] = self._units(place, units)
        return Throughput(sides["read"], sides["write"])

    def _units(self, place: _Place, units: int) -> AutoScaling:
        target, policy = self._targets[place], self._policies.get(place)
        initial: int | None = units
        if not target.minimum <= units <= target.maximum:
            rule = f"begins with {units} units, outside of its range; it will begin with {target.minimum}"
            self.report.note(target.place, rule)
            initial = None
        scaling = AutoScaling(
            target.minimum, target.maximum, initial=None if initial == target.minimum else initial
        )
        if policy is None:
            self.report.note(target.place, "has no target tracking policy; 70 percent is taken")
            return scaling
        return with_tracking(scaling, policy)

    def close(self) -> None:
        """Notes every target that is for no table of the template."""
        for place, target in self._targets.items():
            if place not in self._used:
                self.report.note(target.place, f"scales {place[0]!r}, which has no capacity units here")


def with_tracking(scaling: AutoScaling, policy: Section) -> AutoScaling:
    """Autoscaling with what a `TargetTrackingScalingPolicyConfiguration` says."""
    policy.ignore("PredefinedMetricSpecification")
    target = policy.number("TargetValue")
    if policy.flag("DisableScaleIn"):
        policy.report.note(policy.at("DisableScaleIn"), "is left out: capacity is reduced as well")
    scaling = evolve(
        scaling,
        target_utilization=scaling.target_utilization if target is None else target,
        scale_in_cooldown=policy.number("ScaleInCooldown"),
        scale_out_cooldown=policy.number("ScaleOutCooldown"),
    )
    policy.close()
    return scaling


def _place(resource: object, dimension: object) -> _Place | None:
    """What a `ResourceId` such as `table/Movies/index/ByYear` and a `ScalableDimension` stand for."""
    values: Mapping[str, object] = {}
    text = resource
    if isinstance(resource, Sub):
        text, values = resource.text, resource.values
    found = _RESOURCE.fullmatch(text) if isinstance(text, str) else None
    known = _DIMENSIONS.get(dimension) if isinstance(dimension, str) else None
    if found is None or known is None or known[0] != bool(found["index"]):
        return None
    owner: object = found["table"]
    placeholder = re.fullmatch(r"\$\{([^}]*)\}", found["table"])
    if placeholder is not None:
        owner = values.get(placeholder[1])
    if isinstance(owner, Ref):
        owner = owner.name
    elif isinstance(owner, Parameter):
        owner = owner.default
    elif isinstance(owner, Reference):
        return None
    return (owner, found["index"], known[1]) if isinstance(owner, str) else None
