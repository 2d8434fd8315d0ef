"""Infrastructure from the model: templates, policies and functions, from the tables that you declare.

Each compiler takes a `Stack` and gives plain data. Nothing here does input or output; optional packages
are imported only where they are used: `dynamodel.infra.cdk` needs the extra `cdk`, YAML the extra `cli`.
"""

from dynamodel.infra.boto3_requests import boto3_requests
from dynamodel.infra.cloudformation import cloudformation
from dynamodel.infra.references import arn_of, name_of, stream_arn_of
from dynamodel.infra.sam import sam
from dynamodel.infra.stack import Stack
from dynamodel.infra.text import read_template, to_json, to_yaml

__all__ = [
    "Stack",
    "arn_of",
    "boto3_requests",
    "cloudformation",
    "name_of",
    "read_template",
    "sam",
    "stream_arn_of",
    "to_json",
    "to_yaml",
]
