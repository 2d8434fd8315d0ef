"""`Table`: its constructor, and what happens as entities are added to it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import attrs
import pytest

from dynamodel.errors import DeclarationError
from dynamodel.schema import (
    BillingMode,
    ContributorInsights,
    EntityContribution,
    IndexDefinition,
    KeySchema,
    PointInTimeRecovery,
    Projection,
    RemovalPolicy,
    StreamViewType,
    Table,
    TableClass,
    TableDefinition,
    TableSettings,
    Throughput,
    table_faults,
)

from .cases import (
    GENERIC,
    POLICY,
    RIGHT,
    RIGHT_UNASKED,
    STATEMENT,
    Right,
    global_index,
    key,
    local_index,
    names,
)

S, N = frozenset({"S"}), frozenset({"N"})


def entity(
    name: str = "Thread",
    *indexes: IndexDefinition,
    key: KeySchema = GENERIC,
    **attribute_types: Any,
) -> EntityContribution:
    placed = tuple((f"{name}.by_{index.name}", index) for index in indexes)
    return EntityContribution(name, key, f"{name}.main", placed, attribute_types)


def places(error: pytest.ExceptionInfo[DeclarationError]) -> list[str]:
    return [fault.place for fault in error.value.faults]


class TestDeclaration:
    def test_defaults(self) -> None:
        settings = Table("Movies").settings
        assert settings == TableSettings()
        assert settings.billing_mode is BillingMode.PAY_PER_REQUEST
        assert settings.removal_policy is RemovalPolicy.RETAIN
        assert settings.table_class is TableClass.STANDARD

    @pytest.mark.parametrize("case", [*RIGHT, *RIGHT_UNASKED], ids=lambda case: case.id)
    def test_every_setting_arrives(self, case: Right) -> None:
        given = {
            field: getattr(case.definition.settings, field) for field in attrs.fields_dict(TableSettings)
        }
        assert len(given) == 22
        assert Table("Forum", **given).settings == case.definition.settings

    def test_an_unknown_keyword_is_pythons_type_error(self) -> None:
        with pytest.raises(TypeError, match="billing"):
            Table("Movies", billing=BillingMode.PROVISIONED)

    def test_all_faults_at_once(self) -> None:
        with pytest.raises(DeclarationError) as caught:
            Table(
                "M",
                sort_key="sk",
                throughput="5",
                time_to_live="",
                point_in_time_recovery=PointInTimeRecovery(99),
                stream_resource_policy=POLICY,
                tags={"aws:x": ""},
            )
        assert places(caught) == [
            "Table 'M'",
            "Table 'M'.sort_key",
            "Table 'M'.throughput",
            "Table 'M'.time_to_live",
            "Table 'M'.point_in_time_recovery.days",
            "Table 'M'.stream_resource_policy",
            "Table 'M'.tags['aws:x']",
        ]

    @pytest.mark.parametrize(
        ("arguments", "place", "rule"),
        [
            ({"name": 5}, "Table 5", "found int"),
            ({"name": None}, "Table None", "found NoneType"),
            ({"partition_key": ""}, "Table 'App'.partition_key", "found 0"),
            ({"partition_key": 5}, "Table 'App'.partition_key", "found int"),
            ({"partition_key": "pk", "sort_key": "s" * 256}, "Table 'App'.sort_key", "found 256"),
            ({"partition_key": "pk", "sort_key": "pk"}, "Table 'App'.sort_key", "must differ"),
            ({"sort_key": "sk"}, "Table 'App'.sort_key", "needs a partition_key"),
            ({"partition_key": "pk", "time_to_live": "pk"}, "Table 'App'", "must be a Number"),
        ],
    )
    def test_name_and_key(self, arguments: dict[str, Any], place: str, rule: str) -> None:
        with pytest.raises(DeclarationError, match=rule) as caught:
            Table(**{"name": "App"} | arguments)
        assert places(caught) == [place]

    def test_mappings_are_copied(self) -> None:
        tags, policy = {"a": "b"}, {"Statement": [STATEMENT | {"Sid": "one"}]}
        table = Table("Movies", tags=MappingProxyType(tags), resource_policy=policy)
        tags["aws:"] = "late"
        policy["Statement"][0]["Sid"] = "late"
        assert table.settings.tags == {"a": "b"}
        assert table.settings.resource_policy == {"Statement": [STATEMENT | {"Sid": "one"}]}


class TestDefinition:
    def test_of_a_single_table_design(self) -> None:
        table = Table("App", partition_key="pk", sort_key="sk")
        assert table.definition == TableDefinition("App", key("pk", "sk"))
        assert Table("App", partition_key="pk").definition.key == key("pk")

    def test_of_a_table_without_a_key(self) -> None:
        with pytest.raises(DeclarationError, match="found no entity class and no partition_key") as caught:
            _ = Table("Movies").definition
        assert places(caught) == ["Table 'Movies'"]

    def test_of_a_classic_table(self) -> None:
        table = Table("Movies", stream=StreamViewType.KEYS_ONLY)
        table.add(entity("Movie", global_index(), key=key("movieId", movieId="N")))
        assert table.definition == TableDefinition(
            "Movies",
            key("movieId", movieId="N"),
            global_indexes=(global_index(),),
            settings=TableSettings(stream=StreamViewType.KEYS_ONLY),
        )

    def test_indexes_stand_in_the_order_of_declaration(self) -> None:
        table = Table("App", partition_key="pk", sort_key="sk")
        table.add(entity("Thread", global_index("gsi9"), local_index("lsi9", "a"), global_index("gsi5")))
        table.add(entity("Reply", local_index("lsi1", "b"), global_index("gsi5"), global_index("gsi1")))
        table.add(entity("Thread", global_index("gsi9"), local_index("lsi9", "a"), global_index("gsi5")))
        assert [index.name for index in table.definition.global_indexes] == ["gsi9", "gsi5", "gsi1"]
        assert [index.name for index in table.definition.local_indexes] == ["lsi9", "lsi1"]
        assert table.entities == ("Thread", "Reply")

    def test_an_index_takes_the_provisioned_throughput_of_its_table(self) -> None:
        table = Table("Forum", billing_mode=BillingMode.PROVISIONED, throughput=Throughput(5, 6))
        table.add(
            entity(
                "Thread", global_index("a__"), global_index("b__", throughput=Throughput(1, 1)), local_index()
            )
        )
        own = {index.name: index.throughput for index in table.definition.indexes}
        assert own == {"a__": Throughput(5, 6), "b__": Throughput(1, 1), "lsi1": None}
        assert table_faults(table.definition) == []

    def test_a_setting_of_a_shared_index_may_be_given_once(self) -> None:
        table = Table("App", partition_key="pk", sort_key="sk")
        table.add(entity("Thread", global_index()))
        table.add(entity("Reply", global_index(contributor_insights=ContributorInsights())))
        table.add(entity("User", global_index()))
        assert table.definition.global_indexes == (global_index(contributor_insights=ContributorInsights()),)


def forum() -> Table:
    table = Table("Forum", partition_key="pk", sort_key="sk", time_to_live="expires")
    table.add(entity("Thread", local_index(), global_index(), subject=S, expires=N))
    return table


class TestContribution:
    @pytest.mark.parametrize(
        ("contribution", "place", "rule"),
        [
            pytest.param(
                entity("Reply", key=key("id", "sk")),
                "Reply.main",
                "Table 'Forum' has partition key 'pk' (S), sort key 'sk' (S), "
                "found partition key 'id' (S), sort key 'sk' (S)",
                id="other key",
            ),
            pytest.param(
                entity("Reply", key=key("pk", "sk", sk="N")), "Reply.main", "'sk' (N)", id="other type"
            ),
            pytest.param(entity("Reply", key=key("pk")), "Reply.main", "no sort key", id="no sort key"),
            pytest.param(
                entity("Reply", local_index(partition="pk", sort="x"), key=key("pk", "x")),
                "Reply.main",
                "share its key",
                id="other key, whose index fits it",
            ),
            pytest.param(
                entity("Reply", local_index("gsi1", "gsi1pk")),
                "Reply.by_gsi1 (gsi1)",
                "same kind: found local, but Thread.by_gsi1 (gsi1) has global",
                id="other kind",
            ),
            pytest.param(
                entity("Reply", global_index(sort="at")),
                "Reply.by_gsi1 (gsi1)",
                "same key: found partition key 'gsi1pk' (S), sort key 'at' (S), but Thread.by_gsi1",
                id="other index key",
            ),
            pytest.param(
                entity("Reply", global_index(projection=Projection.include("a"))),
                "Reply.by_gsi1 (gsi1)",
                "same projection: found INCLUDE of 'a', but Thread.by_gsi1 (gsi1) has ALL",
                id="other projection",
            ),
            pytest.param(
                entity("Reply", global_index("gsi2", "at", at="N")),
                "Reply.by_gsi2 (gsi2)",
                "found N here and S in Thread.by_lsi1 (lsi1)",
                id="other type of a key attribute",
            ),
            pytest.param(
                entity("Reply", global_index("gsi2"), global_index("gsi2")),
                "Reply.by_gsi2 (gsi2)",
                "unique",
                id="an index twice in an entity",
            ),
            pytest.param(
                entity("Reply", *(local_index(f"more{n}", f"m{n}") for n in range(5))),
                "Table 'Forum'.local_indexes",
                "at most 5 local indexes, found 6",
                id="too many local indexes together",
            ),
            pytest.param(
                entity("Reply", *(global_index(f"more{n}") for n in range(20))),
                "Table 'Forum'.global_indexes",
                "found 21",
                id="too many global indexes together",
            ),
            pytest.param(
                entity("Reply", gsi1pk=N),
                "Reply",
                "'gsi1pk' is part of the key Thread.by_gsi1 (gsi1) and must be S alone, found N",
                id="other type of another entity's index key",
            ),
            pytest.param(entity("Reply", sk=S | N), "Reply", "found N, S", id="a key of two types"),
            pytest.param(
                entity("Reply", at=frozenset({"S", "NULL"})),
                "Reply",
                "found NULL, S",
                id="an index key that may be NULL",
            ),
            pytest.param(
                entity("Reply", global_index("gsi2", "subject", subject="N"), subject=N),
                "Thread",
                "part of the key Reply.by_gsi2 (gsi2) and must be N alone",
                id="a new index on an attribute of another type",
            ),
            pytest.param(entity("Reply", expires=S), "Reply", "time to live", id="expiry as String"),
            pytest.param(
                entity("Reply", expires=N | S), "Reply", "found N, S", id="expiry as String or Number"
            ),
            pytest.param(
                entity("Reply", global_index("gsi2", throughput=Throughput(1, 1))),
                "Reply.by_gsi2 (gsi2).throughput",
                "only BillingMode.PROVISIONED",
                id="throughput of an index on demand",
            ),
            pytest.param(
                entity("Reply", global_index("g2")), "Reply.by_g2 (g2)", "3 to 255", id="short index name"
            ),
            pytest.param(
                entity("Reply", IndexDefinition(["x"], "global", key("a"))),
                "Reply.by_['x'] (['x']).name",
                "found list",
                id="index name of a wrong type",
            ),
        ],
    )
    def test_a_wrong_contribution_is_refused_and_leaves_the_table_as_it_was(
        self,
        contribution: EntityContribution,
        place: str,
        rule: str,
    ) -> None:
        table = forum()
        before = table.definition
        assert [fault.place for fault in table.faults(contribution)] == [place]
        with pytest.raises(DeclarationError) as caught:
            table.add(contribution)
        assert rule in str(caught.value)
        assert places(caught) == [place]
        assert table.definition == before
        assert table.entities == ("Thread",)

    @pytest.mark.parametrize(
        "contribution",
        [
            entity("Reply"),
            entity("Reply", global_index(), local_index()),
            entity("Reply", gsi1pk=S, at=S, expires=N),
            entity("Reply", expires=frozenset({"N", "NULL"})),
            entity("Reply", global_index("gsi2", "expires", expires="N"), expires=N),
            entity("Reply", at=frozenset()),
            entity("Reply", subject=frozenset({"L", "M"})),
            entity("Reply", global_index("gsi2", "gsi1pk", "at")),
            entity("Thread"),
            entity("Thread", global_index(sort="other"), subject=N),
            entity("Thread", local_index("gsi1")),
        ],
    )
    def test_a_right_contribution(self, contribution: EntityContribution) -> None:
        table = forum()
        assert table.faults(contribution) == []
        table.add(contribution)
        assert table_faults(table.definition) == []

    def test_all_faults_of_a_contribution_at_once(self) -> None:
        contribution = entity(
            "Reply",
            global_index(projection=Projection.KEYS_ONLY),
            local_index("x", "y"),
            global_index("gsi2", projection=Projection.include(*names(21))),
            expires=S,
        )
        assert [fault.place for fault in forum().faults(contribution)] == [
            "Reply.by_gsi1 (gsi1)",
            "Reply.by_x (x)",
            "Reply.by_gsi2 (gsi2).projection",
            "Reply",
        ]

    def test_the_time_to_live_as_a_key_is_a_number(self) -> None:
        table = Table("App", partition_key="pk", time_to_live="expires")
        (fault,) = table.faults(entity("Reply", global_index("gsi2", "expires"), key=key("pk")))
        assert fault.place == "Reply.by_gsi2 (gsi2)"
        assert "time to live" in fault.rule

    def test_settings_of_a_shared_index_must_agree(self) -> None:
        table = Table("Forum", billing_mode=BillingMode.PROVISIONED, throughput=Throughput(1, 1))
        table.add(entity("Thread", global_index(throughput=Throughput(2, 2))))
        (fault,) = table.faults(entity("Reply", global_index(throughput=Throughput(3, 3))))
        assert fault.place == "Reply.by_gsi1 (gsi1)"
        assert "same throughput" in fault.rule

    def test_a_class_of_the_same_name_replaces_the_former(self) -> None:
        table = Table("Movies")
        table.add(entity("Movie", global_index(), key=key("id")))
        table.add(entity("Movie", global_index("other"), key=key("movieId", movieId="N")))
        assert table.definition.key == key("movieId", movieId="N")
        assert [index.name for index in table.definition.indexes] == ["other"]

    def test_two_entities_of_a_classic_table_share_its_key(self) -> None:
        table = Table("Movies")
        table.add(entity("Movie", key=key("id")))
        with pytest.raises(DeclarationError, match="Table 'Movies' has partition key 'id'") as caught:
            table.add(entity("Actor", key=key("name")))
        assert places(caught) == ["Actor.main"]

    @pytest.mark.parametrize(
        ("wrong", "rule"),
        [
            (key("a b"), "exactly one partition"),
            (key("a", "b c"), "at most one sort"),
            (key("a", a="M"), "found M"),
            (key("a", "a"), "once"),
        ],
    )
    def test_the_key_of_a_classic_table_is_verified(self, wrong: KeySchema, rule: str) -> None:
        (fault,) = Table("Movies").faults(entity("Movie", key=wrong))
        assert fault.place == "Movie.main"
        assert rule in fault.rule


def test_a_table_says_its_name() -> None:
    table = Table("Movies")
    assert repr(table) == "Table('Movies')"
    assert (table.name, table.place, table.generic_key) == ("Movies", "Table 'Movies'", None)
