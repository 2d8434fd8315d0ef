"""The entity of an idempotency store's records, which it declares in a table of the user's.

It stands apart from the store, which needs Powertools: the handler of a stream knows the records of a store
when it meets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynamodel.entity.attributes import Attr, attribute
from dynamodel.errors import DeclarationError, Fault
from dynamodel.model.entity import Entity
from dynamodel.model.indexes import primary_key
from dynamodel.model.keys import key

if TYPE_CHECKING:
    from dynamodel.schema.table import Table

__all__ = ["IDEMPOTENCY_TAG", "IdempotencyRecord", "record_class"]

IDEMPOTENCY_TAG = "IDEMPOTENCY"
"""The tag of the records' keys, and their discriminator."""


class IdempotencyRecord(Entity):
    """What one key stands for: work that is in progress, or done.

    The stored names are such that no other entity's index takes them for its own key.
    """

    record_id: Attr[str] = attribute("_idempotency_id")
    """The Lambda function's name, the scope and a hash of the key."""
    owner: Attr[str] = attribute("_idempotency_owner")
    """Who made the record: another text for each attempt."""
    status: Attr[str] = attribute("_idempotency_status")
    """INPROGRESS or COMPLETED."""
    in_progress_until: Attr[int | None] = attribute("_idempotency_until", default=None)
    """When the invocation that made it is over: epoch milliseconds."""
    data: Attr[str | None] = attribute("_idempotency_data", default=None)
    """The answer, as JSON."""
    expires: Attr[int] = attribute()
    """The table's time to live: epoch seconds."""
    main = primary_key(key(IDEMPOTENCY_TAG, record_id))


def record_class(table: Table) -> type[IdempotencyRecord]:
    """The entity of the records of a table.

    Raises:
        DeclarationError: the table has no partition key of its own, or no time to live.
    """
    generic, time_to_live = table.generic_key, table.settings.time_to_live
    faults = []
    if generic is None:
        rule = (
            "its records have keys of their own, which a table with the keys of an entity cannot hold: give "
            'it a table with generic keys, such as Table("Done", partition_key="pk", time_to_live="expires")'
        )
        faults.append(Fault(f"IdempotencyStore of {table.place}", rule))
    if time_to_live is None:
        rule = 'its records would never expire: declare the time to live, time_to_live="expires"'
        faults.append(Fault(f"IdempotencyStore of {table.place}", rule))
    if generic is None or time_to_live is None:
        raise DeclarationError(faults)
    has_sort_key = bool(generic.sort)
    mark = IDEMPOTENCY_TAG if table.discriminator is not None else None

    class StoredIdempotencyRecord(IdempotencyRecord, table=table, discriminator=mark):
        expires: Attr[int] = attribute(time_to_live)
        if has_sort_key:
            main = primary_key(key(IDEMPOTENCY_TAG, IdempotencyRecord.record_id), key(IDEMPOTENCY_TAG))

    return StoredIdempotencyRecord
