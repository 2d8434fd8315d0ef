"""Existing tables as models: NoSQL Workbench, CloudFormation and deployed tables in, Python source out.

What is read becomes `Imported`: definitions, sample items and notes about what has no place in them. From
that `python_source` writes a module, and `to_workbench` a model for NoSQL Workbench.
"""

from dynamodel.infra.importing.cloudformation import from_cloudformation
from dynamodel.infra.importing.description import from_description
from dynamodel.infra.importing.imported import Facet, Imported, ImportedTable
from dynamodel.infra.importing.source import python_source
from dynamodel.infra.importing.workbench import from_workbench
from dynamodel.infra.importing.workbench_export import to_workbench

__all__ = [
    "Facet",
    "Imported",
    "ImportedTable",
    "from_cloudformation",
    "from_description",
    "from_workbench",
    "python_source",
    "to_workbench",
]
