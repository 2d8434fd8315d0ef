"""Entity classes: every fault of a declaration with its place, and what a sound one gives."""

from __future__ import annotations

import copy
import pickle
import types
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import attrs
import pytest

import dynamodel
from dynamodel import (
    Attr,
    DeclarationError,
    Entity,
    MarshalError,
    Projection,
    RequestError,
    Table,
    attribute,
    global_index,
    item_size,
    local_index,
    primary_key,
    unknown_attributes,
)
from dynamodel.expressions.path import Path


class Colour(Enum):
    RED = "red"


class Elsewhere(Entity, table=Table("Elsewhere")):
    own: Attr[str] = attribute()
    by_own = primary_key(own)


ELSEWHERE_OWN = vars(Elsewhere)["own"]


def declared(
    types_: dict[str, Any], /, name: str = "Thing", table: Any = "new", base: type = Entity, **body: Any
):
    """A class made of annotations and a body, as a class statement makes it."""
    annotations = {key: Attr[value] if key[0] != "!" else value for key, value in types_.items()}
    annotations = {key.lstrip("!"): value for key, value in annotations.items()}
    namespace = {"__annotations__": annotations, "__module__": __name__, "__qualname__": name, **body}
    table = Table("Things") if table == "new" else table
    return types.new_class(name, (base,), {"table": table}, lambda made: made.update(namespace))


def keyed(types_: dict[str, Any], **body: Any):
    """The same with a primary key `by_id`."""
    key = attribute()
    return declared({"id": str, **types_}, id=key, by_id=primary_key(key), **body)


def no_key():
    declared({"a": str}, a=attribute())


def two_keys():
    a, b = attribute(), attribute()
    declared({"a": str, "b": str}, a=a, b=b, by_a=primary_key(a), by_b=primary_key(b))


def foreign_key():
    declared({"a": str}, a=attribute(), by_own=primary_key(ELSEWHERE_OWN))


def foreign_path():
    declared({"a": str}, a=attribute(), by_own=primary_key(Elsewhere.own))


def key_of_no_attribute():
    declared({"a": str}, a=attribute(), by_a=primary_key("a"))


def key_of(type_: Any, **settings: Any) -> Callable[[], Any]:
    def declare() -> Any:
        key = attribute(**settings)
        return declared({"a": type_}, a=key, by_a=primary_key(key))

    return declare


def index_key_of(type_: Any, **settings: Any) -> Callable[[], Any]:
    def declare() -> Any:
        part = attribute(**settings)
        return keyed({"a": type_}, a=part, by_a=global_index("by-a", part))

    return declare


def one_attribute(type_: Any, **settings: Any) -> Callable[[], Any]:
    return lambda: keyed({"a": type_}, a=attribute(**settings))


def local_without_its_key():
    other = attribute()
    keyed({"a": str}, a=other, latest=local_index("latest", vars(Elsewhere)["by_own"], other))


def local_of_no_key():
    other = attribute()
    keyed({"a": str}, a=other, latest=local_index("latest", "by_id", other))


def local_without_sort_key():
    key, other = attribute(), attribute()
    primary = primary_key(key)
    declared(
        {"id": str, "a": str}, id=key, a=other, by_id=primary, latest=local_index("latest", primary, other)
    )


def projection_and_include():
    part, other = attribute(), attribute()
    index = global_index("by-a", part, projection=Projection.KEYS_ONLY, include=[other])
    keyed({"a": str, "b": str}, a=part, b=other, by_a=index)


def include_of_another_class():
    part = attribute()
    keyed({"a": str}, a=part, by_a=global_index("by-a", part, include=[ELSEWHERE_OWN]))


def bad_index_name():
    part = attribute()
    keyed({"a": str}, a=part, by_a=global_index("x", part))


