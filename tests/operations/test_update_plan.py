"""The update planner: what an update writes so that keys and computed attributes follow, or why it may not.

The cases say by hand what must follow. The property test asks the real engine: after any update that the
planner lets pass, the stored index keys are those that the stored attributes make.
"""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodel import (
    Action,
    Attr,
    Condition,
    Entity,
    MarshalError,
    RequestError,
    ServiceError,
    Table,
    attribute,
    computed,
    global_index,
    key,
    local_index,
    primary_key,
)
from dynamodel.expressions.nodes import Value
from dynamodel.operations.update_plan import Attributes, known_by, plan_update

from .single_table import fresh_table

app = Table("plan.app", partition_key="pk", sort_key="sk")


@attrs.define
class Info:
    rank: int = 0


def slugify(title: str | None) -> str | None:
    return None if title is None else title.lower()


def rank(info: Info | None) -> int | None:
    return None if info is None else info.rank


class Thread(Entity, table=app):
    forum: Attr[str] = attribute()
    subject: Attr[str] = attribute("topic")
    posted_by: Attr[str | None] = attribute("author", default=None)
    day: Attr[str | None] = attribute(default=None)
    at: Attr[Decimal | None] = attribute(default=None)
    title: Attr[str | None] = attribute(default=None)
    replies: Attr[int] = attribute(default=0)
    info: Attr[Info | None] = attribute(default=None)
    words: Attr[list[str]] = attribute(factory=list)
    tags: Attr[set[str]] = attribute(factory=set)
    slug: Attr[str | None] = computed(slugify, title)
    rank: Attr[int | None] = computed(rank, info)
    count: Attr[int] = computed(lambda words, tags: len(words) + len(tags), words, tags)
    main = primary_key(key("FORUM", forum), key("THREAD", subject))
    latest = local_index("latest", main, at)
    by_user = global_index("gsi1", key("USER", posted_by), key("AT", at))
    by_day = global_index("gsi2", key("DAY", day), key("AT", at))
    by_slug = global_index("gsi3", key("SLUG", slug))
    by_subject = global_index("gsi4", key("TOPIC", subject), key("FORUM", forum))


SCHEMA = Thread.main._schema
OWN_KEY = {"forum": {"S": "f"}, "topic": {"S": "s"}}


def given_that(*conditions: Condition) -> dict[str, object]:
    known: dict[str, object] = {}
    for condition in conditions:
        known |= known_by(condition)
    return known


def follows(*actions: Action, known: dict[str, object] | None = None, may_create: bool = False):
    """What is written beside the actions: by stored name the text or number; None: removed."""
    before = Attributes({**(known or {}), **OWN_KEY})
    planned = plan_update(SCHEMA, before, actions, may_create=may_create)
    assert planned[: len(actions)] == actions  # what the user asked for stays as it is
    written = {}
    for action in planned[len(actions) :]:
        assert (action.clause == "REMOVE") == (action.operand is None)
        value = action.operand and next(iter(action.operand.value.values()))
        assert written.setdefault(action.path.attribute, value) == value
    return written


ANN = Thread.posted_by == "ann"
AT_7 = Thread.at == Decimal(7)
NO_USER_KEY = {"gsi1pk": None, "gsi1sk": None}
NO_DAY_KEY = {"gsi2pk": None, "gsi2sk": None}
USER_7 = {"gsi1pk": "USER#ann", "gsi1sk": "AT#p500.7"}


def user_at(text: str) -> dict[str, str | None]:
    """The keys of by_user with this number, where the item is in no day."""
    return {"gsi1pk": "USER#ann", "gsi1sk": f"AT#{text}", **NO_DAY_KEY}


NO_DAY = Thread.day.not_exists()

