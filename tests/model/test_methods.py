"""Methods named on a class know it; called, they do what they do on an instance."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from dynamodel import Attr, Entity, Table, attribute, primary_key
from dynamodel.model.methods import NamedMethod


class Base(Entity):
    number: Attr[int] = attribute()


class Row(Base, table=Table("Rows")):
    by_number = primary_key(Base.number)

    def delete(self) -> Any:
        """Overridden."""
        return super().delete()


@pytest.mark.parametrize("name", ["put", "create", "upsert"])
def test_a_method_named_on_the_class(name: str) -> None:
    named: Any = getattr(Row, name)
    row = Row(number=1)
    assert isinstance(named, NamedMethod)
    assert (named.owner, named.name) == (Row, name)
    assert named == getattr(Row, name) != getattr(Base, name)
    assert hash(named) == hash(getattr(Row, name))
    assert named != name
    assert repr(named) == f"<method Row.{name}>"
    assert type(named(row)) is type(getattr(row, name)())
    assert inspect.getdoc(named) == inspect.getdoc(getattr(row, name))
    assert list(inspect.signature(named).parameters) == ["self"]


def test_on_an_instance_it_is_the_bound_method() -> None:
    row = Row(number=1)
    assert inspect.ismethod(row.put)
    assert row.put.__self__ is row
    assert Row.put(row).request() == row.put().request()


def test_an_override_calls_the_method_of_the_base() -> None:
    assert Row(number=1).delete().request().operation == "DeleteItem"
