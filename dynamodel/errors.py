"""Every error that dynamodel raises, as one tree.

DynamodelError
├── DeclarationError (TypeError)          a class or table breaks a rule; carries all faults at once
├── MissingExtraError (ImportError)       an optional dependency is not installed; names the extra
├── MarshalError (ValueError)             a value and its attribute do not fit; nothing was sent
│   ├── UnreadableItemError               one stored item does not fit its entity
│   └── UnreadableItemsError              some items of a page do not; the others are on the error
├── ReadCapError (RuntimeError)           an iteration or a count came to its page or item cap
├── RequestError (ValueError)             refused before sending
│   └── CursorError                       a cursor that this query did not make, or that has expired
└── ServiceError (RuntimeError)           DynamoDB's answer, by its code
    ├── BatchGetError                     some items of a batch were not read; carries the others
    ├── BatchWriteError                   some writes of a batch were not done; carries them
    ├── ConditionFailedError              the condition did not hold; carries the old item
    │   └── UniqueConstraintError         another item has a value that is unique
    ├── DeadlineError (TimeoutError)      the time that a Lambda function has left does not suffice
    ├── ItemCollectionFullError           10 GB for one partition key of a table with local indexes
    ├── TableNotFoundError (LookupError)
    ├── TableInUseError                   it exists already, or is being changed
    ├── ThrottledError                    too many requests, after the transport's own retries
    ├── TransactionCanceledError          nothing of a transaction was done; a reason for each operation
    └── UnreachableError (ConnectionError)  no answer, or one that was cut short

Guarantee: no message contains a value from an item. Programs branch on the class or on
`ServiceError.code`, never on text, because AWS changes its texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from dynamodel.types import Item

__all__ = [
    "BatchGetError",
    "BatchWriteError",
    "ConditionFailedError",
    "CursorError",
    "DeadlineError",
    "DeclarationError",
    "DynamodelError",
    "Fault",
    "ItemCollectionFullError",
    "MarshalError",
    "MarshalFault",
    "MissingExtraError",
    "ReadCapError",
    "RequestError",
    "ServiceError",
    "TableInUseError",
    "TableNotFoundError",
    "ThrottledError",
    "TransactionCanceledError",
    "UniqueConstraintError",
    "UnreachableError",
    "UnreadableItemError",
    "UnreadableItemsError",
    "service_error",
]


E = TypeVar("E", bound=Exception)


class DynamodelError(Exception):
    """The root: `except DynamodelError` catches all that this library raises by itself."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes (pickle), whatever their constructors take."""
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(cls: type[E], args: tuple[object, ...], state: dict[str, object]) -> E:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class Fault(NamedTuple):
    """One broken rule of a declaration."""

    place: str
    """Where it stands: `Thread.last_post_at`, `Table 'Movies'`, `Thread.latest (LastPostIndex)`."""
    rule: str
    """What AWS or dynamodel asks for, and what was found instead."""

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}"


class DeclarationError(DynamodelError, TypeError):
    """A class or a table breaks rules of DynamoDB or of dynamodel.

    `faults` has every one of them, so that one run of the program shows all there is to mend.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class MissingExtraError(DynamodelError, ImportError):
    """An optional part of dynamodel was used without its dependencies."""

    def __init__(self, part: str, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{part} needs the extra {extra!r}: pip install 'dynamodel-orm[{extra}]'",
        )


class MarshalFault(NamedTuple):
    """One value that does not fit its attribute."""

    path: str
    """The document path of the value, such as `info.ratings[3]`; empty for the value itself."""
    value_type: str
    """The value's type: a Python type when writing, an AttributeValue's descriptor when reading."""
    rule: str
    """What the attribute or DynamoDB asks for."""

    def __str__(self) -> str:
        return self.told_of("")

    def told_of(self, owner: str) -> str:
        """The fault as a line about a value of the entity `owner`."""
        place = ".".join(part for part in (owner, self.path) if part)
        found = f", found {self.value_type}" if self.value_type else ""
        return f"{place}: {self.rule}{found}" if place else f"{self.rule}{found}"


class MarshalError(DynamodelError, ValueError):
    """Values that cannot become AttributeValues, or AttributeValues that cannot become values.

    `path`, `value_type` and `rule` are those of the first fault; `faults` has all of them.
    """

    def __init__(self, *faults: MarshalFault, owner: str = "") -> None:
        self.faults = faults
        self.owner = owner
        """The entity's name, where it is known."""
        super().__init__("\n".join(fault.told_of(owner) for fault in faults))

    @property
    def path(self) -> str:
        """The document path of the first value at fault."""
        return self.faults[0].path

    @property
    def value_type(self) -> str:
        """The type of the first value at fault."""
        return self.faults[0].value_type

    @property
    def rule(self) -> str:
        """The rule that the first value at fault breaks."""
        return self.faults[0].rule

    def under(self, step: str) -> MarshalError:
        """The same error seen from one level further up: `step` is a name, or an index as `[3]`."""
        return MarshalError(*(fault._replace(path=_join(step, fault.path)) for fault in self.faults))


