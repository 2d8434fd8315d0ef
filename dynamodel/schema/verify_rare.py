"""The rules about settings that few tables have: they are loaded for a table that has such settings.

Guarantee: nothing goes unseen. What is not asked about here is a plain table's, and breaks none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import fields

from dynamodel.schema.common_settings import Encryption, PointInTimeRecovery
from dynamodel.schema.table_settings import TableSettings
from dynamodel.schema.verify_types import attribute_name_faults, wrong_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynamodel.errors import Fault
    from dynamodel.schema.definition import TableDefinition

__all__ = ["is_plain", "replica_faults", "replica_index_faults", "settings_faults", "vector_faults"]

_DEFAULTS = TableSettings()
_COMMON = {
    "deletion_protection",
    "encryption",
    "point_in_time_recovery",
    "removal_policy",
    "stream",
    "table_class",
    "time_to_live",
}
"""The settings that a plain table may have."""

_RARE = tuple(attribute.name for attribute in fields(TableSettings) if attribute.name not in _COMMON)


def is_plain(settings: TableSettings, place: str) -> bool:
    """Whether a table has only such settings as break no rule, whatever is combined with what.

    Args:
        settings: a table's.
        place: the table's.
    """
    expiry = settings.time_to_live
    return (
        all(getattr(settings, name) == getattr(_DEFAULTS, name) for name in _RARE)
        and settings.encryption in (Encryption.AWS_OWNED, Encryption.AWS_MANAGED)
        and settings.point_in_time_recovery in (None, PointInTimeRecovery())
        and (expiry is None or not attribute_name_faults(expiry, place, "time to live attribute"))
        and not wrong_types(settings, place)[0]
    )


def settings_faults(settings: TableSettings, place: str) -> list[Fault]:
    """Every broken rule of a table's settings; `place` is the table's: `Table 'Movies'`."""
    if is_plain(settings, place):
        return []
    from dynamodel.schema import verify_settings  # noqa: PLC0415 - see above

    return verify_settings.settings_faults(settings, place)


def replica_faults(definition: TableDefinition, place: str) -> list[Fault]:
    """As of `verify_replicas`."""
    if is_plain(definition.settings, place):
        return []
    from dynamodel.schema import verify_replicas  # noqa: PLC0415 - see above

    return verify_replicas.replica_faults(definition, place)


def replica_index_faults(definition: TableDefinition, place: str) -> Iterable[Fault]:
    """As of `verify_replicas`."""
    if not definition.settings.replicas:
        return ()
    from dynamodel.schema import verify_replicas  # noqa: PLC0415 - see above

    return verify_replicas.replica_index_faults(definition, place)


def vector_faults(indexes: Sequence[object], taken: Iterable[object], place: str) -> Iterable[Fault]:
    """As of `verify_vectors`."""
    if indexes == ():
        return ()
    from dynamodel.schema import verify_vectors  # noqa: PLC0415 - see above

    return verify_vectors.vector_faults(indexes, taken, place)
