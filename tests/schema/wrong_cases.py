"""Definitions that each break one rule, with the fault that they give and what DynamoDB Local does."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from attrs import evolve

from dynamodel.schema import (
    AutoScaling,
    BillingMode,
    ContributorInsights,
    CsvOptions,
    DistanceFunction,
    Encryption,
    ImportFormat,
    ImportSource,
    KeyAttribute,
    KeySchema,
    KinesisStream,
    OnDemandThroughput,
    PointInTimeRecovery,
    Projection,
    StreamViewType,
    TableDefinition,
    Throughput,
    VectorIndex,
    WarmThroughput,
)
from dynamodel.schema.settings import EncryptionKey

from .cases import (
    KINESIS,
    KMS,
    POLICY,
    PROVISIONED,
    STATEMENT,
    global_index,
    key,
    local_index,
    names,
    policy_of,
    table,
)

Engine = Literal["refuses", "laxer", "silent"]
"""What DynamoDB Local 1.25.1 does: refuses too; accepts what AWS refuses; has no such request."""


class Wrong(NamedTuple):
    """A definition that breaks exactly one rule."""

    id: str
    definition: TableDefinition
    place: str
    rule: str
    """A part of the fault's text."""
    engine: Engine


INDEX = "Table 'Forum'.global_indexes[0] (gsi1)"
LOCAL = "Table 'Forum'.local_indexes[0] (lsi1)"

WRONG_NAMES = [
    Wrong("name of 2", table(name="ab"), "Table 'ab'", "3 to 255", "refuses"),
    Wrong("name of 256", table(name="a" * 256), f"Table {'a' * 256!r}", "found 256 characters", "refuses"),
    Wrong("name with blank", table(name="a b c"), "Table 'a b c'", "a-z A-Z 0-9 _ . -", "refuses"),
    Wrong("name with newline", table(name="abc\n"), "Table 'abc\\n'", "a-z A-Z 0-9 _ . -", "refuses"),
    Wrong("name not ASCII", table(name="Größe"), "Table 'Größe'", "a-z A-Z 0-9 _ . -", "refuses"),
    Wrong(
        "index name of 2",
        table(global_index("g1")),
        "Table 'Forum'.global_indexes[0] (g1)",
        "3 to 255",
        "refuses",
    ),
    Wrong(
        "index name of 256",
        table(global_index("g" * 256)),
        f"Table 'Forum'.global_indexes[0] ({'g' * 256})",
        "3 to 255",
        "refuses",
    ),
    Wrong(
        "index name with slash",
        table(local_index("by/at")),
        "Table 'Forum'.local_indexes[0] (by/at)",
        "a-z A-Z",
        "refuses",
    ),
    Wrong(
        "two global indexes of one name",
        table(global_index(), global_index(partition="other")),
        "Table 'Forum'.global_indexes[1] (gsi1)",
        "unique",
        "refuses",
    ),
    Wrong(
        "local and global index of one name",
        table(local_index("same"), global_index("same")),
        "Table 'Forum'.global_indexes[0] (same)",
        "unique",
        "refuses",
    ),
]

WRONG_KEYS = [
    Wrong("no partition attribute", table(key=key("", "sk")), "Table 'Forum'.key", "exactly one", "refuses"),
    Wrong(
        "two partition attributes", table(key=key("a b", "sk")), "Table 'Forum'.key", "exactly one", "refuses"
    ),
    Wrong("two sort attributes", table(key=key("pk", "a b")), "Table 'Forum'.key", "at most one", "refuses"),
    Wrong("partition is sort", table(key=key("pk", "pk")), "Table 'Forum'.key", "once", "refuses"),
    Wrong("key of BOOL", table(key=key("pk", "sk", sk="BOOL")), "Table 'Forum'.key", "found BOOL", "refuses"),
    Wrong("key of SS", table(key=key("pk", pk="SS")), "Table 'Forum'.key", "found SS", "refuses"),
    Wrong(
        "key name empty",
        table(key=KeySchema((KeyAttribute("", "S"),))),
        "Table 'Forum'.key",
        "found 0",
        "refuses",
    ),
    Wrong("key name of 256", table(key=key("k" * 256)), "Table 'Forum'.key", "found 256", "refuses"),
    Wrong("key name of 256 bytes", table(key=key("é" * 128)), "Table 'Forum'.key", "found 256", "refuses"),
    Wrong("index key name of 256", table(global_index(partition="k" * 256)), INDEX, "found 256", "refuses"),
    Wrong(
        "one attribute, two types",
        table(global_index(partition="sk", sk="N")),
        INDEX,
        "found N here and S in Table 'Forum'.key",
        "refuses",
    ),
    Wrong(
        "two indexes, two types",
        table(global_index(), global_index("gsi2", "gsi1pk", gsi1pk="B")),
        "Table 'Forum'.global_indexes[1] (gsi2)",
        f"found B here and S in {INDEX}",
        "refuses",
    ),
]