def five_parts():
    parts = [attribute() for _ in range(5)]
    fields = {f"a{i}": part for i, part in enumerate(parts)}
    keyed(dict.fromkeys(fields, str), **fields, by_all=global_index("by-all", tuple(parts)))


def two_indexes_of_one_name():
    part, other = attribute(), attribute()
    keyed(
        {"a": str, "b": str},
        a=part,
        b=other,
        by_a=global_index("same", part),
        by_b=global_index("same", other),
    )


def second_entity_with_another_key():
    table = Table("Shared")
    first, second = attribute("pk"), attribute("other")
    declared({"a": str}, name="First", table=table, a=first, by_a=primary_key(first))
    declared({"a": str}, name="Second", table=table, a=second, by_a=primary_key(second))


def time_to_live_of_a_text():
    key = attribute()
    declared(
        {"id": str, "ends": str},
        table=Table("Things", time_to_live="ends"),
        id=key,
        ends=attribute(),
        by_id=primary_key(key),
    )


FAULTS = [
    ("no primary key", no_key, "Thing", "no primary key"),
    ("two primary keys", two_keys, "Thing", "by_a, by_b"),
    ("no annotation", lambda: keyed({}, a=attribute()), "Thing.a", "needs its type"),
    ("no Attr in the annotation", lambda: keyed({"!a": str}, a=attribute()), "Thing.a", "Attr"),
    ("Attr without a type", lambda: keyed({"!a": Attr}, a=attribute()), "Thing.a", "Attr"),
    ("a plain annotation", lambda: keyed({"!a": str}), "Thing.a", "no attribute"),
    ("a plain annotation with a default", lambda: keyed({"!a": str}, a="x"), "Thing.a", "no attribute"),
    (
        "an unresolvable annotation",
        lambda: keyed({"!a": "Attr[Nowhere]"}, a=attribute()),
        "Thing.a",
        "Nowhere",
    ),
    (
        "an annotation that is no Python",
        lambda: keyed({"!a": "Attr[str"}, a=attribute()),
        "Thing.a",
        "resolved",
    ),
    ("an unknown type", one_attribute(complex), "Thing.a", "complex"),
    ("a set of lists", one_attribute(set[tuple[int, ...]]), "Thing.a", "set"),
    ("a mutable default", one_attribute(list[str], default=[]), "Thing.a", "factory=list"),
    ("a dict as default", one_attribute(dict[str, str], default={}), "Thing.a", "factory=dict"),
    ("a set as default", one_attribute(set[str], default=set()), "Thing.a", "factory=set"),
    ("a default of a wrong type", one_attribute(int, default="x"), "Thing.a", "default"),
    ("a default and a factory", one_attribute(str, default="", factory=str), "Thing.a", "one of them"),
    ("a factory that is none", one_attribute(str, factory="x"), "Thing.a", "callable"),
    ("an empty stored name", one_attribute(str, name=""), "Thing.a", "1 to"),
    ("a long stored name", one_attribute(str, name="é" * 32768), "Thing.a", "65535"),
    ("a stored name that is no text", one_attribute(str, name=3), "Thing.a", "str"),
    ("a stored name with a surrogate", one_attribute(str, name="\ud800"), "Thing.a", "Unicode"),
    (
        "one stored name for two",
        lambda: keyed({"a": str, "b": str}, a=attribute("x"), b=attribute("x")),
        "Thing.b",
        "'x'",
    ),
    ("the name of put", lambda: keyed({"put": str}, put=attribute()), "Thing.put", "Entity uses"),
    ("the name of create", lambda: keyed({"create": str}, create=attribute()), "Thing.create", "Entity uses"),
    ("the name of delete", lambda: keyed({"delete": str}, delete=attribute()), "Thing.delete", "Entity uses"),
    ("the name of scan", lambda: keyed({"scan": str}, scan=attribute()), "Thing.scan", "Entity uses"),
    (
        "an index named scan",
        lambda: keyed({"a": str}, a=(part := attribute()), scan=global_index("by-a", part)),
        "Thing.scan",
        "Entity uses",
    ),
    ("null without None", one_attribute(str, null=True), "Thing.a", "None"),
    ("an optional set", one_attribute(set[str] | None, default=None), "Thing.a", "null=True"),
    ("an attribute of another class in a key", foreign_key, "Thing.by_own", "another class"),
    ("a path of another class in a key", foreign_path, "Thing.by_own", "another class"),
    ("a name as a key", key_of_no_attribute, "Thing.by_a", "str"),
    ("a list as a key", key_of(list[str]), "Thing.a", "key"),
    ("a bool as a key", key_of(bool), "Thing.a", "key"),
    ("a set as a key", key_of(set[str]), "Thing.a", "key"),
    ("a map as a key", key_of(dict[str, str]), "Thing.a", "key"),
    ("anything as a key", key_of(Any), "Thing.a", "key"),
    ("a union as a key", key_of(int | str), "Thing.a", "key"),
    ("an optional primary key", key_of(str | None), "Thing.a", "None"),
    ("a primary key that is NULL", key_of(str | None, null=True), "Thing.a", "NULL"),
    ("an index key that is NULL", index_key_of(str | None, default=None, null=True), "Thing.a", "NULL"),
    ("a list as an index key", index_key_of(list[str]), "Thing.a", "key"),
    ("a bool as an index key", index_key_of(bool | None, default=None), "Thing.a", "key"),
    ("a long key name", key_of(str, name="x" * 256), "Thing.by_a", "255"),
    ("a local index of another key", local_without_its_key, "Thing.latest", "primary key"),
    ("a local index of no key", local_of_no_key, "Thing.latest", "primary key"),
    (
        "a local index of a table without sort key",
        local_without_sort_key,
        "Thing.latest (latest)",
        "sort key",
    ),
    ("a projection and include", projection_and_include, "Thing.by_a", "not both"),
    ("include of another class", include_of_another_class, "Thing.by_a", "another class"),
    ("a short index name", bad_index_name, "Thing.by_a (x)", "3"),
    ("five partition attributes", five_parts, "Thing.by_all (by-all)", "4"),
    ("two indexes of one name", two_indexes_of_one_name, "Thing.by_b (same)", "same"),
    ("a table that is none", lambda: keyed({}, table="Things"), "Thing", "Table"),
    ("another key than the table's", second_entity_with_another_key, "Second.by_a", "key"),
    ("a time to live that is a text", time_to_live_of_a_text, "Thing", "time to live"),
]


