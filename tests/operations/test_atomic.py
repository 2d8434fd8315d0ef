"""Sending a transaction: what is tried again and with which token, and what its failure says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynamodel import (
    ConditionFailedError,
    ItemCollectionFullError,
    RequestError,
    ServiceError,
    ThrottledError,
    TransactionCanceledError,
    UniqueConstraintError,
    UnreachableError,
    UnreadableItemError,
)
from dynamodel.errors import service_error
from dynamodel.operations.atomic import (
    MAX_BYTES,
    TransactAction,
    check_actions,
    new_token,
    send_alone,
    send_atomically,
)
from dynamodel.operations.retries import MAX_ATTEMPTS, backoff
from dynamodel.types import Pause, Request

from .several_models import Account, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynamodel.types import Flow

SCHEMA = Account.main.get("a", 1).schema
KEY_NAMES = {"t": ("pk", "sk")}


def put(number: int = 1, constraint: str = "", size: int = 0, entity: str = "Account") -> TransactAction:
    item = {"pk": {"S": "a"}, "sk": {"N": str(number)}} | ({"b": {"S": "x" * size}} if size else {})
    return TransactAction("Put", {"TableName": "t", "Item": item}, entity, constraint)


def by_key(kind: str, number: int | str, table: str = "t", **more: Any) -> TransactAction:
    key = {"pk": {"S": "a"}, "sk": {"N": str(number)}}
    return TransactAction(kind, {"TableName": table, "Key": key, **more}, "Account")


def drive(flow: Flow[None], *answers: Exception | dict[str, Any]) -> list[Request | Pause]:
    """What a flow asks for, until it ends or raises; each request gets the next answer."""
    steps: list[Request | Pause] = []
    waiting = list(answers)
    try:
        step = next(flow)
        while True:
            steps.append(step)
            if isinstance(step, Pause):
                step = flow.send({})
            elif isinstance(answer := waiting.pop(0), Exception):
                step = flow.throw(answer)
            else:
                step = flow.send(answer)
    except StopIteration:
        assert waiting == []
        return steps


def sent(
    *answers: Exception | dict[str, Any], actions: Sequence[TransactAction] = ()
) -> list[Request | Pause]:
    return drive(send_atomically(actions or [put(1), put(2)], "token", "Account"), *answers)


# --- what may pass ---

CANCELED = "TransactionCanceledException"
PASSING = [
    UnreachableError("ReadTimeoutError", "", "TransactWriteItems"),
    refusal("TransactionInProgressException"),
    refusal("InternalServerError"),
    refusal("ThrottlingException"),
    refusal("ProvisionedThroughputExceededException"),
    refusal("RequestLimitExceeded"),
    refusal(CANCELED, "TransactionConflict", "None"),
    refusal(CANCELED, "None", "ThrottlingError"),
    refusal(CANCELED, "ProvisionedThroughputExceeded", "TransactionConflict"),
]
FINAL = [
    refusal("ValidationException"),
    refusal("IdempotentParameterMismatchException"),
    refusal("ResourceNotFoundException"),
    refusal("AccessDeniedException"),
    refusal(CANCELED, "ConditionalCheckFailed", "None"),
    refusal(CANCELED, "TransactionConflict", "ConditionalCheckFailed"),
    refusal(CANCELED, "ValidationError", "ThrottlingError"),
    refusal(CANCELED, "ItemCollectionSizeLimitExceeded", "None"),
    refusal(CANCELED, "None", "None"),
    refusal(CANCELED),
]


def told(error: ServiceError) -> str:
    reasons: Any = error.details.get("CancellationReasons", [])
    return "-".join([error.code, *(reason["Code"] for reason in reasons)])


@pytest.mark.parametrize("error", PASSING, ids=told)
def test_what_may_pass_is_sent_again_with_the_same_token(error):
    first, pause, second = sent(error, {})
    assert first == second
    assert first == (
        "TransactWriteItems",
        {
            "TransactItems": [{"Put": put(1).parameters}, {"Put": put(2).parameters}],
            "ClientRequestToken": "token",
        },
    )
    assert isinstance(pause, Pause)


@pytest.mark.parametrize("error", PASSING, ids=told)
def test_it_gives_up_in_the_end(error):
    with pytest.raises(type(error)) as caught:
        sent(*[error] * MAX_ATTEMPTS)
    assert caught.value is error
    assert sent(*[error] * (MAX_ATTEMPTS - 1), {}).count(sent({})[0]) == MAX_ATTEMPTS


@pytest.mark.parametrize("error", FINAL, ids=told)
def test_what_cannot_pass_raises_at_once(error):
    with pytest.raises(type(error)) as caught:
        sent(error)
    assert caught.value is error
    assert error.entity == "Account"


def test_pauses_grow_and_differ():
    for failures, longest in ((0, 0.05), (1, 0.05), (2, 0.1), (3, 0.2), (7, 3.2), (8, 5.0), (100, 5.0)):
        pauses = {backoff(failures).seconds for _ in range(200)}
        assert len(pauses) > 100
        assert 0 <= min(pauses) < longest / 4
        assert longest / 2 < max(pauses) <= longest


def test_tokens():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(1 <= len(token) <= 36 for token in tokens)


# --- reasons ---


@pytest.mark.parametrize(
    ("code", "class_", "as_alone"),
    [
        ("ConditionalCheckFailed", ConditionFailedError, "ConditionalCheckFailedException"),
        (
            "ItemCollectionSizeLimitExceeded",
            ItemCollectionFullError,
            "ItemCollectionSizeLimitExceededException",
        ),
        ("ProvisionedThroughputExceeded", ThrottledError, "ProvisionedThroughputExceededException"),
        ("ThrottlingError", ThrottledError, "ThrottlingException"),
        ("TransactionConflict", ServiceError, "TransactionConflictException"),
        ("ValidationError", ServiceError, "ValidationException"),
    ],
)
def test_a_reason_is_the_error_that_the_action_would_have_alone(code, class_, as_alone):
    # The second failure is one that cannot pass, so that nothing is sent again.
    error = refusal(CANCELED, "None", {"Code": code, "Message": "why"}, "ConditionalCheckFailed")
    with pytest.raises(TransactionCanceledError):
        sent(error, actions=[put(1), put(2, entity="Other"), put(3)])
    assert isinstance(error, TransactionCanceledError)
    nothing, reason, last = error.reasons
    assert nothing is None
    assert reason is not None
    assert (type(reason), reason.code, reason.message) == (class_, as_alone, "why")
    assert (reason.operation, reason.entity) == ("TransactWriteItems", "Other")
    assert isinstance(last, ConditionFailedError)
    assert str(error) == (
        "TransactWriteItems on Account: TransactionCanceledException: "
        f"reasons[1] (Other): {as_alone}, reasons[2] (Account): ConditionalCheckFailedException"
    )


def test_without_reasons_the_text_is_that_of_dynamodb():
    error = refusal(CANCELED)
    with pytest.raises(TransactionCanceledError, match="said DynamoDB"):
        sent(error)
    assert isinstance(error, TransactionCanceledError)
    assert error.reasons == (None, None)


def test_a_claim_that_failed_is_a_unique_constraint():
    error = refusal(CANCELED, "None", "ConditionalCheckFailed")
    with pytest.raises(TransactionCanceledError):
        sent(error, actions=[put(1), put(2, "Account.by_note")])
    assert isinstance(error, TransactionCanceledError)
    reason = error.reasons[1]
    assert isinstance(reason, UniqueConstraintError)
    assert reason.constraint == "Account.by_note"
    assert "another item has this value of Account.by_note" in str(reason)


# --- one write alone ---

STORED = {"owner": {"S": "secret"}, "number": {"N": "1"}, "balance": {"N": "7"}, "note": {"S": ""}}
FAILED = {"Code": "ConditionalCheckFailed", "Message": "no", "Item": STORED}


def alone(*answers: Exception | dict[str, Any]) -> list[Request | Pause]:
    return drive(send_alone([put(1), put(2, "Account.by_note")], SCHEMA), *answers)


def test_alone_each_run_has_a_token_of_its_own():
    runs = [alone(UnreachableError("x", "", ""), {}) for _ in range(2)]
    tokens = [[step.parameters["ClientRequestToken"] for step in run[::2]] for run in runs]
    assert tokens[0][0] == tokens[0][1] != tokens[1][0] == tokens[1][1]


def test_alone_a_failed_condition_is_raised_as_that_of_a_single_write():
    with pytest.raises(ConditionFailedError) as caught:
        alone(refusal(CANCELED, FAILED, "None"))
    assert type(caught.value) is ConditionFailedError
    assert caught.value.code == "ConditionalCheckFailedException"
    assert caught.value.old_item == Account(owner="secret", number=1, balance=7)
    assert caught.value.details["Item"] == STORED
    assert "secret" not in str(caught.value)


def test_alone_a_stored_item_that_does_not_fit():
    item = {**STORED, "balance": {"S": "seven"}}
    with pytest.raises(ConditionFailedError) as caught:
        alone(refusal(CANCELED, {**FAILED, "Item": item}, "None"))
    assert caught.value.old_item is None
    assert isinstance(caught.value.unreadable, UnreadableItemError)
    assert caught.value.unreadable.item == item


def test_alone_a_failed_claim_is_raised():
    with pytest.raises(UniqueConstraintError) as caught:
        alone(refusal(CANCELED, "None", "ConditionalCheckFailed"))
    assert (caught.value.constraint, caught.value.old_item) == ("Account.by_note", None)


def test_alone_its_own_condition_comes_before_its_claims():
    with pytest.raises(ConditionFailedError) as caught:
        alone(refusal(CANCELED, FAILED, "ConditionalCheckFailed"))
    assert not isinstance(caught.value, UniqueConstraintError)


@pytest.mark.parametrize("error", [refusal(CANCELED), service_error("ValidationException", "", "")])
def test_alone_other_errors_stay_as_they_are(error):
    with pytest.raises(ServiceError) as caught:
        alone(error)
    assert caught.value is error


# --- before sending ---


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        ([], "1 to 100 actions, found 0"),
        ([[put(number)] for number in range(101)], "found 101"),
        ([[put(1), *[put(number) for number in range(2, 102)]]], "found 101; each claim"),
        ([[put(1)], [put(2)], [put(1)]], "operations 0 and 2 .*same item"),
        ([[put(1)], [by_key("Update", 1)]], "operations 0 and 1 .*same item"),
        ([[by_key("Delete", "1")], [by_key("ConditionCheck", "1.0")]], "operations 0 and 1 .*same item"),
        ([[put(1), put(7, "A.u")], [put(2), put(7, "A.u")]], "operations 0 and 1 .*same value of A.u"),
        ([[put(number, size=400_000)] for number in range(11)], "4194304 bytes"),
    ],
)
def test_refused_before_it_is_sent(operations, words):
    with pytest.raises(RequestError, match=words):
        check_actions(operations, KEY_NAMES)


@pytest.mark.parametrize(
    "operations",
    [
        [[put(number)] for number in range(100)],
        [[put(1)], [by_key("Update", 2)], [by_key("Delete", 3)]],
        [[put(1)], [by_key("Delete", 1, table="u")]],
    ],
)
def test_allowed(operations):
    check_actions(operations, {**KEY_NAMES, "u": ("pk", "sk")})


# 10 large items, and one that fills 4 MB: "pk", "sk", "b", the key "a" and its number take 8 bytes.
LARGE = [[put(number, size=400_000)] for number in range(10)]
REST = MAX_BYTES - 10 * 400_000 - sum(8 if number else 7 for number in range(10))


def test_the_limit_of_bytes():
    fits = [*LARGE, [put(11, size=REST - 8)]]
    check_actions(fits, KEY_NAMES)
    with pytest.raises(RequestError, match=f"found {MAX_BYTES + 1}"):
        check_actions([*LARGE, [put(11, size=REST - 7)]], KEY_NAMES)


def test_values_of_expressions_count_as_well():
    values = {":v0": {"S": "x" * 390_000}}
    updates = [[by_key("Update", number, ExpressionAttributeValues=values)] for number in range(11)]
    check_actions(updates[:10], KEY_NAMES)
    with pytest.raises(RequestError, match="4 MB"):
        check_actions(updates, KEY_NAMES)
