"""Bad uses of event handlers: each line that ends with `# error` is one, for both checkers; no other is."""

from __future__ import annotations

from events_good import Body, Reply, Thread, app, post, store, threads

from dynamodel.aws_lambda import LambdaContext
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
from dynamodel.aws_lambda.streams import Change, Inserted, UnknownRecord, on_change


@on_change(Thread)  # error
def another_entity(change: Change[Reply], context: LambdaContext) -> None: ...


@on_change(Thread)  # error
def one_kind_alone(change: Inserted[Thread], context: LambdaContext) -> None: ...


@on_change(Thread)  # error
def no_context(change: Change[Thread]) -> None: ...


@threads.on_change(Reply)  # error
def another_entity_again(change: Change[Thread], context: LambdaContext) -> None: ...


@threads.on_unknown  # error
def no_record(change: Change[Thread], context: LambdaContext) -> None: ...


@on_message(Body)  # error
def another_body(message: Message[str], context: LambdaContext) -> None: ...


@on_record(bytes)  # error
def other_data(record: Record[str], context: LambdaContext) -> None: ...


@on_event(Body, store=store)  # error
def another_detail(event: BusEvent[str], context: LambdaContext) -> None: ...


@on_object(store=store)  # error
def another_event(event: BusEvent[Body], context: LambdaContext) -> None: ...


@on_notification(str, store=store)  # error
def another_message(event: Notification[Body], context: LambdaContext) -> None: ...


def right(event: ObjectEvent, context: LambdaContext) -> None: ...


def unknown(record: UnknownRecord, context: LambdaContext) -> None: ...


on_object()  # error
on_event(Body)  # error
on_change(Body)  # error
on_change(app)  # error
on_change(Thread, patterns=[1])  # error
on_change(Thread, store=app)  # error
IdempotencyStore(Thread)  # error
IdempotencyStore(app, lifetime=60)  # error
store.once(1, lambda: None, scope="s")  # error
store.once("a", lambda: None)  # error
store.idempotent(key="a")  # error
post(1, "b")  # error
post("a")  # error
