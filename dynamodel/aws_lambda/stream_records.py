"""Records of a table's stream, as Lambda delivers them.

Guarantee: whatever is read here has the images that its kind of change has; a record that lacks one is
refused, and the error has no data of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import attrs

from dynamodel.attribute_value.binary import plain_item
from dynamodel.aws_lambda.event_errors import EventError

if TYPE_CHECKING:
    from dynamodel.types import Item

__all__ = ["ChangeKind", "StreamRecord", "read_record"]

ChangeKind: TypeAlias = Literal["INSERT", "MODIFY", "REMOVE"]
"""What happened to an item (Amazon DynamoDB Streams API reference, Record)."""

_IMAGES = {"INSERT": (False, True), "MODIFY": (True, True), "REMOVE": (True, False)}
"""Whether each kind of change has an old and a new image."""

_EXPIRY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
"""Who deletes what expired (Amazon DynamoDB developer guide, DynamoDB Streams and Time to Live)."""


@attrs.frozen(kw_only=True)
class StreamRecord:
    """One change of one item, with its images as they are stored: AttributeValues by stored names.

    Functions for unknown items get bytes as binary values; elsewhere they are base64 text, as in the event.
    Its repr shows no data of the item.
    """

    kind: ChangeKind
    event_id: str
    """The same whenever the record is delivered; no other record has it."""
    sequence_number: str
    """Its place among the changes of the shard: later ones have greater numbers."""
    at: datetime
    """About when the change was made, in UTC; to the second."""
    by_time_to_live: bool
    """DynamoDB deleted the item, because it had expired."""
    old_item: Item | None = attrs.field(repr=False)
    """The item before the change; None: there was none."""
    new_item: Item | None = attrs.field(repr=False)
    """The item after the change; None: it was deleted."""

    @property
    def images(self) -> tuple[Item, ...]:
        """Those that there are: the old one, then the new one."""
        return tuple(image for image in (self.old_item, self.new_item) if image is not None)

    def with_bytes(self) -> StreamRecord:
        """The same with bytes as binary values, which the event has as base64 text."""
        old, new = (None if image is None else plain_item(image) for image in (self.old_item, self.new_item))
        return attrs.evolve(self, old_item=old, new_item=new)


def read_record(record: dict[str, Any]) -> StreamRecord:
    """A record of an event.

    Raises:
        EventError: it is malformed, or lacks an image.
    """
    body = record["dynamodb"]
    kind = record.get("eventName")
    if kind not in _IMAGES:
        raise EventError("a record of a stream is an INSERT, a MODIFY or a REMOVE")
    old, new = _image(body, "OldImage"), _image(body, "NewImage")
    if (old is not None, new is not None) != _IMAGES[kind]:
        view = body.get("StreamViewType")
        view = view if view in ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE") else "something else"
        raise EventError(
            f"a record of {kind} without its images: the stream carries {view}, and must carry "
            "NEW_AND_OLD_IMAGES; deploy the table as it is declared"
        )
    return StreamRecord(
        kind=cast("ChangeKind", kind),
        event_id=_event_id(record),
        sequence_number=str(body["SequenceNumber"]),
        at=_moment(body),
        by_time_to_live=_is_expiry(record.get("userIdentity")),
        old_item=old,
        new_item=new,
    )


def _image(body: dict[str, Any], name: str) -> Item | None:
    image = body.get(name)
    if image is None:
        return None
    if not isinstance(image, dict) or not all(isinstance(v, dict) and len(v) == 1 for v in image.values()):
        raise EventError(f"{name} of a record is no item: an AttributeValue for each attribute is needed")
    return image


def _event_id(record: dict[str, Any]) -> str:
    found = record.get("eventID")
    if not isinstance(found, str) or not found:
        raise EventError("a record of a stream has an eventID, which is a text")
    return found


def _moment(body: dict[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(float(body["ApproximateCreationDateTime"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        rule = "a record of a stream has an ApproximateCreationDateTime, a number of epoch seconds"
    raise EventError(rule)


def _is_expiry(identity: object) -> bool:
    return isinstance(identity, dict) and all(identity.get(name) == value for name, value in _EXPIRY.items())
