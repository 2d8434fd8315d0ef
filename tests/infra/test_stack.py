"""A stack holds each table once, and refuses what cannot be deployed together."""

from __future__ import annotations

import pytest

from dynamodel import Attr, Entity, Parameter, Sub, Table, attribute, primary_key
from dynamodel.errors import DeclarationError
from dynamodel.infra import Stack, arn_of, cloudformation, stream_arn_of

app = Table("App", partition_key="pk", sort_key="sk")


class Movie(Entity, table=Table("Movies")):
    movie_id: Attr[int] = attribute()
    by_id = primary_key(movie_id)


def test_each_table_once_in_order() -> None:
    stack = Stack(Movie, app, Movie, app)
    assert [table.name for table in stack.tables] == ["Movies", "App"]
    assert list(stack.ids.values()) == ["MoviesTable", "AppTable"]


def test_all_faults_come_together() -> None:
    with pytest.raises(DeclarationError) as caught:
        Stack(
            Table("NoKey"),
            Table("my.app", partition_key="pk", tags={"stage": Parameter("Stage")}),
            Table("my-app", partition_key="pk", tags={"stage": Parameter("Stage", default="dev")}),
        )
    assert [fault.place for fault in caught.value.faults] == [
        "Table 'NoKey'",
        "Table 'my-app'",
        "Parameter 'Stage'",
    ]


def test_two_tables_of_one_name() -> None:
    with pytest.raises(DeclarationError, match="'App'"):
        Stack(app, Table("App", partition_key="pk"))


@pytest.mark.parametrize("wrong", ["App", 5, int, None])
def test_what_is_no_part_of_a_stack(wrong: object) -> None:
    with pytest.raises(DeclarationError, match="tables, entity classes"):
        Stack(wrong)  # type: ignore[arg-type]


def test_the_sections_of_a_template() -> None:
    table = Table("Movies", partition_key="pk", deployed_name=Sub("M-${Stage}", Stage=Parameter("Stage")))
    template = cloudformation(Stack(table, description="Movies"))
    assert list(template) == ["AWSTemplateFormatVersion", "Description", "Parameters", "Resources"]
    assert template["Parameters"] == {"Stage": {"Type": "String"}}
    assert template["Resources"]["MoviesTable"]["Properties"]["TableName"] == {"Fn::Sub": "M-${Stage}"}


def deployed_as(name: str, deployed: str) -> Table:
    return Table(name, partition_key="pk", deployed_name=deployed)


@pytest.mark.parametrize(
    ("declared", "place", "rule"),
    [
        ([Table("One", partition_key="pk"), deployed_as("Two", "One")], "Table 'Two'", "deployed as 'One'"),
        (
            [Table("One", partition_key="pk", tags={"a": arn_of(app)})],
            "Table 'App'",
            "not in the stack",
        ),
        (
            [Table("One", partition_key="pk", tags={"a": stream_arn_of(app)}), app],
            "Table 'App'",
            "no stream",
        ),
        (
            [Table("One", partition_key="pk", tags={"a": Parameter("OneTable")})],
            "Parameter 'OneTable'",
            "has this name",
        ),
    ],
)
def test_what_does_not_fit_together(declared: list[Table], place: str, rule: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        Stack(*declared)
    (fault,) = caught.value.faults
    assert fault.place == place
    assert rule in fault.rule


def test_a_description_of_a_kilobyte() -> None:
    assert Stack(app, description="x" * 1024)
    with pytest.raises(DeclarationError, match="1024 bytes"):
        Stack(app, description="x" * 1025)


def test_deployed_names_with_parameters_are_compared() -> None:
    stage = Parameter("Stage")
    one, two = (
        Table(name, partition_key="pk", deployed_name=Sub("X-${Stage}", Stage=stage))
        for name in ("One", "Two")
    )
    with pytest.raises(DeclarationError, match=r"Table 'Two'.*deployed as"):
        Stack(one, two)


def test_a_stack_is_never_empty() -> None:
    with pytest.raises(DeclarationError, match="at least one"):
        Stack()
