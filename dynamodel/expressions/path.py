"""Typed document paths: what `Movie.title` is on the class.

A `Path[T]` leads to a value of type T in an item. Its operators build conditions and update actions,
and accept only operands of type T; which operators there are depends on T, and type checkers know it
without a plugin: each restricted operator states the paths it is for in the type of `self`.

Operands are marshalled at once, by the codec of the attribute, so that a value that does not fit raises
where it was written, with the path.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Literal,
    Protocol,
    TypeAlias,
    TypeVar,
    get_args,
    overload,
)

import attrs

from dynamodel.attribute_value import check_value
from dynamodel.attribute_value.value_codec import ENDLESS
from dynamodel.errors import MarshalError, MarshalFault, RequestError
from dynamodel.expressions.nodes import (
    Action,
    Call,
    Clause,
    Condition,
    DocumentPath,
    Operand,
    Predicate,
    Value,
)
from dynamodel.expressions.size import Size
from dynamodel.expressions.steps import step_into
from dynamodel.types import AttributeType

if TYPE_CHECKING:
    from dynamodel.attribute_value import ValueCodec
    from dynamodel.types import AttributeValue

__all__ = ["Arithmetic", "Path"]

Number: TypeAlias = int | float | Decimal
Ordered: TypeAlias = str | bytes | int | float | Decimal | datetime | date | time | timedelta

T_co = TypeVar("T_co", covariant=True)
F = TypeVar("F")
X = TypeVar("X")

SetOf: TypeAlias = set[X]
"""`set` is a method of Path."""

MAX_IN_OPERANDS = 100
"""AWS developer guide, Condition expressions: IN takes up to 100 values."""

MAX_PATH_STEPS = 32
"""DynamoDB: "The document path has too many nesting levels; nesting levels: 33"."""


class _AttrsDocument(Protocol):
    """A nested attrs class, as mypy sees it."""

    __attrs_attrs__: ClassVar[Any]


class _DataclassDocument(Protocol):
    """A nested attrs class, as pyright sees it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Document: TypeAlias = _AttrsDocument | _DataclassDocument
Encode: TypeAlias = "Callable[[Any], AttributeValue | None]"