def _join(step: str, path: str) -> str:
    return step + path if not path or path.startswith("[") else f"{step}.{path}"


class UnreadableItemError(MarshalError):
    """A stored item that does not fit its entity. `item` is the item as it is stored, as boto3 takes it."""

    def __init__(self, *faults: MarshalFault, owner: str = "", item: Item | None = None) -> None:
        super().__init__(*faults, owner=owner)
        self.item: Item = item or {}


class UnreadableItemsError(MarshalError):
    """Some stored items of a read do not fit their entity; nothing is lost.

    Attributes:
        items: of a query or scan: all the readable ones, in order. Of a batch or a transaction: what each
            place has, which is the entity, None for an absent item, or the error of an unreadable one.
        unreadable: one error for each of the others, with the item as it is stored.
        cursor: of a page: where the next one begins; None at the end.
        unknown: of a collection: the items of none of its entities, as they are stored.
    """

    def __init__(
        self,
        unreadable: Sequence[UnreadableItemError],
        items: Sequence[object] = (),
        cursor: str | None = None,
        unknown: Sequence[Item] = (),
    ) -> None:
        super().__init__(
            *(fault for error in unreadable for fault in error.faults), owner=unreadable[0].owner
        )
        self.args = (_summary(unreadable),)
        self.items = tuple(items)
        self.unreadable = tuple(unreadable)
        self.cursor = cursor
        self.unknown = tuple(unknown)


def _summary(unreadable: Sequence[UnreadableItemError], most: int = 5) -> str:
    count = "1 item is" if len(unreadable) == 1 else f"{len(unreadable)} items are"
    lines = [f"{count} not readable:", *(str(error) for error in unreadable[:most])]
    if len(unreadable) > most:
        lines.append(f"... and {len(unreadable) - most} more")
    return "\n".join(lines)


class RequestError(DynamodelError, ValueError):
    """A request that DynamoDB would refuse, or that would do what nobody wants. It was not sent."""


class CursorError(RequestError):
    """A cursor that is damaged, was changed, has expired, or belongs to another query, context or client."""


class ReadCapError(DynamodelError, RuntimeError):
    """An iteration or a count came to its page or item cap, and there may be more. What came is still there.

    Reading on without an end would be paid for without an end; `.cap(...)` raises the cap.
    """