WRONG_INDEXES = [
    Wrong(
        "local without sort key",
        table(local_index(), key=key("pk")),
        LOCAL,
        "needs a table with a sort",
        "refuses",
    ),
    Wrong(
        "local of other partition", table(local_index(partition="sk")), LOCAL, "own partition key", "refuses"
    ),
    Wrong("local of no partition", table(local_index(partition="")), LOCAL, "found nothing", "refuses"),
    Wrong("local of no sort attribute", table(local_index(sort="")), LOCAL, "exactly one sort", "refuses"),
    Wrong(
        "local of two sort attributes", table(local_index(sort="a b")), LOCAL, "exactly one sort", "refuses"
    ),
    Wrong("local sorted by partition", table(local_index(sort="pk")), LOCAL, "once", "refuses"),
    Wrong(
        "six local",
        table(*(local_index(f"lsi{n}", f"at{n}") for n in range(6))),
        "Table 'Forum'.local_indexes",
        "at most 5",
        "refuses",
    ),
    Wrong(
        "21 global",
        table(*(global_index(f"gsi{n}") for n in range(21))),
        "Table 'Forum'.global_indexes",
        "at most 20",
        "refuses",
    ),
    Wrong("global of no attribute", table(global_index(partition="")), INDEX, "1 to 4", "refuses"),
    Wrong(
        "global of 5 partition attributes",
        table(global_index(partition="a b c d e")),
        INDEX,
        "found 5",
        "refuses",
    ),
    Wrong("global of 5 sort attributes", table(global_index(sort="a b c d e")), INDEX, "found 5", "refuses"),
    Wrong(
        "global with one attribute twice",
        table(global_index(partition="a", sort="a")),
        INDEX,
        "once",
        "refuses",
    ),
    Wrong(
        "INCLUDE of nothing",
        table(global_index(projection=Projection.include())),
        f"{INDEX}.projection",
        "found 0",
        "refuses",
    ),
    Wrong(
        "INCLUDE of 21",
        table(global_index(projection=Projection.include(*names(21)))),
        f"{INDEX}.projection",
        "found 21",
        "laxer",
    ),
    Wrong(
        "INCLUDE of 101 in all",
        table(
            *(global_index(f"gsi{n}", projection=Projection.include(*names(20))) for n in range(5)),
            local_index(projection=Projection.include("x")),
        ),
        "Table 'Forum'",
        "found 101",
        "refuses",
    ),
    Wrong(
        "INCLUDE of one twice",
        table(global_index(projection=Projection.include("a", "b", "a"))),
        f"{INDEX}.projection",
        "'a' 2 times",
        "refuses",
    ),
    Wrong(
        "INCLUDE of an empty name",
        table(local_index(projection=Projection.include(""))),
        f"{LOCAL}.projection",
        "found 0",
        "refuses",
    ),
    Wrong(
        "INCLUDE of a name of 256 bytes",
        table(local_index(projection=Projection.include("x" + "é" * 127 + "x"))),
        f"{LOCAL}.projection",
        "found 256",
        "refuses",
    ),
    Wrong(
        "KEYS_ONLY with names",
        table(global_index(projection=Projection("KEYS_ONLY", ("a",)))),
        f"{INDEX}.projection",
        "only Projection.include",
        "refuses",
    ),
    Wrong(
        "unknown projection",
        table(global_index(projection=Projection("SOME", ()))),
        f"{INDEX}.projection",
        "'SOME'",
        "refuses",
    ),
    Wrong(
        "local index with throughput",
        table(local_index(throughput=Throughput(1, 1)), **PROVISIONED),
        f"{LOCAL}.throughput",
        "only a global index",
        "silent",
    ),
    Wrong(
        "local index with insights",
        table(local_index(contributor_insights=ContributorInsights())),
        f"{LOCAL}.contributor_insights",
        "only a global index",
        "silent",
    ),
    Wrong(
        "local index of an imported table",
        table(local_index(), import_source=ImportSource("bucket", ImportFormat.ION)),
        LOCAL,
        "import_source",
        "silent",
    ),
    Wrong(
        "global index among the local ones",
        evolve(table(), local_indexes=(global_index("lsi1"),)),
        "Table 'Forum'.local_indexes",
        "which is global",
        "refuses",
    ),
]