@pytest.mark.parametrize(
    ("declare", "place", "words"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)
def test_faults(declare, place, words):
    with pytest.raises(DeclarationError) as caught:
        declare()
    assert isinstance(caught.value, TypeError)
    places = {fault.place: fault.rule for fault in caught.value.faults}
    assert any(at == place and words in rule for at, rule in caught.value.faults), places
    assert len(set(caught.value.faults)) == len(caught.value.faults)


def test_all_faults_at_once():
    with pytest.raises(DeclarationError) as caught:
        declared(
            {"a": str, "b": list[str], "!c": str, "put": str, "e": complex},
            a=(a := attribute()),
            b=(b := attribute(default=[])),
            put=attribute(),
            d=attribute(),
            e=attribute(),
            by_a=primary_key(a),
            by_b=global_index("x", b),
            by_other=global_index("by-other", ELSEWHERE_OWN),
        )
    assert {fault.place for fault in caught.value.faults} >= {
        "Thing.b",
        "Thing.c",
        "Thing.d",
        "Thing.e",
        "Thing.put",
        "Thing.by_other",
    }
    assert str(caught.value).count("\n") == len(caught.value.faults) - 1


def test_a_refused_class_leaves_the_table_as_it_was():
    table = Table("Things")
    for _ in range(2):
        with pytest.raises(DeclarationError):
            declared({"a": complex}, table=table, a=(a := attribute()), by_a=primary_key(a))
    assert table.entities == ()
    declared({"a": int}, table=table, a=(a := attribute()), by_a=primary_key(a))
    assert table.definition.key.partition == (("a", "N"),)


# --- sound declarations ---


class Stamped(Entity):
    created: Attr[datetime | None] = attribute("createdAt", default=None)
    note: Attr[str] = attribute(default="")


class Order(Stamped, table=Table("Orders")):
    customer: Attr[UUID] = attribute()
    number: Attr[int] = attribute()
    colour: Attr[Colour | None] = attribute(default=None)
    tags: Attr[set[str]] = attribute(factory=set)
    title: Attr[str]
    LIMIT: ClassVar[int] = 3
    kind: ClassVar = "order"
    by_customer = primary_key(customer, number)
    by_creation = local_index("by-creation", by_customer, Stamped.created)
    by_colour = global_index("by-colour", colour, number, include=[Stamped.note])

    @property
    def label(self) -> str:
        return f"{self.title} {self.number}"

    def is_small(self) -> bool:
        return self.number < self.LIMIT


CUSTOMER = UUID(int=7)


def order(**more: Any) -> Order:
    return Order(**{"customer": CUSTOMER, "number": 1, "title": "a", **more})


def test_a_base_without_a_table():
    assert order(note="x").put().item == {
        "customer": {"S": str(CUSTOMER)},
        "number": {"N": "1"},
        "title": {"S": "a"},
        "note": {"S": "x"},
    }
    names = {attribute.name for attribute in Order.by_customer._schema.table.definition.key_attributes}
    assert names == {"customer", "number", "createdAt", "colour"}
    with pytest.raises(DeclarationError, match="no table"):
        Stamped().put()
    with pytest.raises(DeclarationError, match="no table"):
        Stamped.scan()
    assert isinstance(order(), Stamped)


def test_two_heirs_of_one_base():
    class Invoice(Stamped, table=Table("Invoices")):
        number: Attr[int] = attribute()
        by_number = primary_key(number)

    assert Invoice(number=1, note="n").put().item == {"number": {"N": "1"}, "note": {"S": "n"}}
    assert isinstance(Invoice.note, Path)
    with pytest.raises(RequestError, match=r"Order\.note"):
        Invoice.by_number.query(1).filter(Order.note == "a")
    with pytest.raises(RequestError, match=r"write Invoice\.note"):
        Invoice.by_number.query(1).filter(Stamped.note == "a")


def test_a_base_with_its_primary_key():
    class Keyed(Entity):
        key: Attr[str] = attribute()
        by_id = primary_key(key)

    class First(Keyed, table=Table("Firsts")):
        one: Attr[str] = attribute(default="")

    class Second(Keyed, table=Table("Seconds")):
        two: Attr[str] = attribute(default="")

    assert First.by_id.get("a").request().parameters["TableName"] == "Firsts"
    assert Second.by_id.get("a").request().parameters["TableName"] == "Seconds"
    with pytest.raises(DeclarationError, match="no table"):
        Keyed.by_id


def test_an_heir_replaces_an_attribute():
    class Heir(Stamped, table=Table("Heirs")):
        note: Attr[str] = attribute("n", default="other")
        key: Attr[str] = attribute()
        by_id = primary_key(key)

    assert Heir(key="a").put().item == {"key": {"S": "a"}, "n": {"S": "other"}}


def test_a_class_in_a_function_with_local_types():
    @attrs.define
    class Local:
        value: int

    Alias = dict[str, Local]

    class Inside(Entity, table=Table("Inside")):
        key: Attr[str] = attribute()
        part: Attr[Local] = attribute()
        parts: Attr[Alias] = attribute(factory=dict)
        by_id = primary_key(key)

    entity = Inside(key="a", part=Local(1), parts={"x": Local(2)})
    assert entity.put().item["parts"] == {"M": {"x": {"M": {"value": {"N": "2"}}}}}


PLAIN = """
from dynamodel import *

class Plain(Entity, table=Table("Plain")):
    key: Attr[str] = attribute()
    count: Attr[int] = attribute("n", default=0)
    more: Attr[bytes | None]
    by_key = primary_key(key)
"""


@pytest.mark.parametrize("first_line", ["", "from __future__ import annotations"])
def test_annotations_as_types_and_as_strings(first_line):
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile(first_line + PLAIN, "plain", "exec", dont_inherit=True), namespace)
    assert namespace["Plain"](key="a", more=None).put().item == {"key": {"S": "a"}, "n": {"N": "0"}}


