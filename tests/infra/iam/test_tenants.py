"""Policies bound to a tenant or to attributes, judged by the simulator with the requests of operations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodel import Attr, DeclarationError, Entity, Table, attribute, backfill, key, primary_key
from dynamodel.infra.iam import fixed_arns, policy

from .models import KEYS, Event, Invoice, Member, Song, app, of_tenant
from .simulator import ACCOUNT, REGION, allows_request

ARNS = fixed_arns(REGION, ACCOUNT)
TAG = "aws:PrincipalTag/tenant"
VARIABLE = f"${{{TAG}}}"
TENANTS = {Member.tenant: VARIABLE, Invoice.tenant: VARIABLE, Event.tenant: VARIABLE}

tags = st.text(st.sampled_from("ab1_.:/=+-@"), min_size=1, max_size=4)
"""As AWS takes them."""

names = st.text(st.sampled_from("ab1_.:/=+-@#$*? \n"), min_size=1, max_size=4)
"""As an application may have them."""


def bound() -> dict[str, Any]:
    patterns = [
        Member.by_name.get,
        Member.by_name.query,
        Invoice.put,
        Event.by_day.query,
        Event.by_day.delete,
        of_tenant.query,
    ]
    return policy(patterns, tenant=TENANTS).document(ARNS)


@given(tag=tags, name=names, other=names)
def test_only_the_own_tenant(tag: str, name: str, other: str) -> None:
    operations = [
        Member.by_name.get(name, other),
        Member.by_name.query(name),
        Invoice(tenant=name, number=1).put(),
        Event.by_day.query(name, other),
        Event.by_day.delete(name, other),
        of_tenant.query(name),
    ]
    for operation in operations:
        assert allows_request(bound(), operation.request(), KEYS, {TAG: tag}) == (name == tag)
        assert not allows_request(bound(), operation.request(), KEYS, {})


@given(tag=tags, day=names)
def test_what_no_pattern_does_is_denied_to_the_tenant_too(tag: str, day: str) -> None:
    denied = [
        Invoice(tenant=tag, number=1).delete(),
        Event(tenant=tag, day=day).put(),
        Member.scan(),
        Song.by_artist.get(tag, day),
    ]
    assert not any(allows_request(bound(), each.request(), KEYS, {TAG: tag}) for each in denied)


def test_the_exact_keys() -> None:
    [statement] = policy([Event.by_day.get], tenant={Event.tenant: VARIABLE}).statements
    assert statement.condition["ForAllValues:StringLike"] == {
        "dynamodb:LeadingKeys": (f"EVENT${{*}}#{VARIABLE}#*",)
    }
    [statement] = policy([Member.by_name.get], tenant={Member.tenant: VARIABLE}).statements
    assert statement.condition["ForAllValues:StringLike"] == {"dynamodb:LeadingKeys": (f"TENANT#{VARIABLE}",)}
    assert statement.condition["Null"] == {"dynamodb:LeadingKeys": "false"}


@given(own=names, other=names)
def test_a_literal_tenant_is_no_pattern(own: str, other: str) -> None:
    if "${" in own:
        return
    document = policy([Event.by_day.get], tenant={Event.tenant: own}).document(ARNS)
    request = Event.by_day.get(other, "d").request()
    assert allows_request(document, request, KEYS) == (own == other)


def test_claims_have_keys_of_their_own() -> None:
    create = Member(tenant="a", name="ann", email="ann@x", nick="ann").create()
    document = policy([Member.create], tenant={Member.tenant: VARIABLE}).document(ARNS)
    assert allows_request(document, create.request(), KEYS, {TAG: "a"})
    assert not allows_request(document, create.request(), KEYS, {TAG: "b"})
    [statement] = document["Statement"]
    assert statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == [
        "$unique#Member#email#*",
        f"$unique#Member#tenant#nick#{VARIABLE}#*",
        f"TENANT#{VARIABLE}",
    ]


class Plain(Entity, table=Table("Plains")):
    tenant: Attr[str] = attribute("tenantId")
    number: Attr[int] = attribute()
    by_tenant = primary_key(tenant, number)


class Numbered(Entity, table=app):
    tenant: Attr[int] = attribute()
    by_tenant = primary_key(key("NUMBERED", tenant), key("#N"))


def test_a_stored_key_is_the_variable_itself() -> None:
    [statement] = policy([Plain.by_tenant.query], tenant={Plain.tenant: VARIABLE}).statements
    assert statement.condition["ForAllValues:StringLike"] == {"dynamodb:LeadingKeys": (VARIABLE,)}


WRONG: dict[str, tuple[list[Any], dict[Any, Any], str]] = {
    "scan": ([Member.scan], {Member.tenant: VARIABLE}, "Scan names no keys"),
    "backfill": ([backfill(Member)], {Member.tenant: VARIABLE}, "Scan names no keys"),
    "another key": ([Song.titled.query], {Song.artist: VARIABLE}, "does not begin with artist"),
    "another entity": ([Song.by_artist.get], {Plain.tenant: VARIABLE}, "names no attribute of Song"),
    "unused": ([Song.by_artist.get], {Song.artist: "a", Plain.tenant: "a"}, "no pattern"),
    "number": ([Numbered.by_tenant.get], {Numbered.tenant: VARIABLE}, "no String"),
    "no attribute": ([Song.by_artist.get], {"artist": VARIABLE}, "whole attributes"),
    "free variable": ([Song.by_artist.get], {Song.artist: "${aws:UserAgent}"}, "any character"),
    "default": ([Song.by_artist.get], {Song.artist: "${aws:PrincipalTag/a, '*'}"}, "any character"),
    "open brace": ([Song.by_artist.get], {Song.artist: "${aws:userid"}, "brace"),
    "empty": ([Song.by_artist.get], {Song.artist: ""}, "is a text"),
    "no pattern": ([len], {Song.artist: "a"}, "no access pattern"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_tenants(name: str) -> None:
    patterns, tenant, rule = WRONG[name]
    with pytest.raises(DeclarationError, match=rule):
        policy(patterns, tenant=tenant)


def test_all_faults_at_once() -> None:
    with pytest.raises(DeclarationError) as caught:
        policy([len, Song.scan, Song.titled.query], tenant={Song.artist: VARIABLE, "x": "y"})  # type: ignore[list-item, dict-item]
    assert len(caught.value.faults) >= 2


# --- attributes ---


def test_attributes_bind_reads_and_writes() -> None:
    patterns = [Song.by_artist.get, Song.by_artist.update, Song.titled.query("t").project(Song.title)]
    document = policy(patterns, attributes=[Song.title]).document(ARNS)

    def is_allowed(operation: Any) -> bool:
        return allows_request(document, operation.request(), KEYS)

    assert is_allowed(Song.by_artist.get("a", "t").project(Song.title))
    assert is_allowed(Song.titled.query("t").project(Song.title))
    assert not is_allowed(Song.by_artist.get("a", "t").project(Song.plays))
    assert not is_allowed(Song.by_artist.get("a", "t"))
    assert not is_allowed(Song.by_artist.update("a", "t").apply(Song.plays.add(1)))
    more = policy(patterns, attributes=[Song.plays]).document(ARNS)
    update = Song.by_artist.update("a", "t").apply(Song.plays.add(1))
    assert allows_request(more, update.request(), KEYS)
    assert not allows_request(more, update.returning("ALL_OLD").request(), KEYS)


@pytest.mark.parametrize(
    "pattern",
    [
        Song.by_artist.get("a", "t"),
        Song.titled.query("t").hydrate(),
        Song.by_artist.query("a").count(),
        Song.by_artist.delete("a", "t").returning("ALL_OLD"),
    ],
)
def test_what_reads_whole_items_is_not_bound_to_attributes(pattern: Any) -> None:
    with pytest.raises(DeclarationError, match="cannot be bound to attributes"):
        policy([pattern], attributes=[Song.title])


def test_every_entity_of_a_collection_is_bound() -> None:
    tenant = {Member.tenant: VARIABLE, Invoice.tenant: VARIABLE}
    named = policy([of_tenant.query], tenant=tenant).document(ARNS)
    assert policy([of_tenant.query("a")], tenant=tenant).document(ARNS) == named
    assert allows_request(named, of_tenant.query("a").request(), KEYS, {TAG: "a"})
    assert not allows_request(named, of_tenant.query("a").request(), KEYS, {TAG: "b"})
    with pytest.raises(DeclarationError, match="whole items"):
        policy([of_tenant.query], attributes=[Member.name, Invoice.tenant])