PLANS = {
    # nothing follows
    "no part is touched": ([Thread.replies.add(1)], [], {}),
    "no part is touched, though some are known": ([Thread.replies.set(3)], [ANN, AT_7], {}),
    "an attribute that is a key as it is": ([Thread.replies.remove()], [], {}),
    # SET
    "both parts are set": (
        [Thread.posted_by.set("ann"), Thread.at.set(Decimal(7))],
        [NO_DAY],
        USER_7 | NO_DAY_KEY,
    ),
    "one part is set, the other is known": ([Thread.posted_by.set("ann")], [AT_7], USER_7),
    "what is set counts, not what is known": (
        [Thread.posted_by.set("ann")],
        [Thread.posted_by == "bob", AT_7],
        USER_7,
    ),
    "the value is escaped": (
        [Thread.posted_by.set("a#b$c d")],
        [AT_7],
        {"gsi1pk": "USER#a$#b$$c d", "gsi1sk": "AT#p500.7"},
    ),
    "the empty text is a value": (
        [Thread.posted_by.set("")],
        [AT_7],
        {"gsi1pk": "USER#", "gsi1sk": "AT#p500.7"},
    ),
    "from an attribute that is known": (
        [Thread.posted_by.set(Thread.title)],
        [Thread.title == "ann", AT_7],
        USER_7,
    ),
    "from the table's key": (
        [Thread.posted_by.set(Thread.forum)],
        [AT_7],
        {"gsi1pk": "USER#f", "gsi1sk": "AT#p500.7"},
    ),
    "from an attribute as it was before": (
        [Thread.posted_by.set(Thread.title), Thread.title.set("New")],
        [Thread.title == "ann", AT_7],
        USER_7 | {"slug": "new", "gsi3pk": "SLUG#new"},
    ),
    "from itself, with a sum": ([Thread.at.set(Thread.at + 1)], [ANN, AT_7, NO_DAY], user_at("p500.8")),
    "from itself, with a difference": (
        [Thread.at.set(Thread.at - 10)],
        [ANN, AT_7, NO_DAY],
        user_at("n499.6~"),
    ),
    "from another number, with a sum": (
        [Thread.at.set(Thread.at + Thread.at)],
        [ANN, Thread.at == Decimal("0.5"), NO_DAY],
        user_at("p500.1"),
    ),
    "if there is none, and there is none": (
        [Thread.posted_by.set_if_not_exists("ann")],
        [Thread.posted_by.not_exists(), AT_7],
        USER_7,
    ),
    "if there is none, and there is one": ([Thread.posted_by.set_if_not_exists("bob")], [ANN, AT_7], {}),
    "set to what it is": ([Thread.posted_by.set("ann")], [ANN], {}),
    "removed, and it is absent": ([Thread.posted_by.remove()], [Thread.posted_by.not_exists()], {}),
    # ADD
    "add to a known number": ([Thread.at.add(-2)], [ANN, AT_7, NO_DAY], user_at("p500.5")),
    "add to an absent number": ([Thread.at.add(7)], [ANN, Thread.at.not_exists(), NO_DAY], user_at("p500.7")),
    "add up to zero": ([Thread.at.add(-7)], [ANN, AT_7, NO_DAY], user_at("o")),
    "add, exactly in 38 digits": (
        [Thread.at.add(1)],
        [ANN, Thread.at == Decimal("1" + "0" * 36), NO_DAY],
        user_at("p536.1" + "0" * 35 + "1"),
    ),
    # sparse
    "a part is removed": ([Thread.posted_by.remove()], [], NO_USER_KEY),
    "a part is set to None": ([Thread.posted_by.set(None)], [], NO_USER_KEY),
    "a part is known to be absent": ([Thread.posted_by.set("ann")], [Thread.at.not_exists()], NO_USER_KEY),
    "a part that is compared with None": ([Thread.posted_by.set("ann")], [Thread.at == None], NO_USER_KEY),
    "a shared part is removed": ([Thread.at.remove()], [], NO_USER_KEY | NO_DAY_KEY),
    "removed, and the others known": (
        [Thread.at.remove()],
        [ANN, Thread.day == "mo"],
        NO_USER_KEY | NO_DAY_KEY,
    ),
    # a part that two indexes share
    "a shared part, both others known": (
        [Thread.at.set(Decimal(7))],
        [ANN, Thread.day == "mo"],
        USER_7 | {"gsi2pk": "DAY#mo", "gsi2sk": "AT#p500.7"},
    ),
    "a shared part, one other is absent": ([Thread.at.set(Decimal(7))], [ANN, NO_DAY], USER_7 | NO_DAY_KEY),
    # computed attributes, and keys of them
    "a source is set": ([Thread.title.set("Hi You")], [], {"slug": "hi you", "gsi3pk": "SLUG#hi you"}),
    "a source is removed": ([Thread.title.remove()], [], {"slug": None, "gsi3pk": None}),
    "a document is set": ([Thread.info.set(Info(3))], [], {"rank": "3"}),
    "one of two sources is set": ([Thread.words.set(["a", "b"])], [Thread.tags == {"x"}], {"count": "3"}),
    "an absent source has its default": (
        [Thread.words.set(["a"])],
        [Thread.tags.not_exists()],
        {"count": "1"},
    ),
    "add to an absent set": (
        [Thread.tags.add({"x"})],
        [Thread.tags.not_exists(), Thread.words == []],
        {"count": "1"},
    ),
    # what conditions tell
    "terms joined by &": ([Thread.posted_by.set("ann")], [AT_7 & (Thread.replies > 3)], USER_7),
    "an index and a computed attribute": (
        [Thread.posted_by.set("ann"), Thread.title.set("A")],
        [AT_7],
        USER_7 | {"slug": "a", "gsi3pk": "SLUG#a"},
    ),
}