def test_annotations_through_the_module():
    class Qualified(dynamodel.Entity, table=dynamodel.Table("Qualified")):
        key: dynamodel.Attr[str] = dynamodel.attribute()
        more: dynamodel.Attr[Decimal]
        by_id = dynamodel.primary_key(key)

    assert Qualified(key="a", more=Decimal("1.0")).put().item == {"key": {"S": "a"}, "more": {"N": "1"}}


def test_a_class_is_defined_again():
    table = Table("Reloaded")

    def define(stored_name: str) -> Any:
        class Again(Entity, table=table):
            key: Attr[str] = attribute()
            value: Attr[str | None] = attribute(stored_name, default=None)
            by_id = primary_key(key)
            by_value = global_index("by-value", value)

        return Again

    first, second = define("one"), define("two")
    assert table.entities == ("Again",)
    assert {attribute.name for attribute in table.definition.key_attributes} == {"key", "two"}
    assert first(key="a", value="v").put().item == {"key": {"S": "a"}, "one": {"S": "v"}}
    assert second(key="a", value="v").put().item == {"key": {"S": "a"}, "two": {"S": "v"}}


def test_the_class_shows_paths_and_the_instance_values():
    assert isinstance(Order.title, Path)
    assert repr(Order.created) == "<Path Order: created>"
    assert order().title == "a"
    assert (Order.LIMIT, order().kind, order().label, order().is_small()) == (3, "order", "a 1", True)
    with pytest.raises(AttributeError, match="by_customer"):
        order().by_customer
    with pytest.raises(AttributeError):
        Order.unknown


