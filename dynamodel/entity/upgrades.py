"""Old items: functions that bring what an earlier version of the class stored into today's form.

An item carries the version of the class that wrote it (none: version 1). The upgrade functions of a class
go from 1 upwards, and an old item runs through those it needs when it is read; what is stored does not
change until it is written again, or by a backfill.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from dynamodel.attribute_value.dynamic import DYNAMIC
from dynamodel.errors import MarshalError, MarshalFault, UnreadableItemError
from dynamodel.types import AttributeValue, Item

__all__ = ["ITEM_VERSION", "UpgradeFrom", "Upgrades", "Values", "upgrade_from"]

ITEM_VERSION = "_schema"
"""The stored name of the version of the class that wrote an item: a Number; absent for version 1."""

Values: TypeAlias = dict[str, Any]
"""An item's attributes by stored name, as plain values.

These are str, int or Decimal, bytes, bool, None, list, dict and set.
"""

Function: TypeAlias = Callable[[Values], Values]


class UpgradeFrom:
    """An upgrade function in the body of an entity class."""

    def __init__(self, version: int, function: Function) -> None:
        self.version = version
        self.function: Function = function.__func__ if isinstance(function, staticmethod) else function


def upgrade_from(version: int) -> Callable[[Function], UpgradeFrom]:
    """Declares a function that brings an item of this version into the form of the next one.

    ```
    class Person(Entity, table=people):
        ...
        @upgrade_from(1)
        @staticmethod
        def join_names(values: Values) -> Values:
            values["name"] = f"{values.pop('first')} {values.pop('last')}"
            return values
    ```

    It gets the item's attributes by stored name as plain values, without keys that dynamodel builds, and
    returns them changed. It runs when an old item is read, so it must do the same each time.

    Args:
        version: the version from which it goes to the next one. The first of a class is 1.
    """
    return lambda function: UpgradeFrom(version, function)


@attrs.frozen(eq=False, repr=False)
class Upgrades:
    """The upgrade functions of an entity class."""

    functions: tuple[Function, ...] = ()
    """From version 1 to 2, from 2 to 3, ..."""

    @property
    def current(self) -> int:
        """The version that this class writes."""
        return len(self.functions) + 1

    def stamp(self) -> Item:
        """The attribute that tells the version; none for version 1."""
        return {ITEM_VERSION: {"N": str(self.current)}} if self.functions else {}

    def is_current(self, item: Mapping[str, Any]) -> bool:
        """The item needs no upgrade."""
        if ITEM_VERSION not in item:
            return not self.functions
        return bool(item[ITEM_VERSION] == {"N": str(self.current)})

    def upgraded(self, item: Item, entity: str, built: frozenset[str]) -> Item:
        """The item in today's form, without the attributes named in `built`.

        Raises:
            UnreadableItemError: a function fails, or a later version of the class wrote the item.
        """
        try:
            version = int(item.get(ITEM_VERSION, {"N": "1"})["N"])
            if not 1 <= version <= self.current:
                raise MarshalError(
                    MarshalFault(ITEM_VERSION, "N", f"this class reads versions 1 to {self.current}")
                )
            values = {name: DYNAMIC.decode(value) for name, value in item.items() if name not in built}
            for step, function in enumerate(self.functions[version - 1 :], version):
                values = _applied(function, step, values)
            return {name: _encoded(name, value) for name, value in values.items()}
        except MarshalError as error:
            raise UnreadableItemError(*error.faults, owner=entity, item=item) from None
        except (ValueError, KeyError, TypeError):
            fault = MarshalFault(ITEM_VERSION, "", "this is no version of an item")
            raise UnreadableItemError(fault, owner=entity, item=item) from None


def _encoded(name: str, value: object) -> AttributeValue:
    try:
        return DYNAMIC.encode(value)
    except MarshalError as error:
        raise error.under(name) from None


def _applied(function: Function, version: int, values: Values) -> Values:
    try:
        upgraded = function(values)
    except Exception as error:  # whatever it raises: its text may quote the data
        rule = f"upgrade_from({version}) raised {type(error).__name__}"
        raise MarshalError(MarshalFault("", "", rule)) from None
    if not isinstance(upgraded, dict):
        rule = f"upgrade_from({version}) must return the values, as a dict"
        raise MarshalError(MarshalFault("", type(upgraded).__name__, rule))
    return upgraded
