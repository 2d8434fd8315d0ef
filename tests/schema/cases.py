"""Definitions of tables, right and wrong: what the tests of verification and of the engines share."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from attrs import evolve

from dynamodel.schema import (
    BillingMode,
    ContributorInsights,
    ContributorInsightsMode,
    CsvOptions,
    Encryption,
    ImportCompression,
    ImportFormat,
    ImportSource,
    IndexDefinition,
    KeyAttribute,
    KeySchema,
    KinesisStream,
    OnDemandThroughput,
    PointInTimeRecovery,
    Projection,
    RemovalPolicy,
    StreamViewType,
    TableClass,
    TableDefinition,
    TableSettings,
    Throughput,
    TimestampPrecision,
    WarmThroughput,
)
from dynamodel.schema.settings import EncryptionKey

KMS = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KINESIS = "arn:aws:kinesis:us-east-1:123456789012:stream/changes"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "123456789012"},
            "Action": "dynamodb:GetItem",
            "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/Movies",
        },
    ],
}


def key(partition: str, sort: str = "", **types: Any) -> KeySchema:
    """`key("a b", "c")`: two partition attributes and a sort attribute, Strings unless told otherwise."""
    return KeySchema(
        tuple(KeyAttribute(name, types.get(name, "S")) for name in partition.split()),
        tuple(KeyAttribute(name, types.get(name, "S")) for name in sort.split()),
    )


def global_index(
    name: str = "gsi1", partition: str = "gsi1pk", sort: str = "", **rest: Any
) -> IndexDefinition:
    projection = rest.pop("projection", Projection.ALL)
    settings = {k: rest.pop(k) for k in list(rest) if k in _INDEX_SETTINGS}
    return IndexDefinition(name, "global", key(partition, sort, **rest), projection, **settings)


def local_index(name: str = "lsi1", sort: str = "at", partition: str = "pk", **rest: Any) -> IndexDefinition:
    projection = rest.pop("projection", Projection.ALL)
    settings = {k: rest.pop(k) for k in list(rest) if k in _INDEX_SETTINGS}
    return IndexDefinition(name, "local", key(partition, sort, **rest), projection, **settings)


_INDEX_SETTINGS = ("throughput", "on_demand_throughput", "warm_throughput", "contributor_insights")


GENERIC = key("pk", "sk")


def table(
    *indexes: IndexDefinition,
    name: str = "Forum",
    key: KeySchema = GENERIC,
    **settings: Any,
) -> TableDefinition:
    return TableDefinition(
        name,
        key,
        tuple(index for index in indexes if index.kind == "local"),
        tuple(index for index in indexes if index.kind == "global"),
        TableSettings(**settings),
    )


def names(count: int, prefix: str = "x") -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(count))


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


PROVISIONED: dict[str, Any] = {"billing_mode": BillingMode.PROVISIONED, "throughput": Throughput(1, 1)}
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
        "INCLUDE of 105 in all",
        table(*(global_index(f"gsi{n}", projection=Projection.include(*names(15))) for n in range(7))),
        "Table 'Forum'",
        "found 105",
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
        table(global_index(projection=Projection("SOME", ()))),  # type: ignore[arg-type]
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
        table(resource_policy={"Statement": ["x" * 20_464]}),
        f"{_FORUM}.resource_policy",
        "20480 bytes of JSON, found 20482",
        "laxer",
    ),
    Wrong(
        "policy that is no JSON",
        table(resource_policy={"Statement": [{1, 2}]}),
        f"{_FORUM}.resource_policy",
        "JSON",
        "silent",
    ),
    Wrong(
        "stream policy over 20 KB",
        table(stream=StreamViewType.KEYS_ONLY, stream_resource_policy={"Statement": ["x" * 20_464]}),
        f"{_FORUM}.stream_resource_policy",
        "20480 bytes of JSON, found 20482",
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

WRONG = [*WRONG_NAMES, *WRONG_KEYS, *WRONG_INDEXES, *WRONG_CAPACITY, *WRONG_SETTINGS]


class Right(NamedTuple):
    """A definition that AWS accepts."""

    id: str
    definition: TableDefinition
    engine: Literal["accepts", "stricter"] = "accepts"
    """Whether DynamoDB Local 1.25.1 accepts it, or knows less than AWS."""


RIGHT = [
    Right("plain", table(key=key("movieId", movieId="N"))),
    Right("name of 3", table(name="a.b")),
    Right("name of 255", table(name="a_-." + "Z9" * 125 + "z")),
    Right("binary key", table(key=key("pk", "sk", pk="B", sk="N"))),
    Right("key names of 255 bytes", table(key=key("k" * 255, "é" * 127))),
    Right("names with signs", table(key=key("it's#a\"b", "a.b[0]"))),
    Right("5 local", table(*(local_index(f"lsi{n}", f"at{n}", **{f"at{n}": "N"}) for n in range(5)))),
    Right("20 global", table(*(global_index(f"gsi{n}", f"g{n}") for n in range(20)))),
    Right("local sorted as the table", table(local_index(sort="sk"))),
    Right("local sorted by the key of a global", table(local_index(sort="at"), global_index(partition="at"))),
    Right("global with the table's key", table(global_index(partition="pk", sort="sk"))),
    Right("global with the table's key reversed", table(global_index(partition="sk", sort="pk"))),
    Right("two global of one key", table(global_index(), global_index("gsi2"))),
    Right("names that differ in case", table(global_index("idx"), local_index("IDX"))),
    Right("global of a table without sort key", table(global_index(sort="at"), key=key("pk"))),
    Right(
        "4 partition and 4 sort attributes",
        table(global_index(partition="a b c d", sort="e f g h")),
        "stricter",
    ),
    Right("2 partition attributes", table(global_index(partition="a b")), "stricter"),
    Right("KEYS_ONLY", table(global_index(projection=Projection.KEYS_ONLY))),
    Right("INCLUDE of 20", table(local_index(projection=Projection.include(*names(20))))),
    Right(
        "INCLUDE of a key attribute", table(global_index(projection=Projection.include("pk", "gsi1pk", "a")))
    ),
    Right("INCLUDE of a name of 255 bytes", table(global_index(projection=Projection.include("x" * 255)))),
    Right(
        "INCLUDE of 100 in all",
        table(*(global_index(f"gsi{n}", projection=Projection.include(*names(20))) for n in range(5))),
    ),
    Right("provisioned", table(**PROVISIONED)),
    Right(
        "provisioned index", table(global_index(throughput=Throughput(2, 3)), local_index(), **PROVISIONED)
    ),
    Right("on-demand maximum", table(on_demand_throughput=OnDemandThroughput(1))),
    Right("on-demand maximum of index", table(global_index(on_demand_throughput=OnDemandThroughput(1, 1)))),
    Right("warm on demand", table(warm_throughput=WarmThroughput(12_000, 4_000))),
    Right("warm reads", table(global_index(warm_throughput=WarmThroughput(read=12_000)))),
    Right("warm provisioned", table(warm_throughput=WarmThroughput(100, 100), **PROVISIONED)),
    Right(
        "warm provisioned index",
        table(global_index(throughput=Throughput(7, 7), warm_throughput=WarmThroughput(7)), **PROVISIONED),
    ),
    Right("expiry", table(time_to_live="expires")),
    Right("expiry of 255 bytes", table(time_to_live="é" * 127 + "x")),
    Right("expiry is a Number key", table(key=key("pk", "expires", expires="N"), time_to_live="expires")),
    *(Right(f"stream {view.name}", table(stream=view)) for view in StreamViewType),
    Right("infrequent access", table(table_class=TableClass.STANDARD_INFREQUENT_ACCESS)),
    Right(
        "protected, though to be destroyed",
        table(deletion_protection=True, removal_policy=RemovalPolicy.DESTROY),
    ),
    Right("50 tags", table(tags=dict.fromkeys(names(49), "") | {"Größe_.:/=+-@ 1": "v" * 256})),
    Right("tags that look like AWS's", table(tags={"aws": "aws:", "saws:x": ""})),
]

RIGHT_UNASKED = [
    Right("recovery of a day", table(point_in_time_recovery=PointInTimeRecovery(1))),
    Right("recovery", table(point_in_time_recovery=PointInTimeRecovery())),
    Right("AWS's key", table(encryption=Encryption.AWS_MANAGED)),
    Right("key ARN", table(encryption=Encryption.customer_managed(KMS))),
    Right("key id", table(encryption=Encryption.customer_managed("1234abcd-12ab-34cd-56ef-1234567890ab"))),
    Right("multi-region key", table(encryption=Encryption.customer_managed("mrk-" + "0123456789abcdef" * 2))),
    Right("alias", table(encryption=Encryption.customer_managed("alias/my/key_1"))),
    Right(
        "alias ARN of China",
        table(encryption=Encryption.customer_managed("arn:aws-cn:kms:cn-north-1:123456789012:alias/k")),
    ),
    Right("key token", table(encryption=Encryption.customer_managed("${Token[TOKEN.12]}"))),
    Right(
        "insights",
        table(
            global_index(contributor_insights=ContributorInsights()),
            contributor_insights=ContributorInsights(ContributorInsightsMode.THROTTLED_KEYS),
        ),
    ),
    Right("Kinesis", table(kinesis_stream=KinesisStream(KINESIS, TimestampPrecision.MICROSECOND))),
    Right(
        "policies",
        table(resource_policy=POLICY, stream=StreamViewType.NEW_IMAGE, stream_resource_policy=POLICY),
    ),
    Right("policy of 20 KB", table(resource_policy={"Statement": ["x" * 20_462]})),
    Right(
        "import",
        table(
            global_index(),
            import_source=ImportSource(
                "my.bucket-1",
                ImportFormat.CSV,
                key_prefix="p" * 1024,
                bucket_owner="012345678901",
                compression=ImportCompression.ZSTD,
                csv=CsvOptions("\t", (*names(253), " !", "x" * 65_536)),
            ),
        ),
    ),
]