# --- instances ---


@pytest.mark.parametrize(
    "build",
    [
        Order,
        lambda: Order(customer=CUSTOMER, number=1),
        lambda: order(unknown=1),
        lambda: Order(CUSTOMER, 1, "a"),
        lambda: order(createdAt=None),
        lambda: order(pk="x"),
    ],
)
def test_the_constructor_is_strict(build):
    with pytest.raises(TypeError):
        build()


def test_defaults_are_not_shared():
    one, other = order(), order()
    one.tags.add("x")
    assert (one.tags, other.tags) == ({"x"}, set())


def test_instances_can_be_changed_and_are_checked_when_written():
    entity = order()
    entity.number = 5
    assert entity.put().item["number"] == {"N": "5"}
    entity.number = "5"
    with pytest.raises(MarshalError, match="number"):
        entity.put()
    with pytest.raises(MarshalError, match="number"):
        entity.delete()


def test_equality_and_repr():
    assert order() == order()
    assert order() != order(number=2)
    assert order() != "a"
    assert order() != Stamped()
    with pytest.raises(TypeError, match="hashable"):
        hash(order())
    assert repr(order()) == (
        f"Order(created=None, note='', customer={CUSTOMER!r}, number=1, colour=None, tags=set(), title='a')"
    )


def with_unknown() -> Order:
    codec = Order.by_customer._schema.codec
    return codec.decode({**order().put().item, "extra": {"S": "kept"}})


