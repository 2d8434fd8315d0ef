"""Policies from access patterns: the exact actions on the exact tables, indexes and keys.

Guarantee: every request of a pattern is allowed, and nothing is that no pattern needs.
"""

from dynamodel.infra.iam.policy import Policy, policy, stream_statements
from dynamodel.infra.iam.resources import Arns, fixed_arns, template_arns
from dynamodel.infra.iam.statements import Statement
from dynamodel.operations.patterns import Pattern

__all__ = [
    "Arns",
    "Pattern",
    "Policy",
    "Statement",
    "fixed_arns",
    "policy",
    "stream_statements",
    "template_arns",
]
