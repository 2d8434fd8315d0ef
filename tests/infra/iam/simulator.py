"""A small IAM: does a policy document allow what a request to DynamoDB asks for?

Written from AWS's pages alone, without the compiler that it judges: IAM user guide (policy evaluation logic,
condition operators, policy variables) and the DynamoDB developer guide (fine-grained access control). What a
request asks for is read from its name and parameters: one check for each action and resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dynamodel import Request

REGION, ACCOUNT = "eu-central-1", "123456789012"

_PREFIX = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/"
_TRANSACTED = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


class Check(NamedTuple):
    """One action on one resource, with what conditions can ask of it."""

    action: str
    resource: str
    context: Mapping[str, list[str]]


def allows(document: Mapping[str, Any], check: Check, principal: Mapping[str, str] | None = None) -> bool:
    """Whether one of the statements allows it; what none allows is denied."""
    return any(_applies(statement, check, principal or {}) for statement in document["Statement"])


def allows_request(
    document: Mapping[str, Any],
    request: Request,
    keys: Mapping[str, str],
    principal: Mapping[str, str] | None = None,
) -> bool:
    """Whether all that a request asks for is allowed."""
    return all(allows(document, check, principal) for check in checks_of(request, keys))


# --- what a request asks for ---


def checks_of(request: Request, keys: Mapping[str, str]) -> Iterator[Check]:
    """The checks of a request.

    Args:
        request: as it is sent.
        keys: the names of the partition keys, by `Table` and `Table/index/Name`.
    """
    name, parameters = request
    if name in {"TransactWriteItems", "TransactGetItems"}:
        for item in parameters["TransactItems"]:
            [(kind, own)] = item.items()
            yield _check(_TRANSACTED[kind], own, keys)
    elif name == "BatchGetItem":
        for table, asked in parameters["RequestItems"].items():
            context = {
                "dynamodb:LeadingKeys": [_text(key[keys[table]]) for key in asked["Keys"]],
                "dynamodb:Attributes": _named(asked, asked["Keys"]),
                "dynamodb:Select": [_select(asked)],
            }
            yield Check(f"dynamodb:{name}", _PREFIX + table, context)
    elif name == "BatchWriteItem":
        for table, asked in parameters["RequestItems"].items():
            bodies = [body for entry in asked for each in entry.values() for body in each.values()]
            context = {
                "dynamodb:LeadingKeys": [_text(body[keys[table]]) for body in bodies],
                "dynamodb:Attributes": sorted({name for body in bodies for name in body}),
            }
            yield Check(f"dynamodb:{name}", _PREFIX + table, context)
    else:
        yield _check(name, parameters, keys)


def _check(action: str, parameters: Mapping[str, Any], keys: Mapping[str, str]) -> Check:
    place = parameters["TableName"]
    if "IndexName" in parameters:
        place += f"/index/{parameters['IndexName']}"
    context: dict[str, list[str]] = {}
    body = parameters.get("Item") or parameters.get("Key")
    if body is not None:
        context["dynamodb:LeadingKeys"] = [_text(body[keys[place]])]
        context["dynamodb:Attributes"] = _named(parameters, [body])
    elif action in {"Query", "Scan"}:
        context["dynamodb:Attributes"] = _named(parameters, [])
        if action == "Query":
            context["dynamodb:LeadingKeys"] = [_queried(parameters, keys[place])]
    if action in {"GetItem", "Query", "Scan"}:
        context["dynamodb:Select"] = [_select(parameters)]
    if action in {"PutItem", "UpdateItem", "DeleteItem"}:
        context["dynamodb:ReturnValues"] = [parameters.get("ReturnValues", "NONE")]
    return Check(f"dynamodb:{action}", _PREFIX + place, context)


def _text(value: Mapping[str, Any]) -> str:
    [content] = value.values()
    return str(content)


def _select(parameters: Mapping[str, Any]) -> str:
    if "Select" in parameters:
        return str(parameters["Select"])
    return "SPECIFIC_ATTRIBUTES" if "ProjectionExpression" in parameters else "ALL_ATTRIBUTES"


def _named(parameters: Mapping[str, Any], bodies: list[Mapping[str, Any]]) -> list[str]:
    """The names of the attributes at the top of the paths, and of the items and keys."""
    aliases = parameters.get("ExpressionAttributeNames", {})
    texts = [text for name, text in parameters.items() if name.endswith("Expression")]
    tops = {name for body in bodies for name in body}
    for text in texts:
        tops |= {aliases[alias] for alias in re.findall(r"(?<![.\w])#\w+", text)}
    return sorted(tops)


def _queried(parameters: Mapping[str, Any], key: str) -> str:
    aliases = parameters.get("ExpressionAttributeNames", {})
    text = re.sub(r"#\w+", lambda alias: aliases[alias[0]], parameters["KeyConditionExpression"])
    found = re.search(rf"(?:^|[\s(]){re.escape(key)} = (:\w+)", text)
    assert found, text
    return _text(parameters["ExpressionAttributeValues"][found[1]])


# --- whether a statement applies ---


def _applies(statement: Mapping[str, Any], check: Check, principal: Mapping[str, str]) -> bool:
    return (
        statement["Effect"] == "Allow"
        and any(_like(check.action, action, {}) for action in _listed(statement["Action"]))
        and any(_like(check.resource, resource, principal) for resource in _listed(statement["Resource"]))
        and all(
            _holds(operator, key, _listed(wanted), check.context, principal)
            for operator, asked in statement.get("Condition", {}).items()
            for key, wanted in asked.items()
        )
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _holds(
    operator: str,
    key: str,
    wanted: list[str],
    context: Mapping[str, list[str]],
    principal: Mapping[str, str],
) -> bool:
    found = context.get(key)
    if operator == "Null":
        return (found is None) == (wanted == ["true"])
    qualifier, _, rest = operator.rpartition(":")
    is_optional = rest.endswith("IfExists")
    test = {"StringLike": _like, "StringEquals": _equals}[rest.removesuffix("IfExists")]
    if found is None:
        return is_optional or qualifier == "ForAllValues"
    match = {"": any, "ForAnyValue": any, "ForAllValues": all}[qualifier]
    return match(any(test(value, pattern, principal) for pattern in wanted) for value in found)


def _equals(value: str, wanted: str, principal: Mapping[str, str]) -> bool:
    pieces = _pieces(wanted, principal)
    return pieces is not None and value == "".join(text for text, _ in pieces)


def _like(value: str, pattern: str, principal: Mapping[str, str]) -> bool:
    pieces = _pieces(pattern, principal)
    if pieces is None:
        return False
    expression = "".join(
        re.escape(text) if is_literal else re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
        for text, is_literal in pieces
    )
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _pieces(pattern: str, principal: Mapping[str, str]) -> list[tuple[str, bool]] | None:
    """The text with its variables filled in; whether a piece is literal. None: a variable has no value.

    A wildcard in a variable's value is taken as one, which is the worse of both readings.
    """
    pieces: list[tuple[str, bool]] = []
    for position, piece in enumerate(re.split(r"\$\{([^}]*)\}", pattern)):
        if position % 2 == 0:
            pieces.append((piece, False))
        elif piece in {"*", "?", "$"}:
            pieces.append((piece, True))
        elif piece in principal:
            pieces.append((principal[piece], False))
        else:
            return None
    return pieces