def test_evolve_copy_and_pickle():
    entity = with_unknown()
    assert entity == order()
    for twin in (
        attrs.evolve(entity),
        copy.copy(entity),
        copy.deepcopy(entity),
        pickle.loads(pickle.dumps(entity)),
    ):
        assert type(twin) is Order
        assert twin == entity
        assert twin is not entity
        assert unknown_attributes(twin) == {"extra": {"S": "kept"}}
        assert twin.put().item == entity.put().item
    assert attrs.evolve(entity, title="b").title == "b"
    assert entity.title == "a"
    with pytest.raises(TypeError):
        attrs.evolve(entity, unknown=1)
    deep = copy.deepcopy(entity)
    deep.tags.add("x")
    assert entity.tags == set()
    unknown_attributes(entity)["extra"] = {"S": "changed"}
    assert unknown_attributes(entity) == {"extra": {"S": "kept"}}


def test_partial_entities():
    codec = Order.by_customer._schema.codec
    part = codec.decode_partial(
        {"customer": {"S": str(CUSTOMER)}, "number": {"N": "1"}}, {"customer", "number"}
    )
    assert repr(part) == f"Order(customer={CUSTOMER!r}, number=1)"
    for write in (part.put, part.create, lambda: item_size(part)):
        with pytest.raises(MarshalError, match=r"Order\.title: this attribute was not read"):
            write()
    assert part.delete().key == {"customer": {"S": str(CUSTOMER)}, "number": {"N": "1"}}
    assert part != order()
    assert part == copy.copy(part)
    with pytest.raises(AttributeError, match="was not loaded"):
        part.title
    assert not hasattr(part, "title")
    part.title = "given"
    assert part.title == "given"
    keyless = codec.decode_partial({"title": {"S": "a"}}, {"title"})
    with pytest.raises((MarshalError, AttributeError), match="customer"):
        keyless.delete()


def test_keys_at_run_time():
    assert Order.by_customer.get(CUSTOMER, 1).key == {"customer": {"S": str(CUSTOMER)}, "number": {"N": "1"}}
    assert Order.by_colour.query(Colour.RED).partition == {"colour": {"S": "red"}}
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    query = Order.by_creation.query(CUSTOMER).sort(Order.created >= noon)
    assert query.request().parameters["ExpressionAttributeValues"][":v1"] == {
        "S": "2026-01-02T12:00:00.000000Z"
    }


def test_a_converter():
    from cattrs import Converter

    class Money:
        def __init__(self, cents: int) -> None:
            self.cents = cents

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Money) and other.cents == self.cents

        __hash__ = None

    converter = Converter()
    converter.register_unstructure_hook(Money, lambda money: money.cents)
    converter.register_structure_hook(Money, lambda value, _: Money(int(value)))

    class Priced(Entity, table=Table("Priced"), converter=converter):
        key: Attr[str] = attribute()
        price: Attr[Money] = attribute()
        by_id = primary_key(key)

    item = Priced(key="a", price=Money(5)).put().item
    assert item["price"] == {"N": "5"}
    assert Priced.by_id._schema.codec.decode(item) == Priced(key="a", price=Money(5))


def test_names_with_an_underscore_are_what_type_checkers_see():
    class Guarded(Entity, table=Table("Guarded")):
        _secret: Attr[str] = attribute("secret")
        _notes: Attr[list[str]] = attribute("notes", factory=list)
        by_secret = primary_key(_secret)

        def __attrs_post_init__(self) -> None:  # reading goes through the constructor, too
            assert self._secret

    guarded = Guarded(_secret="x", _notes=["n"])
    item = {"secret": {"S": "x"}, "notes": {"L": [{"S": "n"}]}}
    assert guarded.put().request().parameters["Item"] == item
    assert vars(Guarded)["__dynamodel_codec__"].decode(item) == guarded


@attrs.define
class Changeable:
    number: int


@attrs.frozen
class Fixed:
    number: int