WRONG_CAPACITY = [
    Wrong(
        "provisioned without throughput",
        table(billing_mode=BillingMode.PROVISIONED),
        "Table 'Forum'.throughput",
        "needs a throughput",
        "refuses",
    ),
    Wrong(
        "no read unit",
        table(billing_mode=BillingMode.PROVISIONED, throughput=Throughput(0, 1)),
        "Table 'Forum'.throughput.read",
        "at least 1, found 0",
        "refuses",
    ),
    Wrong(
        "negative write units",
        table(billing_mode=BillingMode.PROVISIONED, throughput=Throughput(1, -5)),
        "Table 'Forum'.throughput.write",
        "at least 1, found -5",
        "refuses",
    ),
    Wrong(
        "throughput on demand",
        table(throughput=Throughput(5, 5)),
        "Table 'Forum'.throughput",
        "only BillingMode.PROVISIONED",
        "laxer",
    ),
    Wrong(
        "provisioned index without throughput",
        table(global_index(), **PROVISIONED),
        f"{INDEX}.throughput",
        "needs a throughput",
        "refuses",
    ),
    Wrong(
        "index without write units",
        table(global_index(throughput=Throughput(1, 0)), **PROVISIONED),
        f"{INDEX}.throughput.write",
        "at least 1",
        "refuses",
    ),
    Wrong(
        "index throughput on demand",
        table(global_index(throughput=Throughput(1, 1))),
        f"{INDEX}.throughput",
        "only BillingMode.PROVISIONED",
        "laxer",
    ),
    Wrong(
        "on-demand maximum, provisioned",
        table(on_demand_throughput=OnDemandThroughput(5), **PROVISIONED),
        "Table 'Forum'.on_demand_throughput",
        "only BillingMode.PAY_PER_REQUEST",
        "laxer",
    ),
    Wrong(
        "on-demand maximum of nothing",
        table(on_demand_throughput=OnDemandThroughput()),
        "Table 'Forum'.on_demand_throughput",
        "both, found neither",
        "laxer",
    ),
    Wrong(
        "on-demand maximum of 0",
        table(on_demand_throughput=OnDemandThroughput(max_write=0)),
        "Table 'Forum'.on_demand_throughput.max_write",
        "at least 1, found 0",
        "laxer",
    ),
    Wrong(
        "on-demand maximum of an index, -1",
        table(global_index(on_demand_throughput=OnDemandThroughput(max_read=-1))),
        f"{INDEX}.on_demand_throughput.max_read",
        "leave it out",
        "laxer",
    ),
    Wrong(
        "warm throughput of nothing",
        table(warm_throughput=WarmThroughput()),
        "Table 'Forum'.warm_throughput",
        "both, found neither",
        "laxer",
    ),
    Wrong(
        "warm below on-demand reads",
        table(warm_throughput=WarmThroughput(11_999, 4_000)),
        "Table 'Forum'.warm_throughput.read",
        "at least 12000",
        "laxer",
    ),
    Wrong(
        "warm below on-demand writes, index",
        table(global_index(warm_throughput=WarmThroughput(write=3_999))),
        f"{INDEX}.warm_throughput.write",
        "at least 4000",
        "laxer",
    ),
    Wrong(
        "warm below provisioned",
        table(
            billing_mode=BillingMode.PROVISIONED,
            throughput=Throughput(500, 1),
            warm_throughput=WarmThroughput(499, 1),
        ),
        "Table 'Forum'.warm_throughput.read",
        "at least 500",
        "laxer",
    ),
]

