"""The operation that describes a deployed table: `DescribeTable` and all that it does not tell.

Guarantee: what an engine does not know, or the caller may not ask, is named in the result as unseen. Every
other refusal is raised.
"""

from __future__ import annotations

from typing import Any

import attrs

from dynamodel.drift.deployed import DeployedTable, NotTold, Question, deployed_table, questions
from dynamodel.errors import ServiceError, TableNotFoundError
from dynamodel.operations.base import Exchange, Settings, exchange
from dynamodel.operations.tables import described
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.table import Table
from dynamodel.types import Flow, Item, Request, Response

__all__ = ["DescribeTable", "SampleItems", "describe_table"]


def describe_table(table: Table | TableDefinition | str) -> DescribeTable:
    """What is deployed: keys, indexes and all settings of a table; None if there is no such table.

    Beside DescribeTable it sends one request for each setting that DescribeTable leaves out, and for the
    contributor insights of each global index.

    Args:
        table: the table, or its name; its entities and its definition are not read.
    """
    return DescribeTable(table if isinstance(table, str) else table.name)


@attrs.frozen
class DescribeTable(Exchange[DeployedTable | None]):
    """Ask for all that DynamoDB tells of a table."""

    name: str

    def request(self) -> Request:
        """The `DescribeTable` request; those for single settings follow it."""
        return Request("DescribeTable", {"TableName": self.name})

    @property
    def max_requests(self) -> int | None:
        """Not known before: it depends on the table's global indexes and tags."""
        return None

    def flow(self, settings: Settings) -> Flow[DeployedTable | None]:
        """Describe the table, then ask for what is missing."""
        try:
            description = yield from described(self.name)
        except TableNotFoundError:
            return None
        answers: dict[str, Response | NotTold] = {}
        for question in questions(description):
            answers[question.place] = yield from _answer(question, self.name)
        return deployed_table(description, answers)


_NOT_KNOWN = frozenset({"UnknownOperationException", "InternalFailure", "NotImplemented"})
"""How engines in DynamoDB's place refuse what they do not know (DynamoDB Local 1.25.1, moto 5.2)."""


def _answer(question: Question, name: str) -> Flow[Response | NotTold]:
    operation = question.request.operation
    try:
        if operation == "ListTagsOfResource":
            return (yield from _all_tags(question.request, name))
        return (yield from exchange(question.request, name))
    except ServiceError as error:
        if error.code == "PolicyNotFoundException":
            return {}
        if error.code in _NOT_KNOWN:
            return NotTold(f"this engine has no {operation}")
        if error.code in {"AccessDeniedException", "ResourceNotFoundException"}:
            # The table was found a moment ago. AWS finds a stream, or a policy, a while after it was made.
            return NotTold(f"{operation} answers {error.code}")
        raise


def _all_tags(request: Request, name: str) -> Flow[Response]:
    """All pages of the tags (AWS API reference: ListTagsOfResource has 10 in each)."""
    tags: list[Any] = []
    parameters = request.parameters
    while True:
        page = yield from exchange(Request(request.operation, parameters), name)
        tags += page.get("Tags", ())
        if not page.get("NextToken"):
            return {"Tags": tags}
        parameters = {**request.parameters, "NextToken": page["NextToken"]}


@attrs.frozen
class SampleItems(Exchange[list[Item]]):
    """Some items of a table, whatever entities they are of, as a Scan gives them."""

    table: str
    size: int
    """How many at most."""

    def request(self) -> Request:
        """The first `Scan` request."""
        return Request("Scan", {"TableName": self.table, "Limit": self.size})

    @property
    def max_requests(self) -> int | None:
        """Not known before: a request reads at most 1 MB."""
        return None

    def flow(self, settings: Settings) -> Flow[list[Item]]:
        """Scan until there are enough items, or no more."""
        items: list[Item] = []
        request = self.request()
        while True:
            response = yield from exchange(request, self.table)
            items += response["Items"]
            start = response.get("LastEvaluatedKey")
            if not start or len(items) >= self.size:
                return items
            more = {"Limit": self.size - len(items), "ExclusiveStartKey": start}
            request = Request("Scan", {"TableName": self.table, **more})