def test_a_default_that_can_change_would_be_shared():
    with pytest.raises(DeclarationError, match="a Changeable as default would be shared"):
        keyed({"doc": Changeable}, doc=attribute(default=Changeable(1)))
    keyed({"doc": Fixed}, doc=attribute(default=Fixed(1)))


def test_a_path_of_a_base_class_is_refused_where_it_would_be_ambiguous():
    class Base(Entity):
        first: Attr[str] = attribute("x")

    class Heir(Base, table=Table("Heirs")):
        number: Attr[int] = attribute()
        first: Attr[str] = attribute("y")
        by_number = primary_key(number)
        by_first = global_index("ByFirst", Base.first)

    assert Heir.by_first.query("a").request().parameters["ExpressionAttributeNames"] == {"#n0": "y"}
    for build in (
        lambda: Heir.by_number.update(1).apply(Base.first.set("q")),
        lambda: Heir.by_number.query(1).filter(Base.first == "q"),
        lambda: Heir.by_number.get(1).project(Base.first),
    ):
        with pytest.raises(RequestError, match=r"Base\.first is not an attribute of Heir; write Heir\.first"):
            build()


def test_an_attribute_may_have_the_name_of_its_type():
    source = (
        "from __future__ import annotations\n"
        "from datetime import date\n"
        "from dynamodel import Attr, Entity, Table, attribute, primary_key\n"
        "class Day(Entity, table=Table('Days')):\n"
        "    date: Attr[date] = attribute()\n"
        "    by_date = primary_key(date)\n"
    )
    scope: dict[str, Any] = {"__name__": "days_of_a_test"}
    exec(source, scope)
    assert scope["Day"].by_date.get(datetime(2026, 1, 2).date()).request().parameters["Key"] == {
        "date": {"S": "2026-01-02"}
    }


def test_typing_errors_of_the_class_statement():
    for made in (
        lambda: declared(
            {"self": str, "key": str}, self=attribute(), key=(key := attribute()), by=primary_key(key)
        ),
        lambda: types.new_class("X", (Entity,), {"table": Table("Things"), "converter": 5}),
        lambda: keyed({"b": str}, b=(b := attribute()), by_b=global_index("ByB", b, include=5)),
    ):
        with pytest.raises(DeclarationError):
            made()
    with pytest.raises(TypeError, match="tabel"):
        types.new_class("X", (Entity,), {"tabel": Table("Things")})


def test_a_body_cannot_smuggle_attributes_in():
    with pytest.raises(TypeError, match="not an argument"):
        Elsewhere(own="a", _unknown_attributes={"admin": {"BOOL": True}})
    codec = vars(Elsewhere)["__dynamodel_codec__"]
    stored = codec.decode({"own": {"S": "a"}, "admin": {"BOOL": True}})
    changed = attrs.evolve(copy.copy(stored), own="b")
    assert changed.put().item == {"own": {"S": "b"}, "admin": {"BOOL": True}}
    assert pickle.loads(pickle.dumps(stored)).put().item == stored.put().item
    assert "__setattr__" not in vars(Elsewhere)


@pytest.mark.parametrize(("name", "limit"), [("only", 2048), ("last", 1024), ("each", 1024)])
def test_a_key_attribute_has_the_limit_of_its_strictest_role(name, limit):
    class Keyed(Entity, table=Table("Keyed")):
        only: Attr[str] = attribute(default="x")  # a partition key
        last: Attr[str] = attribute(default="x")  # a sort key
        each: Attr[str] = attribute(default="x")  # one in an index, the other in another
        by_only = primary_key(only, last)
        by_each = global_index("ByEach", each)
        to_each = global_index("ToEach", only, each)

    assert Keyed(**{name: "k" * limit}).put().item[name] == {"S": "k" * limit}
    for value in ("k" * (limit + 1), "é" * (limit // 2) + "k"):  # é has two bytes
        with pytest.raises(MarshalError, match=f"{name}.*at most {limit} bytes"):
            Keyed(**{name: value}).put()
