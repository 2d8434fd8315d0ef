"""Which AWS services are called, and what botocore reads about them."""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import pytest

from dynamodel.packaging import PackagingError
from dynamodel.packaging.services import called_services, endpoint_prefixes
from dynamodel.packaging.trimming import is_needed, only_of_services

DATA = Path(botocore.__file__).parent / "data"


@pytest.mark.parametrize(
    ("source", "services"),
    [
        ("", ("dynamodb",)),
        ("boto3.client('sqs')", ("dynamodb", "sqs")),
        ('session.resource(\n    "s3",\n)', ("dynamodb", "s3")),
        ('boto3.client(service_name="sns")', ("dynamodb", "sns")),
        ('create_client(service_name="ssm", region_name=x)', ("dynamodb", "ssm")),
        ("http.client('unknown')", ("dynamodb",)),
        ("boto3.client(name)", ("dynamodb",)),
    ],
)
def test_services_in_a_text(tmp_path, source, services):
    module = tmp_path / "module.py"
    module.write_text(source)
    assert called_services(DATA, [module], ()) == services


def test_wished_services():
    assert called_services(DATA, [], ("sts",)) == ("dynamodb", "sts")
    with pytest.raises(PackagingError, match="did you mean events"):
        called_services(DATA, [], ("event",))


def test_endpoints_have_names_of_their_own():
    assert endpoint_prefixes(DATA, ["cloudwatch", "stepfunctions"]) >= {"monitoring", "states"}


def test_clients_have_the_same_endpoints():
    """botocore's own resolver, on the endpoints that stay and on all."""
    from botocore.regions import EndpointResolver

    every = (DATA / "endpoints.json").read_bytes()
    fewer = only_of_services(every, endpoint_prefixes(DATA, ["dynamodb", "cloudwatch"]))
    assert len(fewer) < len(every) / 20
    full, cut = (EndpointResolver(json.loads(each)) for each in (every, fewer))
    for prefix in ("dynamodb", "monitoring"):
        for region in ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "xx-new-9"):
            assert cut.construct_endpoint(prefix, region) == full.construct_endpoint(prefix, region)
    assert cut.get_available_partitions() == full.get_available_partitions()


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("attr/_make.py", True),
        ("orjson/orjson.cpython-311-x86_64-linux-gnu.so", True),
        ("attr/_make.pyi", False),
        ("attr/py.typed", False),
        ("attr/__pycache__/_make.cpython-311.pyc", False),
        ("lib/tests/test_all.py", False),
        ("lib/tests/used/__init__.py", True),
        ("lib/testing/__init__.py", True),
        ("lib-1.0.dist-info/METADATA", True),
        ("lib-1.0.dist-info/entry_points.txt", True),
        ("lib-1.0.dist-info/RECORD", False),
        ("lib-1.0.dist-info/licenses/METADATA", False),
        ("../../../bin/tool", False),
        ("/etc/passwd", False),
        ("lib.pth", False),
        ("botocore/data/_retry.json", True),
        ("botocore/data/endpoints.json", True),
        ("botocore/data/dynamodb/2012-08-10/service-2.json.gz", True),
        ("botocore/data/dynamodb/2012-08-10/examples-1.json", False),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", False),
        ("boto3/data/dynamodb/2012-08-10/resources-1.json", True),
        ("boto3/data/ec2/2016-11-15/resources-1.json", False),
        ("boto3/examples/s3.rst", False),
        ("boto3/dynamodb/conditions.py", True),
    ],
)
def test_what_is_needed(name, needed):
    assert is_needed(name, ("dynamodb",), {"lib.tests.used"}) is needed
