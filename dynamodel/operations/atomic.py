"""Placeholder until the real one lands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from dynamodel.entity.schema import EntitySchema
from dynamodel.types import Flow


@attrs.frozen
class TransactAction:
    kind: str
    parameters: dict[str, Any] = attrs.field(repr=False)
    entity: str
    constraint: str = ""


def send_alone(actions: Sequence[TransactAction], schema: EntitySchema[Any]) -> Flow[None]:
    raise NotImplementedError
    yield