class ServiceError(DynamodelError, RuntimeError):
    """DynamoDB refused the request, or failed.

    Attributes:
        code: DynamoDB's error code, such as `ValidationException`.
        message: DynamoDB's text; for people only.
        operation: the API operation, such as `PutItem`.
        entity: the name of the entity or table that the operation was about; empty if there is none.
        details: the rest of the service's answer (`Item`, `CancellationReasons`, ...).
    """

    def __init__(
        self,
        code: str,
        message: str,
        operation: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.operation = operation
        self.details: Mapping[str, object] = details or {}
        self.entity = ""
        super().__init__(message)

    def __str__(self) -> str:
        about = f" on {self.entity}" if self.entity else ""
        return f"{self.operation}{about}: {self.code}: {self._explanation()}"

    def _explanation(self) -> str:
        return self.message


class ConditionFailedError(ServiceError):
    """The condition of a write did not hold.

    Attributes:
        old_item: the entity that is stored. None: there is no such item, or it does not fit its entity.
        unreadable: why what is stored does not fit its entity, and the item as it is stored; else None.
    """

    old_item: object | None = None
    unreadable: UnreadableItemError | None = None


class UniqueConstraintError(ConditionFailedError):
    """Another item has a value that the entity declares to be unique.

    Attributes:
        constraint: the constraint, as `User.by_email`.
    """

    constraint: str = ""


class DeadlineError(ServiceError, TimeoutError):
    """The time that is left does not suffice for another request, so that none was sent.

    Attributes:
        was_sent: whether an attempt before this one was sent and had no answer: whether a write was done is
            then unknown.
    """

    def __init__(self, operation: str, *, was_sent: bool) -> None:
        before = "an attempt before had no answer" if was_sent else "nothing was sent"
        message = f"the time that is left does not suffice for a request; {before}"
        super().__init__("DeadlineExceeded", message, operation)
        self.was_sent = was_sent

    def __new__(cls, *args: object, **_: object) -> Self:
        """Of the two builtins that it inherits, TimeoutError decides how it is made."""
        return TimeoutError.__new__(cls, *args)


class TransactionCanceledError(ServiceError):
    """A transaction was canceled: nothing of it was done.

    Attributes:
        reasons: one for each operation, in their order. None: it is not to blame. Else the error that it
            would have had by itself, with the same class and code: `ConditionFailedError` with the old item,
            `UniqueConstraintError`, `ItemCollectionFullError`, `ThrottledError`, or a `ServiceError` such as
            `TransactionConflictException` or `ValidationException`.
    """

    reasons: tuple[ServiceError | None, ...] = ()

    @property
    def cancellation_reasons(self) -> Sequence[Mapping[str, Any]]:
        """DynamoDB's own list of reasons, one for each action."""
        told: Any = self.details.get("CancellationReasons", ())
        return told if isinstance(told, list) else ()

    def _explanation(self) -> str:
        blamed = (
            f"reasons[{position}] ({reason.entity}): {reason.code}"
            for position, reason in enumerate(self.reasons)
            if reason is not None
        )
        return ", ".join(blamed) or self.message


class BatchGetError(ServiceError):
    """Some items of a batch were not read, in any attempt; the others were.

    Attributes:
        results: what each place has: the entity; None for an absent item, or one that was not read; the
            `UnreadableItemError` of one that does not fit its entity.
        unread: the gets that were not done, in the order of the input.
        reasons: for each of them the error of its last request; None: DynamoDB left it unprocessed, or it
            was not asked for, because nothing got on any more.
        code: that of the first reason, or `UnprocessedKeys`.
    """

    def __init__(
        self, results: Sequence[Any], unread: Sequence[Any], reasons: Sequence[DynamodelError | None]
    ) -> None:
        codes = [_code(reason, "UnprocessedKeys") for reason in reasons]
        message = f"{len(codes)} of {len(results)} items were not read ({_counted(codes)})"
        super().__init__(codes[0], message, "BatchGetItem")
        self.results = list(results)
        self.unread = tuple(unread)
        self.reasons = tuple(reasons)


class BatchWriteError(ServiceError):
    """Some writes of a batch were not done; all others were.

    Attributes:
        unwritten: those writes, in the order of the input; `batch_write(*error.unwritten)` tries them again.
        reasons: for each of them its error; None: DynamoDB left it unprocessed, or it was not sent, because
            nothing got on any more. If it is an `UnreachableError`, whether the write was done is unknown.
        code: that of the first reason, or `UnprocessedItems`.
    """

    def __init__(self, unwritten: Sequence[Any], reasons: Sequence[DynamodelError | None]) -> None:
        codes = [_code(reason, "UnprocessedItems") for reason in reasons]
        message = f"writes that were not done: {len(codes)} ({_counted(codes)})"
        super().__init__(codes[0], message, "BatchWriteItem")
        self.unwritten = tuple(unwritten)
        self.reasons = tuple(reasons)


def _code(reason: DynamodelError | None, without: str) -> str:
    if reason is None:
        return without
    return reason.code if isinstance(reason, ServiceError) else type(reason).__name__


def _counted(codes: Sequence[str]) -> str:
    return ", ".join(f"{code}: {codes.count(code)}" for code in dict.fromkeys(codes))


class ItemCollectionFullError(ServiceError):
    """All items of one partition key, with their local index entries, exceed 10 GB; do not retry."""


class TableNotFoundError(ServiceError, LookupError):
    """There is no such table in this account and region."""


class TableInUseError(ServiceError):
    """The table exists already, or is being created, changed or deleted."""


class ThrottledError(ServiceError):
    """Capacity or a quota is used up; the transport retried before it gave up."""


class UnreachableError(ServiceError, ConnectionError):
    """No answer came, or it was cut short: whether a write was done is unknown."""

    def __new__(cls, *args: object, **_: object) -> Self:
        """Of the two builtins that it inherits, ConnectionError decides how it is made."""
        return ConnectionError.__new__(cls, *args)


_BY_CODE: dict[str, type[ServiceError]] = {
    "ConditionalCheckFailedException": ConditionFailedError,
    "ItemCollectionSizeLimitExceededException": ItemCollectionFullError,
    "ResourceNotFoundException": TableNotFoundError,
    "TableNotFoundException": TableNotFoundError,
    "ResourceInUseException": TableInUseError,
    "TableInUseException": TableInUseError,
    "ProvisionedThroughputExceededException": ThrottledError,
    "ThrottlingException": ThrottledError,
    "RequestLimitExceeded": ThrottledError,
    "TransactionCanceledException": TransactionCanceledError,
}


def service_error(
    code: str,
    message: str,
    operation: str,
    details: Mapping[str, object] | None = None,
) -> ServiceError:
    """The error for one of DynamoDB's codes."""
    return _BY_CODE.get(code, ServiceError)(code, message, operation, details)
