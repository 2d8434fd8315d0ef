"""`DynamodelTable` and `DynamodelTableV2`: a declared table as a construct of the CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk
from aws_cdk import aws_dynamodb, aws_kms
from constructs import Construct

from dynamodel.entity.schema import schema_of
from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.cdk.grants import grant_patterns
from dynamodel.infra.cdk.resources import MAIN, CdkScope, include, register
from dynamodel.infra.global_table import global_table_properties
from dynamodel.infra.iam import policy
from dynamodel.infra.scaling import scaling_resources
from dynamodel.infra.tables import table_resources
from dynamodel.infra.template import Resource
from dynamodel.model.entity import Entity
from dynamodel.schema.settings import EncryptionKey
from dynamodel.schema.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk import aws_iam

    from dynamodel.expressions.path import Path
    from dynamodel.infra.iam import Pattern
    from dynamodel.schema.references import ResourceAttribute

__all__ = ["DynamodelTable", "DynamodelTableV2"]


class _DeclaredTable(Construct):
    """What both constructs have: the declaration, its resources, and the names CloudFormation gives them."""

    def __init__(self, scope: Construct, construct_id: str, table: Table | type[Entity]) -> None:
        super().__init__(scope, construct_id)
        self.declaration = _table(table)
        """The table as it is declared."""
        register(self, self.declaration, self)
        self._scope = CdkScope(self, {self.declaration: MAIN})

    @property
    def _main(self) -> Any:
        """The table's own resource."""
        raise NotImplementedError

    @property
    def table_name(self) -> str:
        """The table's name, as a token: `fn.add_environment("TABLE", movies.table_name)`."""
        return cast("str", self._main.ref)

    @property
    def table_arn(self) -> str:
        """The table's ARN, as a token."""
        return cast("str", self._main.attr_arn)

    @property
    def table_stream_arn(self) -> str | None:
        """The ARN of the table's stream, as a token; None if the table has no stream."""
        has_stream = self.declaration.settings.stream is not None
        return cast("str", self._main.attr_stream_arn) if has_stream else None

    def value_of(self, attribute: ResourceAttribute) -> str:
        """What `name_of`, `arn_of` and `stream_arn_of` mean of this table, as a token.

        Raises:
            DeclarationError: the stream of a table that has none.
        """
        if attribute == "Ref":
            return self.table_name
        value = self.table_arn if attribute == "Arn" else self.table_stream_arn
        if value is None:
            rule = "has no stream, found a use of its ARN; declare one with stream="
            raise DeclarationError([Fault(self.declaration.place, rule)])
        return value

    def grant(
        self,
        grantee: aws_iam.IGrantable,
        *patterns: Pattern,
        tenant: Mapping[Path[Any], str] | None = None,
        attributes: Sequence[Path[Any]] | None = None,
    ) -> aws_iam.Grant:
        """Allows a function or role what access patterns need, and nothing beside: `dynamodel.infra.iam`.

        Args:
            grantee: who gets the permissions.
            patterns: operations, or methods that build them, such as `Movie.by_id.get`; also those of other
                tables that have a construct in the same stack.
            tenant: the attribute with which partition keys begin, and its value for the principal.
            attributes: the only attributes that may be named.

        Raises:
            DeclarationError: what is no pattern, or cannot be bound so; all faults at once.
        """
        allowed = policy(patterns, tenant=tenant, attributes=attributes)
        return grant_patterns(self, grantee, allowed)

    def _attributes(self, encryption_key: aws_kms.IKey | None) -> dict[str, Any]:
        """What `from_table_attributes` takes, so that grants are those of the CDK's own constructs."""
        definition = self.declaration.definition
        return {
            "table_arn": self.table_arn,
            "table_stream_arn": self.table_stream_arn,
            "global_indexes": [index.name for index in definition.global_indexes],
            "local_indexes": [index.name for index in definition.local_indexes],
            "encryption_key": encryption_key or self._own_key(),
        }

    def _own_key(self) -> aws_kms.IKey | None:
        """The customer's key, where the declaration names it by its ARN."""
        encryption = self.declaration.settings.encryption
        if encryption.key_owner is not EncryptionKey.CUSTOMER_MANAGED:
            return None
        arn = self._scope.render(encryption.key)
        is_arn = isinstance(arn, str) and (aws_cdk.Token.is_unresolved(arn) or ":key/" in arn)
        return aws_kms.Key.from_key_arn(self, "Key", arn) if is_arn else None