_FORUM = "Table 'Forum'"
WRONG_SETTINGS = [
    Wrong("expiry name empty", table(time_to_live=""), f"{_FORUM}.time_to_live", "found 0", "refuses"),
    Wrong(
        "expiry name of 256", table(time_to_live="t" * 256), f"{_FORUM}.time_to_live", "found 256", "refuses"
    ),
    Wrong("expiry is a String key", table(time_to_live="sk"), f"{_FORUM}.key", "must be a Number", "laxer"),
    Wrong(
        "expiry is a String key of an index",
        table(global_index(), time_to_live="gsi1pk"),
        INDEX,
        "must be a Number",
        "laxer",
    ),
    Wrong(
        "recovery of 36 days",
        table(point_in_time_recovery=PointInTimeRecovery(36)),
        f"{_FORUM}.point_in_time_recovery.days",
        "1 to 35 days, found 36",
        "silent",
    ),
    Wrong(
        "recovery of 0 days",
        table(point_in_time_recovery=PointInTimeRecovery(0)),
        f"{_FORUM}.point_in_time_recovery.days",
        "found 0",
        "silent",
    ),
    Wrong(
        "customer key without key",
        table(encryption=Encryption(EncryptionKey.CUSTOMER_MANAGED)),
        f"{_FORUM}.encryption",
        "found None",
        "laxer",
    ),
    Wrong(
        "customer key that is none",
        table(encryption=Encryption.customer_managed("my key")),
        f"{_FORUM}.encryption",
        "found 'my key'",
        "laxer",
    ),
    Wrong(
        "customer key of AWS",
        table(encryption=Encryption.customer_managed("alias/aws/dynamodb")),
        f"{_FORUM}.encryption",
        "use Encryption.AWS_MANAGED",
        "laxer",
    ),
    Wrong(
        "key without customer",
        table(encryption=Encryption(EncryptionKey.AWS_OWNED, KMS)),
        f"{_FORUM}.encryption",
        "only a customer managed key",
        "silent",
    ),
    Wrong(
        "Kinesis stream by name",
        table(kinesis_stream=KinesisStream("changes")),
        f"{_FORUM}.kinesis_stream.arn",
        "arn:aws:kinesis",
        "silent",
    ),
    Wrong(
        "Kinesis stream of Firehose",
        table(kinesis_stream=KinesisStream(KINESIS.replace(":kinesis:", ":firehose:"))),
        f"{_FORUM}.kinesis_stream.arn",
        "arn:aws:kinesis",
        "silent",
    ),
    Wrong(
        "stream policy without stream",
        table(stream_resource_policy=POLICY),
        f"{_FORUM}.stream_resource_policy",
        "needs a stream",
        "silent",
    ),
    Wrong(
        "policy without statement",
        table(resource_policy={}),
        f"{_FORUM}.resource_policy",
        "Statement",
        "laxer",
    ),
    Wrong(
        "policy over 20 KB",
        table(resource_policy=policy_of(20 * 1024 + 1)),
        f"{_FORUM}.resource_policy",
        "20480 bytes of JSON, found 20481",
        "laxer",
    ),
    Wrong(
        "policy that is no JSON",
        table(resource_policy={"Statement": [STATEMENT | {"Sid": {1, 2}}]}),
        f"{_FORUM}.resource_policy",
        "JSON",
        "silent",
    ),
    Wrong(
        "stream policy over 20 KB",
        table(stream=StreamViewType.KEYS_ONLY, stream_resource_policy=policy_of(20 * 1024 + 1)),
        f"{_FORUM}.stream_resource_policy",
        "20480 bytes of JSON, found 20481",
        "silent",
    ),
    Wrong(
        "Kinesis account of other digits",
        table(kinesis_stream=KinesisStream(KINESIS.replace("1234", "١٢٣٤"))),
        f"{_FORUM}.kinesis_stream.arn",
        "arn:aws:kinesis",
        "silent",
    ),
    Wrong("51 tags", table(tags=dict.fromkeys(names(51), "")), f"{_FORUM}.tags", "at most 50", "laxer"),
    Wrong("tag of AWS", table(tags={"AWS:x": ""}), f"{_FORUM}.tags['AWS:x']", "'aws:'", "laxer"),
    Wrong("tag without key", table(tags={"": "a"}), f"{_FORUM}.tags['']", "1 to 128", "laxer"),
    Wrong("tag key of 129", table(tags={"k" * 129: ""}), f"{_FORUM}.tags[{'k' * 40!r}]", "1 to 128", "laxer"),
    Wrong("tag value of 257", table(tags={"k": "v" * 257}), f"{_FORUM}.tags['k']", "0 to 256", "laxer"),
    Wrong(
        "tag with a character", table(tags={"k": "a&b"}), f"{_FORUM}.tags['k']", "letters, digits", "laxer"
    ),
    Wrong(
        "import from no bucket",
        table(import_source=ImportSource("-", ImportFormat.ION)),
        f"{_FORUM}.import_source.bucket",
        "S3 bucket",
        "silent",
    ),
    Wrong(
        "import from a bucket of 256",
        table(import_source=ImportSource("b" * 256, ImportFormat.ION)),
        f"{_FORUM}.import_source.bucket",
        "S3 bucket",
        "silent",
    ),
    Wrong(
        "import from a wrong account",
        table(import_source=ImportSource("data", ImportFormat.ION, bucket_owner="1234")),
        f"{_FORUM}.import_source.bucket_owner",
        "12 digits",
        "silent",
    ),
    Wrong(
        "import with a long prefix",
        table(import_source=ImportSource("data", ImportFormat.ION, key_prefix="p" * 1025)),
        f"{_FORUM}.import_source.key_prefix",
        "1024",
        "silent",
    ),
    Wrong(
        "import of ION with CSV options",
        table(import_source=ImportSource("data", ImportFormat.ION, csv=CsvOptions())),
        f"{_FORUM}.import_source.csv",
        "found ION",
        "silent",
    ),
    Wrong(
        "import of CSV with a dot",
        table(import_source=ImportSource("data", ImportFormat.CSV, csv=CsvOptions("."))),
        f"{_FORUM}.import_source.csv.delimiter",
        "found '.'",
        "silent",
    ),
    Wrong(
        "import of CSV with 256 headers",
        table(import_source=ImportSource("data", ImportFormat.CSV, csv=CsvOptions(headers=names(256)))),
        f"{_FORUM}.import_source.csv.headers",
        "found 256",
        "silent",
    ),
]

