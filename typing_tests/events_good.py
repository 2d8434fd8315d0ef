"""Good uses of event handlers: no checker complains, and each type is the one that the comment says."""

from __future__ import annotations

from typing import Any

import attrs

from dynamodel import Attr, Entity, StreamViewType, Table, attribute, key, primary_key
from dynamodel.aws_lambda import LambdaContext, db
from dynamodel.aws_lambda.events import (
    BusEvent,
    Notification,
    ObjectEvent,
    on_event,
    on_notification,
    on_object,
)
from dynamodel.aws_lambda.idempotency import IdempotencyStore
from dynamodel.aws_lambda.kinesis import Record, on_record
from dynamodel.aws_lambda.queues import Message, on_message
from dynamodel.aws_lambda.streams import Change, Inserted, Modified, Removed, UnknownRecord, on_change

app = Table(
    "App",
    partition_key="pk",
    sort_key="sk",
    time_to_live="expires",
    stream=StreamViewType.NEW_AND_OLD_IMAGES,
)
store = IdempotencyStore(app)


class Thread(Entity, table=app):
    subject: Attr[str] = attribute()
    replies: Attr[int] = attribute(default=0)
    main = primary_key(key("THREAD", subject), key("THREAD"))


class Reply(Entity, table=app):
    text: Attr[str] = attribute()
    main = primary_key(key("REPLY", text), key("REPLY"))


@attrs.frozen
class Body:
    number: int


@on_change(Thread, patterns=[Thread.main.update, Thread.put], store=store)
def threads(change: Change[Thread], context: LambdaContext) -> None:
    match change:
        case Inserted(new=thread):
            reveal_type(thread)  # Thread
        case Removed(old=thread):
            reveal_type(thread)  # Thread
        case Modified(old=old, new=new):
            reveal_type(old.subject)  # str
            reveal_type(new.replies)  # int
    reveal_type(change.changed)  # frozenset[str]
    reveal_type(change.has_changed(Thread.replies))  # bool
    reveal_type(change.by_time_to_live)  # bool
    if isinstance(change, Inserted):
        reveal_type(change.new)  # Thread


@threads.on_change(Reply)
def reply(change: Change[Reply], context: LambdaContext) -> None:
    reveal_type(change.event_id)  # str


@threads.on_unknown
def unknown(record: UnknownRecord, context: LambdaContext) -> int:
    reveal_type(record.new_item)  # dict[str, dict[str, Any]] | None
    return 1


@on_message(Body, store=store)
def message(message: Message[Body], context: LambdaContext) -> None:
    reveal_type(message.body.number)  # int


@on_message(Thread)
def whole_item(message: Message[Thread], context: LambdaContext) -> None:
    reveal_type(message.body.subject)  # str


@on_message(dict[str, Any])
def plain(message: Message[dict[str, Any]], context: LambdaContext) -> None:
    reveal_type(message.group)  # str | None


@on_record(bytes)
def record(record: Record[bytes], context: LambdaContext) -> None:
    reveal_type(record.data)  # bytes


@on_event(Body, store=store)
def event(event: BusEvent[Body], context: LambdaContext) -> None:
    reveal_type(event.detail.number)  # int


@on_object(store=store)
def stored(event: ObjectEvent, context: LambdaContext) -> None:
    reveal_type(event.size)  # int | None


@on_notification(str, store=store)
def notified(event: Notification[str], context: LambdaContext) -> None:
    reveal_type(event.message)  # str


@store.idempotent(key=lambda request_id, text: request_id)
def post(request_id: str, text: str) -> dict[str, int]:
    return {"number": 1}


reveal_type(post("a", "b"))  # dict[str, int]
reveal_type(store.once("a", lambda: 1, scope="s"))  # int
reveal_type(db.seconds_left)  # float | None