class DynamodelTable(_DeclaredTable):
    """A declared table as `AWS::DynamoDB::Table`, with its autoscaling.

    Args:
        scope: the stack, or a construct in it.
        construct_id: the construct's id in its scope. That of a CDK `Table` gives the same logical id.
        table: the table, or an entity class, which stands for its table.
        encryption_key: the key of `Encryption.customer_managed(key.key_arn)`, to which grants on `table`
            give access; None: the key of that ARN. To be given where the setting is a key's id or alias.

    Raises:
        DeclarationError: the table is in the stack already, has replicas (see `DynamodelTableV2`), or
            refers to a table or function that is not in the stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        table: Table | type[Entity],
        *,
        encryption_key: aws_kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, construct_id, table)
        if self.declaration.settings.replicas:
            rule = "has replicas, found DynamodelTable; a table in several regions needs DynamodelTableV2"
            raise DeclarationError([Fault(self.declaration.place, rule)])
        resources = table_resources(self.declaration, self._scope)
        resources |= scaling_resources(self.declaration, self._scope)
        self.resource = cast("aws_dynamodb.CfnTable", include(self, resources)[MAIN])
        """The `AWS::DynamoDB::Table` itself, for what only the CDK has, such as property overrides."""
        self.table: aws_dynamodb.ITable = aws_dynamodb.Table.from_table_attributes(
            self, "Table", **self._attributes(encryption_key)
        )
        """The table as the CDK's own constructs take it: grants, metrics, event sources."""

    @property
    def _main(self) -> aws_dynamodb.CfnTable:
        return self.resource


class DynamodelTableV2(_DeclaredTable):
    """A declared table as `AWS::DynamoDB::GlobalTable`, with its replicas, or in one region alone.

    A table with replicas needs a stack whose region is known, as the CDK's `TableV2` does.

    Args:
        scope: the stack, or a construct in it.
        construct_id: the construct's id in its scope. That of a CDK `TableV2` gives the same logical id.
        table: the table, or an entity class, which stands for its table.
        encryption_key: as that of `DynamodelTable`.

    Raises:
        DeclarationError: the table is in the stack already, has replicas in a stack of unknown region or one
            in the stack's own region, or refers to a table or function that is not in the stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        table: Table | type[Entity],
        *,
        encryption_key: aws_kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, construct_id, table)
        region = aws_cdk.Stack.of(self).region
        faults = list(_region_faults(self.declaration, region))
        if faults:
            raise DeclarationError(faults)
        properties = self._scope.render(global_table_properties(self.declaration.definition, region))
        removal = self.declaration.settings.removal_policy
        resources = {MAIN: Resource("AWS::DynamoDB::GlobalTable", properties, removal)}
        self.resource = cast("aws_dynamodb.CfnGlobalTable", include(self, resources)[MAIN])
        """The `AWS::DynamoDB::GlobalTable` itself, for what only the CDK has, such as property overrides."""
        self.table: aws_dynamodb.ITableV2 = aws_dynamodb.TableV2.from_table_attributes(
            self, "Table", **self._attributes(encryption_key)
        )
        """The table in the stack's own region, as the CDK's own constructs take it."""

    @property
    def _main(self) -> aws_dynamodb.CfnGlobalTable:
        return self.resource


def _region_faults(table: Table, region: str) -> Iterator[Fault]:
    """What only the stack's region tells of replicas."""
    replicas = table.settings.replicas
    if replicas and aws_cdk.Token.is_unresolved(region):
        rule = (
            "has replicas, and found a stack for any region; give the stack its region: "
            "Stack(..., env=aws_cdk.Environment(region=...))"
        )
        yield Fault(f"{table.place}.replicas", rule)
    elif any(replica.region == region for replica in replicas):
        rule = f"are copies in other regions, found {region!r}, which is the stack's own; remove that replica"
        yield Fault(f"{table.place}.replicas", rule)


def _table(declared: Table | type[Entity]) -> Table:
    if isinstance(declared, Table):
        return declared
    if isinstance(declared, type) and issubclass(declared, Entity):
        return schema_of(declared).table
    raise DeclarationError([Fault("table", f"must be a Table or an entity class, found {declared!r}")])