@pytest.mark.parametrize(("actions", "conditions", "expected"), PLANS.values(), ids=PLANS)
def test_what_follows(actions, conditions, expected):
    assert follows(*actions, known=given_that(*conditions)) == expected


REFUSED = {
    "the other part is not known": ([Thread.posted_by.set("ann")], [], "Thread.by_user", "at"),
    "a shared part": ([Thread.at.set(Decimal(7))], [ANN], "Thread.by_day", "day"),
    "from an unknown attribute": (
        [Thread.posted_by.set(Thread.title)],
        [AT_7],
        "Thread.by_user",
        "posted_by",
    ),
    "from an absent attribute": (
        [Thread.posted_by.set(Thread.title)],
        [AT_7, Thread.title.not_exists()],
        "Thread.by_user",
        "posted_by",
    ),
    "from a part of a document": ([Thread.title.set(Thread.words[0])], [], "Thread.slug", "title"),
    "a sum of an unknown number": ([Thread.at.set(Thread.at + 1)], [ANN, NO_DAY], "Thread.by_user", "at"),
    "a sum of an absent number": (
        [Thread.at.set(Thread.at + 1)],
        [ANN, NO_DAY, Thread.at == None],
        "Thread.by_user",
        "at",
    ),
    "add to an unknown number": ([Thread.at.add(1)], [ANN, NO_DAY], "Thread.by_user", "at"),
    "a sum of more than 38 digits": (
        [Thread.at.add(1)],
        [ANN, NO_DAY, Thread.at == Decimal("1E+60")],
        "Thread.by_user",
        "at",
    ),
    "if there is none, which is not known": (
        [Thread.posted_by.set_if_not_exists("ann")],
        [AT_7],
        "Thread.by_user",
        "posted_by",
    ),
    "a part of a document": ([Thread.info[Info.rank].set(3)], [], "Thread.rank", "info"),
    "a part of a document that is known": (
        [Thread.info[Info.rank].set(3)],
        [Thread.info == Info(2)],
        "Thread.rank",
        "info",
    ),
    "an element is removed": ([Thread.words[0].remove()], [Thread.tags == {"x"}], "Thread.count", "words"),
    "append": ([Thread.words.append("a")], [Thread.tags == {"x"}], "Thread.count", "words"),
    "prepend": ([Thread.words.prepend("a")], [Thread.tags == {"x"}], "Thread.count", "words"),
    "add to an unknown set": ([Thread.tags.add({"a"})], [Thread.words == []], "Thread.count", "tags"),
    "delete from a set": (
        [Thread.tags.delete({"a"})],
        [Thread.words == [], Thread.tags == {"a"}],
        "Thread.count",
        "tags",
    ),
    # conditions that do not say what the value is
    "another comparison": ([Thread.posted_by.set("ann")], [Thread.at >= Decimal(7)], "Thread.by_user", "at"),
    "not equal": ([Thread.posted_by.set("ann")], [Thread.at != Decimal(7)], "Thread.by_user", "at"),
    "that it exists": ([Thread.posted_by.set("ann")], [Thread.at.exists()], "Thread.by_user", "at"),
    "an alternative": ([Thread.posted_by.set("ann")], [AT_7 | (Thread.replies > 3)], "Thread.by_user", "at"),
    "the contrary": ([Thread.posted_by.set("ann")], [~AT_7], "Thread.by_user", "at"),
    "not, of an absence": (
        [Thread.posted_by.set("ann")],
        [~(Thread.at != Decimal(7))],
        "Thread.by_user",
        "at",
    ),
    "equal to another attribute": (
        [Thread.posted_by.set("ann")],
        [Thread.at == Thread.replies],
        "Thread.by_user",
        "at",
    ),
    "one of one": ([Thread.posted_by.set("ann")], [Thread.at.in_(Decimal(7))], "Thread.by_user", "at"),
    "equal, of an element": ([Thread.tags.remove()], [Thread.words[0] == "a"], "Thread.count", "words"),
    "a part of the attribute": ([Thread.words.set(["a"])], [Thread.tags.size() == 1], "Thread.count", "tags"),
}


