"""The status of each error, and what a client is told."""

from __future__ import annotations

import pytest

from dynamodel import errors
from dynamodel.aws_lambda.event_errors import InProgressError
from dynamodel.aws_lambda.http import Api, InputError, UnanswerableError
from dynamodel.aws_lambda.http_statuses import answer_to
from dynamodel.errors import DynamodelError, Fault, MarshalFault, ServiceError, service_error
from tests.aws_lambda.http_requests import ask

SECRET = "hunter2"


def service(code: str) -> ServiceError:
    return service_error(code, f"about {SECRET}", "PutItem", {"Item": {"a": {"S": SECRET}}})


CONDITION = service("ConditionalCheckFailedException")
THROTTLED = service("ThrottlingException")
CONFLICT = service("TransactionConflictException")
INVALID = service("ValidationException")
UNREACHABLE = errors.UnreachableError("Unreachable", "", "PutItem")
UNIQUE = errors.UniqueConstraintError("ConditionalCheckFailedException", "", "PutItem")


def canceled(*reasons: ServiceError | None) -> ServiceError:
    error = errors.TransactionCanceledError("TransactionCanceledException", "", "TransactWriteItems")
    error.reasons = reasons
    return error


UNREADABLE = errors.UnreadableItemError(MarshalFault("a", "S", "int is needed"), item={"a": {"S": SECRET}})

CASES: list[tuple[DynamodelError, int | None]] = [
    (InputError([Fault("body", "is needed")]), 400),
    (errors.MarshalError(MarshalFault("movie_id", "str", "int is needed"), owner="Movie"), 400),
    (errors.CursorError("this is no cursor"), 400),
    (CONDITION, 409),
    (UNIQUE, 409),
    (InProgressError("another invocation works on the same key"), 409),
    (canceled(None, CONDITION), 409),
    (canceled(THROTTLED, CONDITION), 409),
    (canceled(INVALID, UNIQUE), 409),
    (THROTTLED, 429),
    (service("ProvisionedThroughputExceededException"), 429),
    (canceled(THROTTLED, None), 429),
    (canceled(THROTTLED, CONFLICT), 429),
    (errors.BatchGetError([None], ["x"], [None]), 429),
    (errors.BatchWriteError(["x", "y"], [None, THROTTLED]), 429),
    (CONFLICT, 503),
    (service("TransactionInProgressException"), 503),
    (canceled(None, CONFLICT), 503),
    (UNREACHABLE, 503),
    (errors.DeadlineError("PutItem", was_sent=True), 503),
    (errors.BatchWriteError(["x"], [UNREACHABLE]), 503),
    (INVALID, None),
    (canceled(INVALID), None),
    (canceled(INVALID, THROTTLED), None),
    (canceled(), None),
    (errors.BatchGetError([None], ["x"], [INVALID]), None),
    (service("ResourceNotFoundException"), None),
    (service("ItemCollectionSizeLimitExceededException"), None),
    (service("InternalServerError"), None),
    (UNREADABLE, None),
    (errors.UnreadableItemsError([UNREADABLE]), None),
    (errors.RequestError("nobody wants this"), None),
    (errors.ReadCapError("too much"), None),
    (errors.DeclarationError([]), None),
    (UnanswerableError("no JSON"), None),
]


@pytest.mark.parametrize(
    ("error", "status"), CASES, ids=lambda one: one if isinstance(one, int) else repr(one)[:40]
)
def test_the_status_of_each_error(error: DynamodelError, status: int | None) -> None:
    api = Api(__name__)

    @api.get("/x")
    def fail() -> None:
        raise error

    if status is None:
        assert answer_to(error) is None
        with pytest.raises(type(error)) as caught:
            ask(api, "GET", "/x")
        assert caught.value is error
        return
    answer = ask(api, "GET", "/x")
    assert answer.status == answer.body["statusCode"] == status
    assert SECRET not in answer.text
    assert ("Retry-After" in answer.headers) is (status in (429, 503) or isinstance(error, InProgressError))
    assert ("faults" in answer.body) is (status == 400)
    assert answer.body.keys() <= {"statusCode", "message", "faults"}


def test_every_error_has_been_thought_of() -> None:
    """A new class of errors needs a case here."""
    classes = {getattr(errors, name) for name in errors.__all__ if name.endswith("Error")}
    told = {type(error) for error, _ in CASES} | {kind for error, _ in CASES for kind in type(error).__mro__}
    assert classes - told == {errors.MissingExtraError, errors.TableInUseError}


def test_faults_name_the_place_and_the_rule() -> None:
    answer = answer_to(errors.MarshalError(MarshalFault("info.rank", "str", "int is needed")))
    assert answer is not None
    faults = answer.body["faults"]
    assert faults == [{"place": "info.rank", "rule": "int is needed, found str"}]