_HEADERS: tuple[Any, ...] = ("", "a,b", 'a"b', "é", 5, "x" * 65_537)
WRONG_SETTINGS += [
    Wrong(
        f"import of CSV, wrong header {number}",
        table(import_source=ImportSource("data", ImportFormat.CSV, csv=CsvOptions(headers=("a", header)))),
        f"{_FORUM}.import_source.csv.headers",
        "every header",
        "silent",
    )
    for number, header in enumerate(_HEADERS)
]


def _statement(named: str, place: str, rule: str, **changes: Any) -> Wrong:
    statement = {name: value for name, value in (STATEMENT | changes).items() if value is not None}
    definition = table(resource_policy={"Statement": [statement]})
    return Wrong(named, definition, f"{_FORUM}.resource_policy['Statement'][0]{place}", rule, "silent")


WRONG_POLICIES = [
    _statement("statement that allows", "['Effect']", "found 'allow'", Effect="allow"),
    _statement("statement without effect", "['Effect']", "found None", Effect=None),
    _statement("statement for nobody", "", "needs a Principal", Principal=None),
    _statement("statement of no action", "", "needs an Action", Action=None),
    _statement("statement about nothing", "", "needs a Resource", Resource=None),
    _statement("statement about buckets", "['Action']", "dynamodb:", Action=["s3:GetObject"]),
    Wrong(
        "statement in words",
        table(resource_policy={"Statement": ["allow"]}),
        f"{_FORUM}.resource_policy['Statement'][0]",
        "must be a statement",
        "silent",
    ),
    Wrong(
        "policy of another version",
        table(resource_policy={"Version": "2012-13-17", "Statement": [STATEMENT]}),
        f"{_FORUM}.resource_policy['Version']",
        "2012-10-17",
        "silent",
    ),
]


