"""Provisioned capacity that follows the load: AWS Application Auto Scaling."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

__all__ = ["AutoScaling", "CapacityUnits", "fixed"]


@frozen
class AutoScaling:
    """Capacity units that follow the load between a minimum and a maximum (target tracking).

    CloudFormation and the CDK get the scaling policies. boto3's CreateTable cannot say them: a table that
    is made through the API begins with `initial` units and keeps them.
    """

    minimum: int
    """The least capacity units a second; at least 1."""
    maximum: int
    """The most; at least the minimum."""
    target_utilization: int = 70
    """The share of the capacity that should be in use, in percent: 20 to 90."""
    initial: int | None = None
    """What the table begins with; None: the minimum."""
    scale_in_cooldown: int | None = None
    """Seconds between two reductions; None: AWS's default, 0."""
    scale_out_cooldown: int | None = None
    """Seconds between two increases; None: AWS's default, 0."""


CapacityUnits: TypeAlias = int | AutoScaling
"""Capacity units a second: a fixed number, or one that follows the load."""


def fixed(units: CapacityUnits) -> int:
    """The number of units to begin with."""
    if isinstance(units, AutoScaling):
        return units.minimum if units.initial is None else units.initial
    return units