class Path(Generic[T_co]):
    """The place of a value of type T in an item; builds conditions and update actions.

    `Movie.info[Info.rank]` leads into a nested attrs class, `Movie.actors[0]` to an element of a list,
    `Movie.labels["de"]` to a value of a map.

    Every operator raises `MarshalError` for an operand that the attribute could not hold, and
    `RequestError` for one that DynamoDB would refuse in that place.
    """

    __slots__ = ("_codec", "_encode", "node")
    __iter__ = None  # a path has __getitem__, and must not be iterated for it

    def __init__(self, node: DocumentPath, codec: ValueCodec, encode: Encode | None = None) -> None:
        self.node = node
        self._codec = codec
        self._encode: Encode = encode or codec.encode

    def __repr__(self) -> str:
        return f"<Path {self.node.owner.__name__}: {self.node}>"

    __hash__ = object.__hash__

    # --- into documents ---

    @overload
    def __getitem__(self: Path[list[X] | None], step: int) -> Path[X]: ...
    @overload
    def __getitem__(self: Path[tuple[X, ...] | None], step: int) -> Path[X]: ...
    @overload
    def __getitem__(self: Path[dict[str, X] | None], step: str) -> Path[X]: ...
    @overload
    def __getitem__(self: Path[Mapping[str, X] | None], step: str) -> Path[X]: ...
    @overload
    def __getitem__(self: Path[Document | None], step: attrs.Attribute[F]) -> Path[F]: ...
    @overload
    def __getitem__(self: Path[Document | None], step: F) -> Path[F]: ...
    def __getitem__(self, step: object) -> Path[Any]:
        if len(self.node.steps) == MAX_PATH_STEPS:
            raise RequestError(f"{self.node}: DynamoDB takes document paths of up to {MAX_PATH_STEPS} steps")
        key, codec, encode = step_into(self._codec, step, str(self.node))
        return Path(attrs.evolve(self.node, steps=(*self.node.steps, key)), codec, encode)

    # --- conditions, all types ---

    # `==` and `!=` build conditions and take one type only, which `object`'s do not: hence the ignores.

    def __eq__(self, other: T_co | Path[T_co]) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Equal. With None (or an empty set), which are stored as absence: the attribute is absent."""
        return self._equality("=", other, "attribute_not_exists")

    def __ne__(self, other: T_co | Path[T_co]) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Not equal, or absent. With None (or an empty set): the attribute is there."""
        return self._equality("<>", other, "attribute_exists")

    def exists(self) -> Condition:
        """The item has a value there."""
        return Predicate("attribute_exists", (self.node,))

    def not_exists(self) -> Condition:
        """The item has no value there."""
        return Predicate("attribute_not_exists", (self.node,))

    def is_type(self, type_: AttributeType) -> Condition:
        """The stored value is of this DynamoDB type."""
        if type_ not in get_args(AttributeType):
            raise RequestError(f"{self.node}.is_type: one of {', '.join(get_args(AttributeType))} is needed")
        return Predicate("attribute_type", (self.node, Value({"S": type_})))

    @overload
    def in_(self, values: Collection[T_co], /) -> Condition: ...
    @overload
    def in_(self, *values: T_co | Path[T_co]) -> Condition: ...
    def in_(self, *values: Any) -> Condition:
        """Equal to one of up to 100 values, given one by one or as one list, tuple or set."""
        alone = values[0] if len(values) == 1 and not self._codec.types & {"L", "SS", "NS", "BS"} else None
        if isinstance(alone, list | tuple | set | frozenset):
            values = tuple(alone)
        if not 1 <= len(values) <= MAX_IN_OPERANDS:
            raise RequestError(
                f"{self.node}.in_: DynamoDB takes 1 to {MAX_IN_OPERANDS} values, not {len(values)}"
            )
        operands = [self._operand(value) for value in values]
        self._require_distinct(operands)
        if isinstance(alone, set | frozenset):  # in the same order whatever PYTHONHASHSEED is
            operands.sort(key=lambda operand: repr(attrs.astuple(operand, recurse=False)))
        return Predicate("IN", (self.node, *operands))

    # --- conditions on ordered scalars ---

    def __lt__(self: Path[Ordered | None], other: T_co | Path[T_co]) -> Condition:
        return self._comparison("<", other)

    def __le__(self: Path[Ordered | None], other: T_co | Path[T_co]) -> Condition:
        return self._comparison("<=", other)

    def __gt__(self: Path[Ordered | None], other: T_co | Path[T_co]) -> Condition:
        return self._comparison(">", other)

    def __ge__(self: Path[Ordered | None], other: T_co | Path[T_co]) -> Condition:
        return self._comparison(">=", other)

    def between(
        self: Path[Ordered | None],
        low: T_co | Path[T_co],
        high: T_co | Path[T_co],
    ) -> Condition:
        """Within both bounds, which belong to it. DynamoDB refuses a low bound above the high one."""
        self._require("between", "S", "N", "B")
        operands = (self._ordered(low), self._ordered(high))
        self._require_distinct(operands)
        if _exceeds(*operands):
            raise RequestError(
                f"{self.node}.between: the low bound is above the high one, or of another type"
            )
        return Predicate("BETWEEN", (self.node, *operands))

    # --- conditions on texts, bytes and collections ---

    @overload
    def begins_with(self: Path[str | None], prefix: str) -> Condition: ...
    @overload
    def begins_with(self: Path[bytes | None], prefix: bytes) -> Condition: ...
    def begins_with(self: Path[Any], prefix: str | bytes) -> Condition:
        """The text, or the bytes, begin so."""
        self._require("begins_with", "S", "B")
        return Predicate("begins_with", (self.node, self._plain(prefix)))

    @overload
    def contains(self: Path[str | None], part: str) -> Condition: ...
    @overload
    def contains(self: Path[bytes | None], part: bytes) -> Condition: ...
    @overload
    def contains(self: Path[list[X] | None], part: X) -> Condition: ...
    @overload
    def contains(self: Path[tuple[X, ...] | None], part: X) -> Condition: ...
    @overload
    def contains(self: Path[SetOf[X] | None], part: X) -> Condition: ...
    @overload
    def contains(self: Path[frozenset[X] | None], part: X) -> Condition: ...
    def contains(self: Path[Any], part: object) -> Condition:
        """The text or bytes have this part; the list or set has this element."""
        self._require("contains", "S", "B", "L", "SS", "NS", "BS")
        plain = self._codec.element is None
        operand = self._plain(part) if plain else _marshal(self._element_codec().encode, part, str(self.node))
        return Predicate("contains", (self.node, operand))

    def size(
        self: Path[str | None]
        | Path[bytes | None]
        | Path[list[Any] | None]
        | Path[tuple[Any, ...] | None]
        | Path[SetOf[Any] | None]
        | Path[frozenset[Any] | None]
        | Path[Mapping[str, Any] | None],
    ) -> Size:
        """The number of characters of a text, of bytes, or of elements; compare it with an int."""
        self._require("size", "S", "B", "L", "M", "SS", "NS", "BS")
        return Size(self.node)

    # --- update actions ---

    def set(self, value: T_co | Path[T_co] | Arithmetic[T_co]) -> Action:
        """Assign a value, another attribute, or `attribute + number`.

        None (unless the attribute stores NULL) and an empty set are stored as absence: they remove.
        """
        if isinstance(value, Path | Arithmetic):
            return Action("SET", self.node, value.node)
        encoded = self._marshal(value)
        return Action("SET", self.node, Value(encoded)) if encoded is not None else self.remove()

    def set_if_not_exists(self, value: T_co | Path[T_co]) -> Action:
        """Assign a value if the item has none there."""
        return Action("SET", self.node, Call("if_not_exists({}, {})", (self.node, self._operand(value))))

    def remove(self) -> Action:
        """Remove the value."""
        return Action("REMOVE", self.node)

    @overload
    def add(self: Path[Number | None], value: T_co | int) -> Action: ...
    @overload
    def add(self: Path[SetOf[X] | None], value: SetOf[X] | frozenset[X]) -> Action: ...
    @overload
    def add(self: Path[frozenset[X] | None], value: SetOf[X] | frozenset[X]) -> Action: ...
    def add(self: Path[Any], value: object) -> Action:
        """Add to a number (0 if absent), or add elements to a set (empty if absent); atomic."""
        self._require("add", "N", "SS", "NS", "BS")
        return self._adjust("ADD", value)

    @overload
    def delete(self: Path[SetOf[X] | None], value: SetOf[X] | frozenset[X]) -> Action: ...
    @overload
    def delete(self: Path[frozenset[X] | None], value: SetOf[X] | frozenset[X]) -> Action: ...
    def delete(self: Path[Any], value: object) -> Action:
        """Take elements out of a set; atomic."""
        self._require("delete", "SS", "NS", "BS")
        return self._adjust("DELETE", value)

    @overload
    def append(self: Path[list[X] | None], *values: X) -> Action: ...
    @overload
    def append(self: Path[tuple[X, ...] | None], *values: X) -> Action: ...
    def append(self: Path[Any], *values: object) -> Action:
        """Add elements at the end of a list; an absent list is taken for an empty one."""
        return self._extend("append", values)

    @overload
    def prepend(self: Path[list[X] | None], *values: X) -> Action: ...
    @overload
    def prepend(self: Path[tuple[X, ...] | None], *values: X) -> Action: ...
    def prepend(self: Path[Any], *values: object) -> Action:
        """Add elements, in this order, at the start of a list; an absent list is taken for an empty one."""
        return self._extend("prepend", values)

    def __add__(self: Path[Number | None], other: T_co | int | Path[T_co]) -> Arithmetic[T_co]:
        return self._arithmetic("{} + {}", other)

    def __sub__(self: Path[Number | None], other: T_co | int | Path[T_co]) -> Arithmetic[T_co]:
        return self._arithmetic("{} - {}", other)

    # --- how they are made ---

    def _require(self, operator: str, *types: AttributeType) -> None:
        """For those who do not run a type checker, and for what it cannot see (an Enum's values)."""
        if not self._codec.types.intersection(types):
            raise RequestError(
                f"{self.node}.{operator}: for values of type {', '.join(types)}; "
                f"this attribute is {', '.join(sorted(self._codec.types))}",
            )

    def _marshal(self, value: object) -> AttributeValue | None:
        return _marshal_or_absent(self._encode, value, str(self.node))

    def _operand(self, value: object) -> Operand:
        if isinstance(value, Path):
            return value.node
        encoded = self._marshal(value)
        if encoded is None:
            raise RequestError(
                f"{self.node}: None and an empty set are stored as absence and cannot be compared or "
                "assigned here; use exists(), not_exists() or remove()",
            )
        return Value(encoded)

    def _require_distinct(self, operands: Iterable[Operand]) -> None:
        if self.node in operands:
            raise RequestError(f"{self.node} is compared with itself; DynamoDB wants two different operands")

    def _plain(self, value: object) -> Value:
        """A part of a text or of bytes, which need not be a value of the attribute itself."""
        if isinstance(value, str):
            encoded: AttributeValue = {"S": value}
        elif isinstance(value, bytes):
            encoded = {"B": value}
        else:
            fault = MarshalFault(str(self.node), type(value).__name__, "str or bytes, as the attribute is")
            raise MarshalError(fault)
        if not encoded.keys() & self._codec.types:
            fault = MarshalFault(str(self.node), type(value).__name__, "the type of the attribute is needed")
            raise MarshalError(fault)
        return Value(_checked(encoded, str(self.node)))

    def _element_codec(self) -> ValueCodec:
        element = self._codec.element
        assert element is not None
        return element

    def _equality(self, operator: str, other: object, if_absent: str) -> Condition:
        if isinstance(other, Path):
            return self._compared(operator, other.node)
        encoded = self._marshal(other)
        return (
            Predicate(if_absent, (self.node,))
            if encoded is None
            else self._compared(operator, Value(encoded))
        )

    def _comparison(self, operator: str, other: object) -> Condition:
        self._require(operator, "S", "N", "B")
        return self._compared(operator, self._ordered(other))

    def _ordered(self, value: object) -> Operand:
        operand = self._operand(value)
        if isinstance(value, time) and value.tzinfo is not None:
            _require_order(value, operand, str(self.node))
        return operand

    def _compared(self, operator: str, operand: Operand) -> Condition:
        self._require_distinct((operand,))
        return Predicate(operator, (self.node, operand))

    def _adjust(self, clause: Clause, value: object) -> Action:
        operand = self._operand(value)
        return Action(clause, self.node, operand)

    def _extend(self, operator: str, values: tuple[object, ...]) -> Action:
        self._require(operator, "L")
        if not values:
            raise RequestError(f"{self.node}.{operator}: give at least one element")
        encode = self._element_codec().encode if self._codec.element else None
        if encode is None:
            raise RequestError(f"{self.node}.{operator}: only for lists whose elements have one type")
        added = Value({"L": [_marshal(encode, value, str(self.node)).value for value in values]})
        present = Call("if_not_exists({}, {})", (self.node, Value({"L": []})))
        operands = (present, added) if operator == "append" else (added, present)
        return Action("SET", self.node, Call("list_append({}, {})", operands))

    def _arithmetic(self, form: Literal["{} + {}", "{} - {}"], other: object) -> Arithmetic[Any]:
        self._require(form[3], "N")
        return Arithmetic(Call(form, (self.node, self._operand(other))))


