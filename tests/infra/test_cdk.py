"""The constructs for CDK apps against the CDK's own, and within an app."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from dynamodel import Attr, Entity, attribute, global_index, local_index, primary_key
from dynamodel.errors import DeclarationError
from dynamodel.infra import Stack, arn_of, cloudformation, name_of, stream_arn_of
from dynamodel.infra.functions import (
    Code,
    Function,
    FunctionUrl,
    ProvisionedConcurrency,
    StreamSource,
    UrlAuth,
)
from dynamodel.infra.global_table import global_table_properties
from dynamodel.infra.template import Scope
from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    Encryption,
    Parameter,
    Replica,
    StreamViewType,
    Sub,
    Table,
    Throughput,
)
from examples.movies.models import CastMember, Movie, movie_cast, movies
from tests.schema.cases import KMS, key, table
from tests.schema.cases import global_index as global_index_of

from .l2_tables import declared, l2_table
from .oracles import canonical, modulo_ids, synthesise
from .test_tables_like_cdk import CASES, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import aws_cdk

    from dynamodel.schema import TableDefinition

pytestmark = pytest.mark.usefixtures("cdk")

forum = Table("Forum", partition_key="pk", sort_key="sk", stream=StreamViewType.NEW_IMAGE)

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:Query"}


class Thread(Entity, table=forum):
    pk: Attr[str] = attribute()
    sk: Attr[str] = attribute()
    at: Attr[int] = attribute()
    by: Attr[str] = attribute()
    main = primary_key(pk, sk)
    latest = local_index("latest", main, at)
    by_user = global_index("by-user", by, at)


def test_what_it_synthesises_is_what_the_cdk_makes_under_the_same_ids() -> None:
    from dynamodel.infra.cdk import DynamodelTable

    named = [evolve(definition, name=f"Table{n}") for n, definition in enumerate(CASES.values())]
    tables = [declared(definition) for definition in named]
    ours = synthesise(lambda stack: [DynamodelTable(stack, each.name, each) for each in tables])
    theirs = synthesise(lambda stack: [l2_table(stack, each.name, each.definition) for each in tables])
    ids = {name: body["Type"] for name, body in theirs["Resources"].items() if "Scal" not in body["Type"]}
    # A table that takes the place of the CDK's has its logical id, and so is not replaced.
    assert ids.items() <= {name: body["Type"] for name, body in ours["Resources"].items()}.items()
    assert shown(modulo_ids(ours)) == shown(modulo_ids(theirs))


GRANTS = (
    "grant_read_data",
    "grant_write_data",
    "grant_read_write_data",
    "grant_full_access",
    "grant_stream_read",
    "grant_table_list_streams",
)

GRANTED: dict[str, TableDefinition] = {
    "no index": table(stream=StreamViewType.NEW_IMAGE),
    "an index": table(global_index_of(), stream=StreamViewType.NEW_IMAGE),
    "a local index": forum.definition,
    "a key": table(stream=StreamViewType.KEYS_ONLY, encryption=Encryption.customer_managed(KMS)),
}


def _granted(stack: aws_cdk.Stack, of: Callable[[str, TableDefinition], Any]) -> None:
    from aws_cdk import aws_iam

    principal = aws_iam.ServicePrincipal("lambda.amazonaws.com")
    for number, definition in enumerate(GRANTED.values()):
        granting = of(f"Table{number}", evolve(definition, name=f"Table{number}"))
        for name in GRANTS:
            role = aws_iam.Role(stack, f"Role{number}{name.replace('_', '')}", assumed_by=principal)
            getattr(granting, name)(role)
        role = aws_iam.Role(stack, f"Role{number}", assumed_by=principal)
        granting.grant(role, "dynamodb:PutItem")
        granting.grant_stream(role, "dynamodb:GetRecords")


def test_grants_are_those_of_the_cdk() -> None:
    from dynamodel.infra.cdk import DynamodelTable

    ours = synthesise(
        lambda stack: _granted(stack, lambda name, each: DynamodelTable(stack, name, declared(each)).table)
    )
    theirs = synthesise(lambda stack: _granted(stack, lambda name, each: l2_table(stack, name, each)))
    assert shown(modulo_ids(ours)) == shown(modulo_ids(theirs))


def test_what_a_user_goes_on_with() -> None:
    from aws_cdk import CfnOutput

    from dynamodel.infra.cdk import DynamodelTable

    def build(stack: aws_cdk.Stack) -> None:
        own = DynamodelTable(stack, "Forum", forum)
        none = DynamodelTable(stack, "Movies", Movie)
        values = (own.table_name, own.table_arn, own.table_stream_arn, own.table.table_stream_arn)
        for name, value in zip("ABCD", values, strict=True):
            CfnOutput(stack, name, value=str(value))
        assert none.table_stream_arn is None
        assert none.node.default_child is not None
        assert none.node.default_child.node.path == none.resource.node.path
        assert own.declaration is forum

    template = synthesise(build)
    (name,) = (
        name for name, body in template["Resources"].items() if body["Properties"]["TableName"] == "Forum"
    )
    assert [template["Outputs"][each]["Value"] for each in "ABCD"] == [
        {"Ref": name},
        {"Fn::GetAtt": [name, "Arn"]},
        {"Fn::GetAtt": [name, "StreamArn"]},
        {"Fn::GetAtt": [name, "StreamArn"]},
    ]


def test_least_privilege_from_access_patterns() -> None:
    from aws_cdk import aws_iam

    from dynamodel.infra.cdk import DynamodelTable

    def build(stack: aws_cdk.Stack) -> None:
        role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"))
        DynamodelTable(stack, "Movies", Movie)
        cast = DynamodelTable(stack, "Forum", Thread)
        grant = cast.grant(role, Thread.by_user.query, Thread.main.get, Movie.by_id.get)
        assert grant.success
        assert not cast.grant(role).success

    resources = modulo_ids(synthesise(build))
    statements = resources["AWS::IAM::Policy 1"]["Properties"]["PolicyDocument"]["Statement"]
    tables = {
        body["Properties"]["TableName"]: {"Fn::GetAtt": [name, "Arn"]}
        for name, body in resources.items()
        if body["Type"] == "AWS::DynamoDB::Table"
    }
    found = {
        action: [*found]
        for statement in statements
        for action in statement["Action"]
        for found in [statement["Resource"]]
    }
    assert found["dynamodb:Query"] == [{"text": [tables["Forum"], "/index/by-user"]}]
    assert sorted(found["dynamodb:GetItem"], key=str) == sorted(tables.values(), key=str)
    assert set(found) == {"dynamodb:Query", "dynamodb:GetItem"}


def test_what_deployment_fills_in_and_tokens() -> None:
    from aws_cdk import CfnParameter, aws_kms

    from dynamodel.infra.cdk import DynamodelTable

    stage = Parameter("Stage", default="dev", allowed_values=("dev", "prod"))

    def build(stack: aws_cdk.Stack) -> None:
        key = aws_kms.Key(stack, "Key")
        one = Table(
            "One",
            partition_key="pk",
            deployed_name=Sub("one-${Stage}-${AWS::Region}", Stage=stage),
            encryption=Encryption.customer_managed(key.key_arn),
            tags={"stage": stage},
        )
        two = Table(
            "Two",
            partition_key="pk",
            resource_policy={"Statement": [STATEMENT | {"Resource": arn_of(one)}]},
            tags={"other": Sub("${One}-x", One=name_of(one))},
        )
        made = DynamodelTable(stack, "One", one, encryption_key=key)
        DynamodelTable(stack, "Two", two)
        parameter = stack.node.find_child("Stage")
        assert isinstance(parameter, CfnParameter)
        assert made.table.encryption_key is not None

    template = synthesise(build)
    assert template["Parameters"] == {
        "Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}
    }
    tables = [b for b in template["Resources"].values() if b["Type"] == "AWS::DynamoDB::Table"]
    (key,) = (name for name, b in template["Resources"].items() if b["Type"] == "AWS::KMS::Key")
    one, two = (body["Properties"] for body in tables)
    (name,) = (name for name, body in template["Resources"].items() if body is tables[0])
    assert one["TableName"] == {"Fn::Sub": "one-${Stage}-${AWS::Region}"}
    assert one["Tags"] == [{"Key": "stage", "Value": {"Ref": "Stage"}}]
    assert one["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    statement = two["ResourcePolicy"]["PolicyDocument"]["Statement"][0]
    assert statement["Resource"] == {"Fn::GetAtt": [name, "Arn"]}
    assert two["Tags"][0]["Value"] == {"Fn::Sub": ["${One}-x", {"One": {"Ref": name}}]}


def test_what_is_refused() -> None:
    from aws_cdk import CfnResource

    from dynamodel.infra.cdk import DynamodelTable, DynamodelTableV2

    copied = Table("Copied", partition_key="pk", replicas=[Replica("eu-west-1")])
    staged = Table("Staged", partition_key="pk", tags={"x": Parameter("Taken")})
    streaming = Table("Streaming", partition_key="pk", tags={"x": stream_arn_of(Movie)})

    def build(stack: aws_cdk.Stack) -> None:
        with pytest.raises(DeclarationError, match="needs DynamodelTableV2"):
            DynamodelTable(stack, "B", copied)
        with pytest.raises(DeclarationError, match="stack for any region"):
            DynamodelTableV2(stack, "C", Table("Two", partition_key="pk", replicas=[Replica("eu-west-1")]))
        with pytest.raises(DeclarationError, match="entity class, found 5"):
            DynamodelTable(stack, "D", 5)  # type: ignore[arg-type]
        CfnResource(stack, "Taken", type="AWS::SNS::Topic")
        with pytest.raises(DeclarationError, match="CfnResource 'Stack/Taken' has it"):
            DynamodelTable(stack, "E", staged)
        DynamodelTable(stack, "Movies", Movie)
        with pytest.raises(DeclarationError, match="in this stack already"):
            DynamodelTable(stack, "F", movies)
        with pytest.raises(DeclarationError, match="has no stream"):
            DynamodelTable(stack, "G", streaming)

    # What was refused has left constructs without resources.
    assert len(synthesise(build)["Resources"]) == 2


def test_what_is_referred_to_may_come_later_but_has_to_come() -> None:
    from dynamodel.infra.cdk import DynamodelTable

    elsewhere = Table("Elsewhere", partition_key="pk", tags={"arn": arn_of(movies)})

    def build(stack: aws_cdk.Stack) -> None:
        DynamodelTable(stack, "A", elsewhere)
        DynamodelTable(stack, "Movies", Movie)

    found = synthesise(build)["Resources"]
    [late] = [name for name, body in found.items() if body["Properties"]["TableName"] == "Movies"]
    [early] = [body for body in found.values() if body["Properties"]["TableName"] == "Elsewhere"]
    assert early["Properties"]["Tags"] == [{"Key": "arn", "Value": {"Fn::GetAtt": [late, "Arn"]}}]
    with pytest.raises(RuntimeError, match=r"'Movies'.*no construct in this stack"):
        synthesise(lambda stack: DynamodelTable(stack, "A", elsewhere))


def test_a_replica_is_not_in_the_stacks_own_region() -> None:
    from dynamodel.infra.cdk import DynamodelTableV2

    copied = Table("Copied", partition_key="pk", replicas=[Replica("eu-west-1")])

    def build(stack: aws_cdk.Stack) -> None:
        with pytest.raises(DeclarationError, match="'eu-west-1', which is the stack's own"):
            DynamodelTableV2(stack, "Copied", copied)

    synthesise(build, "eu-west-1")


def test_a_global_table_has_the_ids_of_the_cdk_and_the_compilers_properties() -> None:
    from dynamodel.infra.cdk import DynamodelTableV2

    from .l2_global_tables import l2_global_table
    from .test_global_table import ONE_REGION, SEVERAL_REGIONS

    for cases, region in ((ONE_REGION, None), (SEVERAL_REGIONS, "us-east-1")):
        named = [evolve(definition, name=f"Table{n}") for n, definition in enumerate(cases.values())]
        ours = synthesise(
            lambda stack, named=named: [DynamodelTableV2(stack, each.name, declared(each)) for each in named],
            region,
        )
        theirs = synthesise(
            lambda stack, named=named: [
                l2_global_table(stack, each.name, declared(each).definition) for each in named
            ],
            region,
        )
        assert sorted(ours["Resources"]) == sorted(theirs["Resources"])
        # test_global_table.py holds these properties against the CDK's.
        own_region = region or {"Ref": "AWS::Region"}
        properties = {
            each.name: Scope({}).render(global_table_properties(declared(each).definition, own_region))
            for each in named
        }
        found = {each["Properties"]["TableName"]: each["Properties"] for each in ours["Resources"].values()}
        assert shown(canonical(found)) == shown(canonical(properties))


def test_grants_on_a_global_table_are_those_of_the_cdk() -> None:
    from aws_cdk import aws_dynamodb, aws_iam

    from dynamodel.infra.cdk import DynamodelTableV2

    def grant(stack: aws_cdk.Stack, of: Any) -> None:
        for name in ("grant_read_data", "grant_read_write_data", "grant_stream_read"):
            principal = aws_iam.ServicePrincipal("lambda.amazonaws.com")
            getattr(of, name)(aws_iam.Role(stack, name.replace("_", ""), assumed_by=principal))

    def theirs(stack: aws_cdk.Stack) -> None:
        string = aws_dynamodb.AttributeType.STRING
        made = aws_dynamodb.TableV2(
            stack,
            "Forum",
            table_name="Forum",
            partition_key=aws_dynamodb.Attribute(name="pk", type=string),
            dynamo_stream=aws_dynamodb.StreamViewType.NEW_IMAGE,
            global_secondary_indexes=[
                aws_dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name="gsi1", partition_key=aws_dynamodb.Attribute(name="gsi1pk", type=string)
                )
            ],
        )
        grant(stack, made)

    definition = table(global_index_of(), key=key("pk"), stream=StreamViewType.NEW_IMAGE)
    ours = synthesise(
        lambda stack: grant(stack, DynamodelTableV2(stack, "Forum", declared(definition)).table)
    )
    assert shown(modulo_ids(ours)) == shown(modulo_ids(synthesise(theirs)))


def hello(code: Code | None = None, **settings: Any) -> Function:
    source = code or Code.inline("def handler(event, context): print(event)")
    return Function("hello", handler="index.handler", code=source, **settings)


@pytest.mark.parametrize(
    "declarations",
    [
        pytest.param(lambda: (Movie, CastMember), id="tables"),
        pytest.param(lambda: (hello(),), id="a function"),
        pytest.param(lambda: (hello(url=FunctionUrl(auth=UrlAuth.NONE)),), id="with a URL"),
        pytest.param(
            lambda: (
                forum,
                movies,
                hello(
                    environment={"FORUM": name_of(forum), "STAGE": Parameter("Stage")},
                    patterns=[Movie.by_id.get, Thread.by_user.query],
                    sources=[StreamSource(forum, batch_size=10, window=timedelta(seconds=5))],
                    provisioned=ProvisionedConcurrency("live", 2),
                    url=FunctionUrl(auth=UrlAuth.AWS_IAM),
                ),
            ),
            id="with tables, a stream, an alias",
        ),
        pytest.param(
            lambda: (
                Table(
                    "Scaled",
                    partition_key="pk",
                    billing_mode=BillingMode.PROVISIONED,
                    throughput=Throughput(AutoScaling(1, 5), AutoScaling(2, 9)),
                ),
            ),
            id="scaled",
        ),
    ],
)
def test_the_cdk_synthesises_the_template_that_the_compiler_gives(declarations: Any) -> None:
    from dynamodel.infra import cdk

    stack = Stack(*declarations(), description="all")
    template, ours = cdk.synthesise(stack), cloudformation(stack)
    assert shown(modulo_ids(template)) == shown(modulo_ids(ours))
    assert template["Description"] == "all"
    assert template.get("Parameters") == ours.get("Parameters")
    assert sorted(template.get("Outputs", {})) == sorted(ours.get("Outputs", {}))


def test_a_folder_of_code_is_an_asset(tmp_path: Path) -> None:
    from dynamodel.infra import cdk

    (tmp_path / "index.py").write_text("def handler(event, context): pass\n")
    template = cdk.synthesise(Stack(hello(Code.folder(str(tmp_path)))))
    (function,) = (b for b in template["Resources"].values() if b["Type"] == "AWS::Lambda::Function")
    assert sorted(function["Properties"]["Code"]) == ["S3Bucket", "S3Key"]


def test_a_function_in_an_app() -> None:
    from aws_cdk import CfnOutput, aws_iam, aws_s3

    from dynamodel.infra.cdk import DynamodelFunction, DynamodelTable

    declaration = hello(environment={"TABLE": name_of(movies)}, provisioned=ProvisionedConcurrency("live", 1))

    def build(stack: aws_cdk.Stack) -> None:
        tables = DynamodelTable(stack, "Movies", Movie)
        made = DynamodelFunction(stack, "Hello", declaration)
        tables.table.grant_read_data(made.function)
        aws_s3.Bucket(stack, "Bucket").grant_read(made.role)
        made.function.grant_invoke(aws_iam.ServicePrincipal("events.amazonaws.com"))
        CfnOutput(stack, "Name", value=made.function_name)
        assert made.function_url is None

    one, other = synthesise(build), synthesise(build)
    assert one == other  # the version's id does not depend on the run
    by_type: dict[str, list[str]] = {}
    for name, body in one["Resources"].items():
        by_type.setdefault(body["Type"], []).append(name)
    (role,) = by_type["AWS::IAM::Role"]
    assert [one["Resources"][name]["Properties"]["Roles"] for name in by_type["AWS::IAM::Policy"]] == [
        [{"Ref": role}]
    ]
    assert len(by_type["AWS::Lambda::Permission"]) == 1
    (function,) = by_type["AWS::Lambda::Function"]
    (its_table,) = by_type["AWS::DynamoDB::Table"]
    assert one["Outputs"]["Name"]["Value"] == {"Ref": function}
    variables = one["Resources"][function]["Properties"]["Environment"]["Variables"]
    assert variables == {"TABLE": {"Ref": its_table}}


def test_a_table_of_another_stack() -> None:
    import aws_cdk

    from dynamodel.infra.cdk import DynamodelFunction, DynamodelTable

    app = aws_cdk.App(analytics_reporting=False)
    data, code = (
        aws_cdk.Stack(app, name, synthesizer=aws_cdk.BootstraplessSynthesizer()) for name in ("Data", "Code")
    )
    made = DynamodelTable(data, "Cast", CastMember)
    declaration = hello(patterns=[CastMember.by_movie.query], environment={"TABLE": name_of(movie_cast)})
    DynamodelFunction(code, "Hello", declaration, tables={movie_cast: made})
    template = app.synth().get_stack_artifact(code.artifact_id).template
    assert "Fn::ImportValue" in str(template)


def test_without_the_extra_the_error_names_it() -> None:
    script = (
        "import sys; sys.modules['aws_cdk'] = None\n"
        "from dynamodel.errors import MissingExtraError\n"
        "import dynamodel.infra\n"
        "try:\n    import dynamodel.infra.cdk\n"
        "except MissingExtraError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "dynamodel-orm[cdk]" in done.stdout
