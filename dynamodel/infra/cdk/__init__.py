"""Constructs for an AWS CDK app: tables and functions as you declare them. Needs the extra `cdk`, and node.

```
class Backend(aws_cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        movies = DynamodelTable(self, "Movies", Movie)
        movies.grant(reader, Movie.by_id.get)       # least privilege, from access patterns
        movies.table.grant_read_data(dashboard)     # or as the CDK grants: `table` is an ITable
```

Guarantees: what a construct synthesises has the properties that the CDK's own construct (`Table`, `TableV2`)
makes of the same settings, and a table has the same logical id, so that one can take the other's place in a
deployed stack without the table being replaced. A text in a declaration may be a token of the CDK.
"""

from dynamodel.errors import MissingExtraError as _MissingExtraError

try:
    import aws_cdk as _aws_cdk  # noqa: F401 - the first import says what is missing
except ImportError:
    raise _MissingExtraError("dynamodel.infra.cdk", "cdk") from None
except FileNotFoundError:
    raise _MissingExtraError(
        "dynamodel.infra.cdk does not find node, on which the CDK runs (https://nodejs.org). It", "cdk"
    ) from None

from dynamodel.infra.cdk.app import synthesise
from dynamodel.infra.cdk.functions import DynamodelFunction
from dynamodel.infra.cdk.tables import DynamodelTable, DynamodelTableV2

__all__ = ["DynamodelFunction", "DynamodelTable", "DynamodelTableV2", "synthesise"]
