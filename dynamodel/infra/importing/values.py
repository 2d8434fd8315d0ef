"""Values of the schema layer as Python source: `Encryption.customer_managed(key)`, `Throughput(5, 5)`.

What is a default is left out, so that a declaration says what is special about its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from dynamodel.infra.importing.layout import Call, Expression, call, dictionary, listed, text
from dynamodel.schema.indexes import Projection
from dynamodel.schema.references import Parameter, Sub
from dynamodel.schema.settings import Encryption, EncryptionKey

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Values"]

_POSITIONAL = frozenset(
    {
        "AutoScaling",
        "GetAtt",
        "ImportSource",
        "ImportValue",
        "KinesisStream",
        "Parameter",
        "Ref",
        "Replica",
        "Throughput",
        "VectorIndex",
    }
)
"""The classes whose required fields are given by position."""


class Values:
    """Writes values, and remembers what the module has to import."""

    def __init__(self, parameter_name: Callable[[Parameter], str]) -> None:
        """Args: parameter_name: the variable that holds a parameter."""
        self.imports: set[str] = set()
        """Names of `dynamodel`."""
        self._writers: tuple[tuple[type, Callable[[Any], Expression]], ...] = (
            (Enum, lambda value: f"{self.used(type(value).__name__)}.{value.name}"),
            (str, text),
            (Parameter, parameter_name),
            (Sub, self._sub),
            (Encryption, self._encryption),
            (Projection, self._projection),
            (Mapping, lambda value: dictionary((str(self.of(key)), self.of(value[key])) for key in value)),
            (list, lambda value: listed(map(self.of, value))),
            (tuple, self._tuple),
        )

    def of(self, value: object) -> Expression:
        """The source of a value."""
        for kind, write in self._writers:
            if isinstance(value, kind):
                return write(value)
        return self.made(value) if attrs.has(type(value)) else repr(value)

    def used(self, name: str) -> str:
        """A name that the module imports from dynamodel."""
        self.imports.add(name)
        return name

    def made(self, value: Any) -> Call:
        """The call that makes an attrs object, without the defaults."""
        cls = type(value)
        arguments: list[Expression] = []
        keywords: dict[str, Expression] = {}
        by_position = cls.__name__ in _POSITIONAL
        for field in attrs.fields(cls):
            found = getattr(value, field.name)
            required = field.default is attrs.NOTHING
            if required and by_position and not field.kw_only:
                arguments.append(self.of(found))
            elif required or found != _default(field):
                keywords[field.name] = self.of(found)
        return self._call(cls.__name__, *arguments, **keywords)

    def _call(self, name: str, /, *arguments: Expression, **keywords: Expression) -> Call:
        return call(self.used(name), *arguments, **keywords)

    def _sub(self, value: Sub) -> Expression:
        return self._call("Sub", text(value.text), **{k: self.of(v) for k, v in value.values.items()})

    def _encryption(self, value: Encryption) -> Expression:
        if value.key_owner is EncryptionKey.CUSTOMER_MANAGED and value.key is not None:
            return call(f"{self.used('Encryption')}.customer_managed", self.of(value.key))
        return f"{self.used('Encryption')}.{value.key_owner.name}"

    def _projection(self, value: Projection) -> Expression:
        if value.type == "INCLUDE":
            return call(f"{self.used('Projection')}.include", *(text(name) for name in value.names))
        return f"{self.used('Projection')}.{value.type}"

    def _tuple(self, value: tuple[object, ...]) -> Expression:
        parts = tuple(("", self.of(part)) for part in value)
        return Call("(", parts, ",)" if len(parts) == 1 else ")")


def _default(field: attrs.Attribute[Any]) -> object:
    default: Any = field.default
    return default.factory() if hasattr(default, "factory") else default
