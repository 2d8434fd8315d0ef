"""`Table`: the user's declaration of a table, which collects what the entity classes on it say.

Guarantee: a Table is always right. Its settings are checked when it is made, and `add` either takes
the whole contribution of an entity or raises with all its faults and leaves the table as it was.
So `definition` never breaks a rule of DynamoDB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from attrs import evolve

from dynamodel.errors import DeclarationError, Fault
from dynamodel.schema.common_settings import (
    BillingMode,
    Encryption,
    MultiRegionConsistency,
    PointInTimeRecovery,
    RemovalPolicy,
    StreamViewType,
    TableClass,
)
from dynamodel.schema.contribution import (
    EntityContribution,
    agreement_faults,
    attribute_type_faults,
    entity_faults,
    merged_indexes,
)
from dynamodel.schema.definition import TableDefinition
from dynamodel.schema.keys import KeyAttribute, KeySchema
from dynamodel.schema.table_settings import TableSettings
from dynamodel.schema.verify import (
    PlacedIndex,
    PlacedKey,
    indexes_faults,
    key_faults,
    sound_indexes,
    table_place,
)
from dynamodel.schema.verify_rare import replica_faults, replica_index_faults, settings_faults, vector_faults
from dynamodel.schema.verify_types import attribute_name_faults, name_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dynamodel.keys import KeyTemplate
    from dynamodel.schema.indexes import IndexDefinition
    from dynamodel.schema.rare_settings import (
        ContributorInsights,
        ImportSource,
        KinesisStream,
        OnDemandThroughput,
        Replica,
        Throughput,
        WarmThroughput,
    )
    from dynamodel.schema.references import Text
    from dynamodel.schema.vectors import VectorIndex

__all__ = ["Table"]

_DISCRIMINATOR = "_type"


class Table:
    """A DynamoDB table, as you declare it: its name, perhaps its key, and its settings.

    With `partition_key` (and `sort_key`) the table has a key of Strings under names of its own, such as
    "pk" and "sk", for single-table design: entity classes build them with `key(...)`, and their items are
    told apart by a discriminator attribute. Without them the key comes from the entity class.

    Args:
        name: 3 to 255 of a-z A-Z 0-9 _ . -
        partition_key: the stored name of a generic partition key; 1 to 255 bytes.
        sort_key: the stored name of a generic sort key; needs a partition_key.
        discriminator: the stored name of the attribute that tells whose an item is; None: "_type" where the
            table has a partition_key, otherwise none; False: none.
        billing_mode: on demand unless told otherwise.
        throughput: needed with BillingMode.PROVISIONED, refused without. A global index that has none of
            its own gets the same; indexes do not share the table's.
        on_demand_throughput: a maximum for BillingMode.PAY_PER_REQUEST.
        warm_throughput: what the table must serve at once.
        removal_policy: what becomes of the table when its stack goes. DESTROY with deletion_protection is
            allowed: the stack then cannot be deleted until the protection is lifted.
        time_to_live: the stored name of the attribute with the expiry, a Number of epoch seconds.
        stream: what the table's stream carries; None: no stream.
        point_in_time_recovery: continuous backups; None: none.
        deletion_protection: whether DynamoDB refuses to delete the table.
        encryption: whose key encrypts it.
        table_class: the price class.
        contributor_insights: CloudWatch contributor insights of the table; None: off.
        kinesis_stream: a Kinesis data stream that receives every change.
        resource_policy: who may use the table, as a policy document.
        stream_resource_policy: who may read the stream, as a policy document; needs a stream.
        import_source: files in S3 from which CloudFormation fills the new table.
        tags: at most 50.
        stream_tags: of the stream; at most 50.
        deployed_name: the name in templates, where it differs from the one that the program uses, such as
            `Sub("Movies-${Stage}", Stage=Parameter("Stage"))`.
        replicas: copies of the table in other regions; templates then have a global table.
        multi_region_consistency: what a read in one region sees of a write in another.
        witness_region: with MultiRegionConsistency.STRONG and one replica, the region that only votes.
        vector_indexes: indexes for similarity search; part of the definition only.

    Raises:
        DeclarationError: with every broken rule at once.
    """

    __slots__ = (
        "__weakref__",
        "_built_names",
        "_contributions",
        "_discriminator",
        "_key",
        "_name",
        "_settings",
        "_vector_indexes",
    )

    def __init__(  # noqa: PLR0913 - one keyword for each property of AWS::DynamoDB::Table
        self,
        name: str,
        *,
        partition_key: str | None = None,
        sort_key: str | None = None,
        discriminator: str | Literal[False] | None = None,
        billing_mode: BillingMode = BillingMode.PAY_PER_REQUEST,
        throughput: Throughput | None = None,
        on_demand_throughput: OnDemandThroughput | None = None,
        warm_throughput: WarmThroughput | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        time_to_live: str | None = None,
        stream: StreamViewType | None = None,
        point_in_time_recovery: PointInTimeRecovery | None = None,
        deletion_protection: bool = False,
        encryption: Encryption = Encryption.AWS_OWNED,
        table_class: TableClass = TableClass.STANDARD,
        contributor_insights: ContributorInsights | None = None,
        kinesis_stream: KinesisStream | None = None,
        resource_policy: Mapping[str, object] | None = None,
        stream_resource_policy: Mapping[str, object] | None = None,
        import_source: ImportSource | None = None,
        tags: Mapping[str, Text] | None = None,
        stream_tags: Mapping[str, Text] | None = None,
        deployed_name: Text | None = None,
        replicas: Sequence[Replica] = (),
        multi_region_consistency: MultiRegionConsistency | None = None,
        witness_region: str | None = None,
        vector_indexes: Sequence[VectorIndex] = (),
    ) -> None:
        self._name = name
        self._settings = TableSettings(
            billing_mode=billing_mode,
            throughput=throughput,
            on_demand_throughput=on_demand_throughput,
            warm_throughput=warm_throughput,
            removal_policy=removal_policy,
            time_to_live=time_to_live,
            stream=stream,
            stream_resource_policy=_plain(stream_resource_policy),
            point_in_time_recovery=point_in_time_recovery,
            deletion_protection=deletion_protection,
            encryption=encryption,
            table_class=table_class,
            contributor_insights=contributor_insights,
            kinesis_stream=kinesis_stream,
            resource_policy=_plain(resource_policy),
            import_source=import_source,
            tags={} if tags is None else _plain(tags),
            stream_tags={} if stream_tags is None else _plain(stream_tags),
            deployed_name=deployed_name,
            replicas=_listed(replicas),
            multi_region_consistency=multi_region_consistency,
            witness_region=witness_region,
        )
        self._vector_indexes = _listed(vector_indexes)
        self._contributions: dict[str, EntityContribution] = {}
        self._built_names: frozenset[str] = frozenset()
        faults = name_faults(name, self.place)
        self._key, key = _generic_key(partition_key, sort_key, self.place)
        self._discriminator = _DISCRIMINATOR if discriminator is None and partition_key else discriminator
        if self._discriminator is not None and self._discriminator is not False:
            place = f"{self.place}.discriminator"
            faults += attribute_name_faults(self._discriminator, place, "attribute")
            if self._discriminator in (partition_key, sort_key, time_to_live):
                rule = f"must be an attribute of its own, found {self._discriminator!r}; use another name"
                faults.append(Fault(place, rule))
        faults += key + settings_faults(self._settings, self.place)
        faults += vector_faults(self._vector_indexes, (), self.place)
        known = TableDefinition(name, self._key or KeySchema(()), settings=self._settings)
        faults += replica_faults(known, self.place)
        if not faults and self._key is not None:
            faults += indexes_faults((), PlacedKey(self.place, self._key), self._settings, self.place)
        if faults:
            raise DeclarationError(faults)

    @property
    def name(self) -> str:
        """The table's name."""
        return self._name

    @property
    def place(self) -> str:
        """How faults call the table: `Table 'Movies'`."""
        return table_place(self._name)

    @property
    def settings(self) -> TableSettings:
        """All settings, as one value."""
        return self._settings

    @property
    def generic_key(self) -> KeySchema | None:
        """The key of a single-table design; None: the key comes from the entity class."""
        return self._key

    @property
    def discriminator(self) -> str | None:
        """The stored name of the attribute that tells whose an item is; None: there is none."""
        return self._discriminator if isinstance(self._discriminator, str) else None

    def is_shared(self, key: Mapping[str, KeyTemplate], discriminator: str) -> bool:
        """Whether items of other entities can lie among those of one entity.

        Args:
            key: the attributes of the table's key or of an index's, by name, with the templates by which
                that entity builds them.
            discriminator: that entity's.
        """
        others = (other for other in self._contributions.values() if other.discriminator != discriminator)
        return any(other.can_have(key) for other in others)

    @property
    def built_names(self) -> frozenset[str]:
        """The names of the key attributes that some entity of the table builds."""
        return self._built_names

    @property
    def entities(self) -> tuple[str, ...]:
        """The names of the entity classes on this table, in the order of their declaration."""
        return tuple(contribution.entity for contribution in self._contributions.values())

    @property
    def contributions(self) -> tuple[EntityContribution, ...]:
        """What the entity classes on this table say of it, in the order of their declaration."""
        return tuple(self._contributions.values())

    @property
    def definition(self) -> TableDefinition:
        """The whole table, from which infrastructure is compiled.

        Raises:
            DeclarationError: nothing says what its key is, or a replica speaks of an index that no entity
                declares.
        """
        key = _key_of(self._key, tuple(self._contributions.values()))
        if key is None:
            rule = (
                "a table has a key, found no entity class and no partition_key; declare an entity with "
                "table=..., import the module that does, or give partition_key="
            )
            raise DeclarationError([Fault(self.place, rule)])
        indexes = [
            _with_table_throughput(placed.definition, self._settings)
            for placed in merged_indexes(self._contributions.values()).values()
        ]
        definition = TableDefinition(
            name=self._name,
            key=key,
            local_indexes=tuple(index for index in indexes if index.kind == "local"),
            global_indexes=tuple(index for index in indexes if index.kind == "global"),
            settings=self._settings,
            vector_indexes=self._vector_indexes,
        )
        faults = [*replica_faults(definition, self.place), *replica_index_faults(definition, self.place)]
        if faults:
            raise DeclarationError(faults)
        return definition

    def add(self, contribution: EntityContribution) -> None:
        """Takes in what an entity class says; the same class, made again, is replaced.

        Raises:
            DeclarationError: with every fault; the table stays as it was.
        """
        faults = self.faults(contribution)
        if faults:
            raise DeclarationError(faults)
        self._contributions[contribution.identity] = contribution
        self._built_names = frozenset().union(*(each.templates for each in self._contributions.values()))

    def faults(self, contribution: EntityContribution) -> list[Fault]:
        """Every rule that the table would break with this contribution; nothing is changed."""
        others = tuple(other for name, other in self._contributions.items() if name != contribution.identity)
        faults = key_faults(contribution.key, contribution.key_place)
        key = _key_of(self._key, others)
        if key is not None and key != contribution.key:
            rule = f"{self.place} has {key}, found {contribution.key}; all entities of a table share its key"
            faults.append(Fault(contribution.key_place, rule))
            # What belongs to another key says nothing about this one: ask about the entity alone.
            others = ()
        own = contribution.placed_indexes
        known = merged_indexes(others)
        sound = sound_indexes(own)
        for placed in sound:
            if placed.definition.name in known:
                faults += agreement_faults(placed, known[placed.definition.name])
        names = {placed.definition.name for placed in sound}
        rest = tuple(placed for name, placed in known.items() if name not in names)
        faults += self._index_faults((*rest, *own), contribution)
        faults += vector_faults(self._vector_indexes, names | known.keys(), self.place)
        faults += entity_faults(contribution, others)
        faults += self._blind_faults(contribution)
        if self.discriminator in contribution.key_names:
            rule = f"{self.discriminator!r} is the discriminator of {self.place}, and cannot be part of a key"
            faults.append(Fault(contribution.entity, rule))
        return faults + self._attribute_faults((*others, contribution), (*rest, *sound))

    def _blind_faults(self, contribution: EntityContribution) -> Iterator[Fault]:
        """Indexes that do not tell whose an item is: neither by the discriminator, nor by built keys."""
        own_keys = {attribute.name for attribute in contribution.key.attributes}
        if contribution.discriminator is None or own_keys & contribution.templates.keys():
            return
        for place, index in contribution.placed_indexes:
            if index.projection.type == "KEYS_ONLY":
                rule = (
                    f"holds no {self.discriminator!r}, and {contribution.entity} does not build its key with "
                    "key(), so that a reader cannot tell whose an item is; project ALL, or include=[...]"
                )
                yield Fault(place, rule)

    def _index_faults(self, indexes: Sequence[PlacedIndex], contribution: EntityContribution) -> list[Fault]:
        """What is wrong with the indexes of the whole table, once the contribution is part of it."""
        key = PlacedKey(contribution.key_place, contribution.key)
        whole = [
            PlacedIndex(place, _with_table_throughput(index, self._settings)) for place, index in indexes
        ]
        return indexes_faults(whole, key, self._settings, self.place)

    def _attribute_faults(
        self,
        contributions: Sequence[EntityContribution],
        indexes: Sequence[PlacedIndex],
    ) -> list[Fault]:
        """Whether the attributes of all entities fit the keys of the table and the time to live."""
        latest = contributions[-1]
        roles: dict[str, tuple[str, str]] = {}
        for place, schema in ((latest.key_place, latest.key), *((at, index.key) for at, index in indexes)):
            for attribute in schema.attributes:
                roles.setdefault(attribute.name, (attribute.type, place))
        return list(attribute_type_faults(contributions, roles, self._settings))

    def __repr__(self) -> str:
        return f"Table({self._name!r})"


