"""The tree of errors: what they say, and that they survive a trip between processes."""

import copy
import inspect
import pickle

import pytest

from dynamodel import errors
from dynamodel.errors import (
    ConditionFailedError,
    DeclarationError,
    DynamodelError,
    Fault,
    MarshalError,
    MarshalFault,
    MissingExtraError,
    UnreachableError,
    UnreadableItemError,
    UnreadableItemsError,
    service_error,
)

FAULT = MarshalFault("info.rank", "str", "int is needed")
UNREADABLE = UnreadableItemError(FAULT, owner="Movie", item={"a": {"S": "x"}})

EXAMPLES = [
    DeclarationError([Fault("M.a", "is wrong"), Fault("M.b", "is wrong, too")]),
    MissingExtraError("The engine", "local"),
    MarshalError(FAULT, owner="Movie"),
    UNREADABLE,
    UnreadableItemsError([UNREADABLE], ["good"], "cursor"),
    service_error("ConditionalCheckFailedException", "no", "PutItem", {"Item": {"a": {"N": "1"}}}),
    UnreachableError("Timeout", "no answer", "GetItem"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("trip", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_travel(error, trip):
    arrived = trip(error)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert str(vars(arrived)) == str(vars(error))


def test_every_error_is_in_the_tree_and_leaves_inherit_a_builtin():
    classes = [
        value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)
    ]
    assert all(issubclass(class_, DynamodelError) for class_ in classes)
    builtins = (TypeError, ImportError, ValueError, RuntimeError)
    assert all(issubclass(class_, builtins) for class_ in classes if class_ is not DynamodelError)
    assert issubclass(errors.TableNotFoundError, LookupError)
    assert issubclass(UnreachableError, ConnectionError)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MarshalError(FAULT), "info.rank: int is needed, found str"),
        (MarshalError(FAULT, owner="Movie"), "Movie.info.rank: int is needed, found str"),
        (
            MarshalError(MarshalFault("", "", "has at most 9 bytes"), owner="Movie"),
            "Movie: has at most 9 bytes",
        ),
        (MarshalError(MarshalFault("", "str", "int is needed")), "int is needed, found str"),
        (
            MarshalError(FAULT, FAULT),
            "info.rank: int is needed, found str\ninfo.rank: int is needed, found str",
        ),
        (
            UnreadableItemsError([UNREADABLE] * 7, ["a"]),
            "7 items are not readable:\n"
            + "Movie.info.rank: int is needed, found str\n" * 5
            + "... and 2 more",
        ),
    ],
)
def test_messages(error, text):
    assert str(error) == text


def test_an_error_seen_from_further_up():
    error = UnreadableItemsError([UNREADABLE]).under("movies").under("[3]")
    assert error.path == "[3].movies.info.rank"
    assert MarshalError(MarshalFault("[2]", "", "")).under("list").path == "list[2]"


def test_codes():
    assert isinstance(service_error("ConditionalCheckFailedException", "", "PutItem"), ConditionFailedError)
    assert type(service_error("Whatever", "", "PutItem")) is errors.ServiceError
    assert str(service_error("Whatever", "text", "PutItem")) == "PutItem: Whatever: text"