@pytest.mark.parametrize(("actions", "conditions", "what", "source"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(actions, conditions, what, source):
    with pytest.raises(RequestError) as caught:
        follows(*actions, known=given_that(*conditions))
    message = str(caught.value)
    assert message.startswith(f"{what} follows from {source}, whose value is not known here")
    assert f".given(Thread.{source} == ...)" in message


@pytest.mark.parametrize(
    ("actions", "conditions", "expected"),
    [
        pytest.param([Thread.replies.add(1)], [], {}, id="nothing else is known"),
        pytest.param(
            [Thread.title.set("A")], [], {"slug": "a", "gsi3pk": "SLUG#a"}, id="beside what is touched"
        ),
    ],
)
def test_an_update_that_may_create_writes_what_the_table_key_makes(actions, conditions, expected):
    of_the_key = {"gsi4pk": "TOPIC#s", "gsi4sk": "FORUM#f"}
    made = follows(*actions, known=given_that(*conditions), may_create=True)
    assert {name: made[name] for name in {**expected, **of_the_key}} == expected | of_the_key
    assert not made.keys() & {"gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"}


def test_what_follows_from_the_key_alone_is_left_alone_where_the_item_is_there():
    assert follows(Thread.replies.add(1)) == {}


def test_a_key_that_would_be_too_long_is_refused():
    with pytest.raises(MarshalError, match="2048") as caught:
        follows(Thread.posted_by.set("x" * 2044), known=given_that(AT_7))
    assert str(caught.value) == "Thread.author: the key that is built from it has at most 2048 bytes"
    assert follows(Thread.posted_by.set("x" * 2043), known=given_that(AT_7))["gsi1pk"] == "USER#" + "x" * 2043


class Mailed(Entity, table=app):
    """Its index key follows from a computed attribute, and that from the table's key."""

    name: Attr[str] = attribute()
    seen: Attr[int | None] = attribute(default=None)
    hits: Attr[int] = attribute(default=0)
    low: Attr[str] = computed(str.lower, name)
    main = primary_key(key("MAIL", name), key("MAIL"))
    by_low = global_index("gsi1", key("LOW", low), key("SEEN", seen))


class Titled(Entity, table=app):
    """Its computed attribute follows from one that has a default."""

    name: Attr[str] = attribute()
    hits: Attr[int] = attribute(default=0)
    title: Attr[str] = attribute(default="None")
    low: Attr[str] = computed(str.lower, title)
    main = primary_key(key("TITLED", name), key("TITLED"))
    by_title = global_index("gsi3", key("TITLE", low))


def texts_set(operation) -> dict[str, str]:
    """What an update assigns, beside the names of its actions."""
    values = {a.path.attribute: a.operand.value for a in operation.planned_actions if a.clause == "SET"}
    return {name: next(iter(value.values())) for name, value in values.items()}


def test_a_computed_attribute_of_the_table_key_is_known():
    update = Mailed.main.update("Ann").apply(Mailed.seen.set(1))
    expected = {"gsi1pk": "LOW#ann", "gsi1sk": "SEEN#p500.1"}
    for operation in (update, update.must_exist()):
        made = texts_set(operation)
        assert {name: made[name] for name in expected} == expected


def test_a_computed_attribute_of_the_table_key_touches_nothing():
    update = Mailed.main.update("Ann").apply(Mailed.hits.add(1))
    assert texts_set(update) == {"name": "Ann", "_type": "Mailed", "low": "ann"}
    assert texts_set(update.must_exist()) == {}


# --- any update, on the real engine ---

TEXTS = st.text("ab#$ é\x00\U0010ffff", max_size=4)
NUMBERS = st.decimals(-(10**6), 10**6, places=3)


@st.composite
def items(draw: st.DrawFn) -> dict[str, object]:
    """Values of the attributes from which something follows; None: absent."""
    return {
        "posted_by": draw(st.none() | TEXTS),
        "day": draw(st.none() | TEXTS),
        "at": draw(st.none() | NUMBERS),
        "title": draw(st.none() | TEXTS),
        "info": draw(st.none() | st.builds(Info, st.integers(-9, 9))),
        "words": draw(st.lists(TEXTS, max_size=2)),
        "tags": draw(st.sets(TEXTS.filter(len), max_size=2)),
    }


def texts_of(path) -> st.SearchStrategy[Action]:
    others = [other for other in (Thread.posted_by, Thread.day, Thread.title) if other is not path]
    return st.one_of(
        TEXTS.map(path.set),
        st.just(path.remove()),
        TEXTS.map(path.set_if_not_exists),
        st.sampled_from(
            [path.set(Thread.forum), *(path.set(o) for o in others if str(o.node) != str(path.node))]
        ),
    )


ACTIONS = {
    "posted_by": texts_of(Thread.posted_by),
    "day": texts_of(Thread.day),
    "title": texts_of(Thread.title),
    "at": st.one_of(
        NUMBERS.map(Thread.at.set),
        NUMBERS.map(Thread.at.add),
        NUMBERS.map(Thread.at.set_if_not_exists),
        NUMBERS.map(lambda number: Thread.at.set(Thread.at + number)),
        NUMBERS.map(lambda number: Thread.at.set(Thread.at - number)),
        st.just(Thread.at.remove()),
    ),
    "info": st.one_of(
        st.builds(Info, st.integers(-9, 9)).map(Thread.info.set),
        st.integers(-9, 9).map(Thread.info[Info.rank].set),
        st.just(Thread.info.remove()),
    ),
    "words": st.one_of(TEXTS.map(Thread.words.append), st.lists(TEXTS, max_size=2).map(Thread.words.set)),
    "tags": st.one_of(
        st.sets(TEXTS.filter(len), min_size=1, max_size=2).map(Thread.tags.add),
        st.sets(TEXTS.filter(len), min_size=1, max_size=2).map(Thread.tags.delete),
    ),
    "replies": st.just(Thread.replies.add(1)),
}
TOLD = {"posted_by", "day", "at", "title", "info", "words", "tags"}

UPDATES = st.sets(st.sampled_from(sorted(ACTIONS)), min_size=1, max_size=4).flatmap(
    lambda names: st.tuples(*(ACTIONS[name] for name in sorted(names)))
)
GIVEN = st.just(TOLD) | st.sets(st.sampled_from(sorted(TOLD)))


@pytest.fixture(scope="module")
def engine(dynamodb_local):
    yield from fresh_table(dynamodb_local, app)


KEY = {"pk": {"S": "FORUM#f"}, "sk": {"S": "THREAD#s"}}
DERIVED = {name for derivation in SCHEMA.derivations for name in derivation.targets}


@pytest.mark.dynamodb_local
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=items(), exists=st.booleans(), actions=UPDATES, told=GIVEN, must_exist=st.booleans())
def test_what_is_stored_follows_from_what_is_stored(engine, values, exists, actions, told, must_exist):
    db, wire = engine
    wire.delete_item(TableName=app.name, Key=KEY)
    if exists:
        db.run(Thread(forum="f", subject="s", **values).put())
    update = Thread.main.update("f", "s").apply(*actions)
    for name in sorted(told):
        path = getattr(Thread, name)
        update = update.given(path == values[name] if exists else path.not_exists())
    update = update.must_exist() if must_exist else update
    try:
        db.run(update)
    except RequestError:
        assert told != TOLD or not all(map(is_plain, actions))
        return
    except ServiceError as error:  # there is no item, or no operand
        if error.code not in {"ValidationException", "ConditionalCheckFailedException"} or (
            exists and all(map(is_plain, actions))
        ):
            raise
    item = wire.get_item(TableName=app.name, Key=KEY, ConsistentRead=True).get("Item")
    if item is None:
        assert must_exist or not all(map(is_plain, actions))
        return
    right = SCHEMA.completed({name: value for name, value in item.items() if name not in DERIVED})
    for derivation in SCHEMA.derivations:
        if exists or derivation.needs_all:  # of an item that an update made, see the tests above
            for name in derivation.targets:
                assert item.get(name) == right.get(name), derivation.name
    assert (item["pk"], item["sk"], item["_type"]) == (KEY["pk"], KEY["sk"], {"S": "Thread"})


def is_plain(action: Action) -> bool:
    """It can be worked out from the attributes before, and DynamoDB never refuses it."""
    is_known = action.operand is None or isinstance(action.operand, Value)
    return (
        is_known and len(action.path.steps) == 1 and action.clause != "DELETE" and action.path.name != "tags"
    )
