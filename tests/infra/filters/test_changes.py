"""`Changes`: what it compiles to, whose records it tells apart, and what it refuses."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, cast

import pytest

from dynamodel import Attr, DeclarationError, Entity, Table, attribute, key, primary_key, unique
from dynamodel.infra.filters import MAX_FILTERS, MAX_PATTERN_CHARACTERS, Changes, matches, pattern_text
from dynamodel.schema import StreamViewType

from .models import Info, Thing, forum

BOTH = StreamViewType.NEW_AND_OLD_IMAGES
Forum, Thread, Reply = forum(BOTH)
REPLIES = cast("Any", Thread).replies
SUBJECT = cast("Any", Thread).subject


def refused(*args: Any, **options: Any) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        Changes(*args, **options)
    return [str(fault) for fault in caught.value.faults]


def test_an_entity_is_told_by_its_discriminator_in_the_image_that_the_kind_has() -> None:
    assert Changes(Thread).patterns() == [
        {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"_type": {"S": ["Thread"]}}}},
        {"eventName": ["REMOVE"], "dynamodb": {"OldImage": {"_type": {"S": ["Thread"]}}}},
    ]


def test_several_patterns_are_one_with_or() -> None:
    assert Changes(Thread).pattern() == {
        "$or": [
            {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"_type": {"S": ["Thread"]}}}},
            {"eventName": ["REMOVE"], "dynamodb": {"OldImage": {"_type": {"S": ["Thread"]}}}},
        ]
    }
    changes = Changes(Thread, kinds=["INSERT"], new=(REPLIES == 1) | (SUBJECT == "a"))
    assert changes.pattern() == {
        "eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"_type": {"S": ["Thread"]}}},
        "$or": [
            {"dynamodb": {"NewImage": {"replies": {"N": ["1"]}}}},
            {"dynamodb": {"NewImage": {"subject": {"S": ["a"]}}}},
        ],
    }
    assert len(changes.patterns()) == 2


def test_the_only_entity_of_a_table_needs_no_mark() -> None:
    assert Changes(Thing).patterns() == [{"eventName": ["INSERT", "MODIFY", "REMOVE"]}]
    assert Changes(Thing, new=Thing.text == "a").pattern() == {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"NewImage": {"text": {"S": ["a"]}}},
    }


@pytest.mark.parametrize("view", StreamViewType)
@pytest.mark.parametrize("discriminator", [None, False])
def test_the_claims_of_unique_constraints_are_no_items_of_the_entity(
    view: StreamViewType, discriminator: Any
) -> None:
    table = Table("filters.users", partition_key="pk", stream=view, discriminator=discriminator)

    class User(Entity, table=table):
        name: Attr[str] = attribute()
        email: Attr[str] = attribute()
        main = primary_key(key("USER", name))
        by_email = unique(email)

    parameters = User(name="ann", email="a@b.c").create().request().parameters
    told = [record(each["Put"]["Item"], view) for each in parameters["TransactItems"]]
    assert [Changes(User).matches(each) for each in told] == [True, False]


def record(item: dict[str, Any], view: StreamViewType) -> dict[str, Any]:
    """That of an insertion."""
    images = {"NewImage": item} if view in {"NEW_IMAGE", "NEW_AND_OLD_IMAGES"} else {}
    return {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": item["pk"]}, **images}}


def test_both_images_are_there_in_a_modification_alone() -> None:
    changes = Changes(Thread, new=REPLIES.between(2, 3), old=REPLIES < 2)
    assert changes.kinds == ("MODIFY",)
    assert changes.pattern() == {
        "eventName": ["MODIFY"],
        "dynamodb": {
            "NewImage": {"_type": {"S": ["Thread"]}, "replies": {"N": ["2", {"prefix": "2."}, "3"]}},
            "OldImage": {"replies": {"N": [{"prefix": "-"}, {"prefix": "0"}, "1", {"prefix": "1."}]}},
        },
    }


def test_a_nested_attribute_is_named_with_the_descriptors_on_its_way() -> None:
    changes = Changes(Thing, kinds=["INSERT"], new=Thing.info[Info.rank] == 3)
    assert changes.pattern()["dynamodb"] == {"NewImage": {"info": {"M": {"rank": {"N": ["3"]}}}}}


def test_absence_is_absence_in_every_type_that_is_declared() -> None:
    changes = Changes(Thing, kinds=["INSERT"], new=Thing.null.not_exists())
    absent = [{"exists": False}]
    assert changes.pattern()["dynamodb"] == {"NewImage": {"null": {"NULL": absent, "S": absent}}}


@pytest.mark.parametrize(
    ("view", "image"), [(StreamViewType.NEW_IMAGE, "NewImage"), (StreamViewType.OLD_IMAGE, "OldImage")]
)
def test_where_a_kind_has_no_image_the_keys_tell_the_entity(view: StreamViewType, image: str) -> None:
    _, thread, _ = forum(view)
    by_image = {image: {"_type": {"S": ["Thread"]}}}
    by_key = {"Keys": {"sk": {"S": [{"prefix": "THREAD#"}]}}}
    assert sorted(map(json.dumps, (each["dynamodb"] for each in Changes(thread).patterns()))) == sorted(
        map(json.dumps, (by_image, by_key))
    )


def test_a_stream_of_keys_tells_entities_by_the_tags_of_their_keys() -> None:
    entities = forum(StreamViewType.KEYS_ONLY)
    patterns = [Changes(entity).patterns() for entity in entities]
    keys = [pattern["dynamodb"]["Keys"] for [pattern] in patterns]
    assert keys == [
        {"sk": {"S": ["#META"]}},
        {"sk": {"S": [{"prefix": "THREAD#"}]}},
        {"pk": {"S": [{"prefix": "THREAD#"}]}},
    ]


def test_a_table_of_several_entities_that_nothing_tells_apart_is_refused() -> None:
    table = Table("filters.twins", discriminator="kind", stream=StreamViewType.KEYS_ONLY)

    class One(Entity, table=table):
        name: Attr[str] = attribute()
        by_name = primary_key(name)

    assert Changes(One).patterns()

    class Two(Entity, table=table):
        name: Attr[str] = attribute()
        by_name = primary_key(name)

    [fault] = refused(Two)
    assert "nothing in a record of kind INSERT tells the items of Two" in fault
    with pytest.raises(DeclarationError, match="tells the items of One"):
        Changes(One)


# --- what is refused ---


def test_every_fault_is_told_at_once() -> None:
    _, thread, _ = cast("Any", forum(StreamViewType.OLD_IMAGE))
    faults = refused(
        thread,
        kinds=["REMOVE", "UPDATE"],
        new=(thread.subject > "a") & thread.subject.contains("x") & ~thread.subject.begins_with("z"),
    )
    texts = "\n".join(faults)
    for rule in (
        "must be of INSERT, MODIFY, REMOVE, found 'UPDATE'",
        "REMOVE has no new image, of which new= speaks",
        "carries OLD_IMAGE, not this image; make it StreamViewType.NEW_IMAGE",
        "no order of texts",
        "parts of texts",
        "do not begin so",
    ):
        assert rule in texts
    assert len(faults) == 6


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        (Thing.text.size() > 3, "cannot compute"),
        (Thing.text < "b", "no order of texts"),
        (Thing.text.between("a", "b"), "no order of texts"),
        (Thing.data >= b"b", "no order of texts or bytes"),
        (Thing.text.contains("b"), "not for parts of texts"),
        (Thing.things.contains("b"), "of lists"),
        (Thing.things[0] == "b", "places of a list"),
        (Thing.things.exists(), "lists are none"),
        (Thing.info.exists(), "maps are none"),
        (Thing.info.is_type("M"), "maps are none"),
        (Thing.words == {"a"}, "neither sets"),
        (Thing.info == Info(rank=1), "nor maps"),
        (Thing.words.contains("a") & Thing.words.contains("b"), "contains two things"),
        (~Thing.words.contains("a"), "does not contain one"),
        (~Thing.text.begins_with("a"), "documents 'anything-but' for whole values only"),
        (Thing.text.begins_with("a") & (Thing.text != "ab"), "but for some of them"),
        (Thing.text == Thing.null, "cannot compare with Thing.null, only with a value"),
        (Thing.count > Decimal(123456), "fewer digits"),
        ((Thing.count > Decimal(5)) & (Thing.count < Decimal(4)), "never holds"),
        (Thing.text == "x" * MAX_PATTERN_CHARACTERS, "longer than the 4096 characters"),
        (REPLIES > 3, "not an attribute of Thing"),
        (True, "a condition is needed"),
    ],
)
def test_what_patterns_cannot_say_exactly_is_refused(condition: Any, rule: str) -> None:
    [fault] = refused(Thing, kinds=["INSERT"], new=condition)
    assert fault.startswith("Changes(Thing)")
    assert rule in fault


def test_a_table_without_a_stream_is_refused() -> None:
    _, thread, _ = forum(None)
    [fault] = refused(thread)
    assert "has no stream; give it stream=StreamViewType.NEW_AND_OLD_IMAGES" in fault


def test_no_kind_is_refused() -> None:
    assert "at least one kind" in refused(Thread, kinds=[])[0]


# --- limits ---


def test_a_long_range_is_split_into_patterns_that_lambda_takes() -> None:
    changes = Changes(Thread, kinds=["MODIFY"], new=REPLIES > 100)
    patterns = changes.patterns()
    assert 1 < len(patterns) <= 5
    assert all(len(pattern_text(pattern)) <= MAX_PATTERN_CHARACTERS for pattern in patterns)
    with pytest.raises(DeclarationError, match=r"take patterns\(\)"):
        changes.pattern()
    for replies, expected in [("99", False), ("100", False), ("101", True), ("1000", True), ("20", False)]:
        image = {"_type": {"S": "Thread"}, "replies": {"N": replies}}
        assert changes.matches({"eventName": "MODIFY", "dynamodb": {"NewImage": image}}) is expected


def test_more_than_five_alternatives_are_packed_with_or() -> None:
    attributes = [Thing.text, Thing.null, cast("Any", Thing.anything)]
    condition: Any = Thing.flag == True
    for each in attributes:
        condition = condition | (each == "a")
    condition = condition & ((Thing.info[Info.rank] == 1) | (Thing.info[Info.label] == "b"))
    changes = Changes(Thing, kinds=["INSERT"], new=condition)
    [pattern] = changes.patterns()
    assert len(pattern["$or"]) == 8
    assert pattern == changes.pattern()
    record = {
        "eventName": "INSERT",
        "dynamodb": {"NewImage": {"null": {"S": "a"}, "info": {"M": {"label": {"S": "b"}}}}},
    }
    assert matches(pattern, record)


def test_a_condition_that_needs_more_filters_than_a_mapping_has_is_refused() -> None:
    words = [f"{number:04}" * 20 for number in range(100)]
    condition = (
        Thing.text.in_(words)
        & Thing.null.in_(words[:9])
        & (Thing.flag.in_(True) | (Thing.count == Decimal(3)))
    )
    assert len(Changes(Thing, kinds=["INSERT"], new=condition).patterns()) <= MAX_FILTERS
    many = [Thing.text.in_([f"{word}{number}" for word in words]) for number in range(12)]
    condition = many[0]
    for each in many[1:]:
        condition = condition | each
    [fault] = refused(Thing, kinds=["INSERT"], new=condition)
    assert f"at most {MAX_FILTERS}" in fault