def _generic_key(
    partition_key: str | None,
    sort_key: str | None,
    place: str,
) -> tuple[KeySchema | None, list[Fault]]:
    """The key that a Table itself declares, with its faults."""
    if partition_key is None:
        if sort_key is None:
            return None, []
        return None, [
            Fault(f"{place}.sort_key", "needs a partition_key, found None; give one, or remove both")
        ]
    faults = attribute_name_faults(partition_key, f"{place}.partition_key", "key attribute")
    if sort_key is None:
        return KeySchema((KeyAttribute(partition_key, "S"),)), faults
    faults += attribute_name_faults(sort_key, f"{place}.sort_key", "key attribute")
    if partition_key == sort_key:
        rule = f"must differ from partition_key, found {sort_key!r} in both; use another name"
        faults.append(Fault(f"{place}.sort_key", rule))
    return KeySchema((KeyAttribute(partition_key, "S"),), (KeyAttribute(sort_key, "S"),)), faults


def _key_of(key: KeySchema | None, contributions: Sequence[EntityContribution]) -> KeySchema | None:
    return key or (contributions[0].key if contributions else None)


def _with_table_throughput(index: IndexDefinition, settings: TableSettings) -> IndexDefinition:
    """The index as AWS needs it: with provisioned capacity, the table's own unless it has some.

    AWS asks for it on each global index of a provisioned table; there is no capacity that they share.
    """
    provisioned = settings.billing_mode is BillingMode.PROVISIONED
    if provisioned and index.kind == "global" and index.throughput is None:
        return evolve(index, throughput=settings.throughput)
    return index


_Listed = TypeVar("_Listed")


def _listed(values: Sequence[_Listed]) -> tuple[_Listed, ...]:
    """A tuple; what is no sequence stays as it is, for the checks to find."""
    return tuple(values) if isinstance(values, list | tuple) else cast("tuple[_Listed, ...]", values)


_Json = TypeVar("_Json")


def _plain(value: _Json) -> _Json:
    """A copy in plain dicts and lists, which JSON can hold and later changes of the original do not reach."""
    if isinstance(value, Mapping):
        return cast("_Json", {key: _plain(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return cast("_Json", [_plain(item) for item in value])
    return value