class Arithmetic(Generic[T_co]):
    """`Thread.replies + 1`: what `set` can assign; DynamoDB computes it exactly, in 38 digits."""

    __slots__ = ("node",)

    def __init__(self, node: Call) -> None:
        self.node = node


def _require_order(value: time, operand: Operand, path: str) -> None:
    """Refuse a time with a zone, unless a hook of the user's stores it in a way of its own."""
    if operand == Value({"S": value.isoformat(timespec="microseconds")}):
        raise RequestError(
            f"{path}: a time with a zone is stored as its own clock shows it, so that the order of the texts "
            "is not that of time; compare with a naive time",
        )


def _exceeds(low: Operand, high: Operand) -> bool:
    """Whether DynamoDB would find the bounds out of order: it compares what is stored, not our values."""
    if not (isinstance(low, Value) and isinstance(high, Value)):
        return False
    [(low_type, least)], [(high_type, most)] = low.value.items(), high.value.items()
    if low_type == high_type == "N":
        return Decimal(least) > Decimal(most)
    return bool(low_type != high_type or least > most)


def _marshal_or_absent(encode: Encode, value: object, path: str) -> AttributeValue | None:
    try:
        encoded = encode(value)
    except MarshalError as error:
        raise error.under(path) from None
    except RecursionError:
        raise MarshalError(MarshalFault(path, type(value).__name__, ENDLESS)) from None
    return None if encoded is None else _checked(encoded, path)


def _marshal(encode: Encode, value: object, path: str) -> Value:
    encoded = _marshal_or_absent(encode, value, path)
    assert encoded is not None  # elements have no way to be absent
    return Value(encoded)


def _checked(encoded: AttributeValue, path: str) -> AttributeValue:
    try:
        check_value(encoded)
    except MarshalError as error:
        raise error.under(path) from None
    return encoded