def _scaled(**changes: Any) -> TableDefinition:
    units = AutoScaling(**{"minimum": 2, "maximum": 9} | changes)
    return table(billing_mode=BillingMode.PROVISIONED, throughput=Throughput(units, 1))


_READ = f"{_FORUM}.throughput.read"
WRONG_SCALING = [
    Wrong("scaling from 0", _scaled(minimum=0), f"{_READ}.minimum", "at least 1", "silent"),
    Wrong("scaling down", _scaled(maximum=1), f"{_READ}.maximum", "at least the minimum, 2", "silent"),
    Wrong("scaling begins below", _scaled(initial=1), f"{_READ}.initial", "from 2 to 9", "silent"),
    Wrong("scaling begins above", _scaled(initial=10), f"{_READ}.initial", "from 2 to 9", "silent"),
    Wrong(
        "scaling at 19 percent",
        _scaled(target_utilization=19),
        f"{_READ}.target_utilization",
        "20 to 90",
        "silent",
    ),
    Wrong(
        "scaling at 91 percent",
        _scaled(target_utilization=91),
        f"{_READ}.target_utilization",
        "20 to 90",
        "silent",
    ),
    Wrong(
        "scaling before now",
        _scaled(scale_in_cooldown=-1),
        f"{_READ}.scale_in_cooldown",
        "at least 0",
        "silent",
    ),
    Wrong("scaling of a text", _scaled(minimum="2"), f"{_READ}.minimum", "must be an int", "silent"),
]


def _vectors(**changes: Any) -> TableDefinition:
    values = {"name": "near", "attribute": "v", "dimensions": 3, "distance": DistanceFunction.COSINE}
    return evolve(table(global_index()), vector_indexes=(VectorIndex(**values | changes),))


_VECTORS = f"{_FORUM}.vector_indexes[0]"
WRONG_VECTORS = [
    Wrong("vector index of 2", _vectors(name="ab"), f"{_VECTORS}.name", "3 to 255", "silent"),
    Wrong("vector index twice", _vectors(name="gsi1"), f"{_VECTORS}.name", "unique", "silent"),
    Wrong("vectors of nothing", _vectors(dimensions=0), f"{_VECTORS}.dimensions", "1 to 4096", "silent"),
    Wrong("vectors too long", _vectors(dimensions=4097), f"{_VECTORS}.dimensions", "1 to 4096", "silent"),
    Wrong("vectors nowhere", _vectors(attribute=""), f"{_VECTORS}.attribute", "1 to 255", "silent"),
    Wrong(
        "vectors filtered by their partition",
        _vectors(partition_key=("a",), inline_filters=("a",)),
        f"{_VECTORS}.inline_filters",
        "shares no attribute",
        "silent",
    ),
    Wrong(
        "distance in words", _vectors(distance="COSINE"), f"{_VECTORS}.distance", "DistanceFunction", "silent"
    ),
]

WRONG_TEXTS = [
    Wrong(
        "name that looks filled in",
        table(deployed_name="Forum-${Stage}"),
        f"{_FORUM}.deployed_name",
        "Sub(",
        "silent",
    ),
    Wrong(
        "key that looks filled in",
        table(encryption=Encryption.customer_managed("${Key}")),
        f"{_FORUM}.encryption",
        "Sub(",
        "silent",
    ),
    Wrong(
        "stream that looks filled in",
        table(kinesis_stream=KinesisStream("arn:aws:kinesis:${AWS::Region}:123456789012:stream/changes")),
        f"{_FORUM}.kinesis_stream.arn",
        "Sub(",
        "silent",
    ),
    Wrong(
        "stream tags without stream",
        table(stream_tags={"a": "b"}),
        f"{_FORUM}.stream_tags",
        "need a stream",
        "silent",
    ),
]

WRONG = [*WRONG_NAMES, *WRONG_KEYS, *WRONG_INDEXES, *WRONG_CAPACITY, *WRONG_SETTINGS]
WRONG += [*WRONG_SCALING, *WRONG_VECTORS, *WRONG_TEXTS, *WRONG_POLICIES]
