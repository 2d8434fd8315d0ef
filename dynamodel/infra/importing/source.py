"""Python source of imported tables: a `Table` and typed entity classes for each.

Guarantee: the source was run before it is returned; the `definition` of each of its tables equals the one
that was imported, and the classes read every sample item, and would write it back as it was. A proposal
that the samples do not bear out (a type, a discriminator, a built key) is not in it. No foreign name
becomes code: texts are quoted, names are made anew.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from dynamodel.entity.schema import schema_of
from dynamodel.errors import DeclarationError, DynamodelError, Fault
from dynamodel.infra.importing.plans import Trust
from dynamodel.infra.importing.rendering import module_source
from dynamodel.model.entity import Entity
from dynamodel.schema.table import Table
from dynamodel.schema.verify import table_faults

if TYPE_CHECKING:
    from dynamodel.infra.importing.imported import Imported, ImportedTable
    from dynamodel.types import Item

__all__ = ["python_source"]


def python_source(imported: Imported) -> str:
    """A Python module that declares the imported tables.

    It needs nothing but dynamodel (and attrs, for documents in attributes), passes mypy --strict, and is
    laid out as `ruff format` does it. What was not imported stands in a comment.

    Raises:
        DeclarationError: there is no table, two of them have one name, or a table cannot be declared.
    """
    names = [table.definition.name for table in imported.tables]
    faults = [Fault("import", "has no table, found nothing to declare")] if not names else []
    faults += [
        Fault(f"Table {name!r}", "is there twice; import one of both")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    # Before anything is rendered: names that a table can have are no code.
    faults += [fault for table in imported.tables for fault in table_faults(table.definition)]
    if faults:
        raise DeclarationError(faults)
    chosen = [(table, _trust(table)) for table in imported.tables]
    source = module_source(chosen, imported.notes)
    declared = _run(source)
    for table in imported.tables:
        _require_same(table, declared)
    return source


def _trust(table: ImportedTable) -> Trust:
    """The most that can be made of a table's samples: what works when it is run."""
    for trust in sorted(set(Trust) - {Trust.NOTHING}, reverse=True):
        try:
            declared = _run(module_source([(table, trust)], ()))
            _require_same(table, declared)
        except DynamodelError:
            continue
        if all(_is_read(item, table, declared) for item in table.samples):
            return trust
    return Trust.NOTHING


def _run(source: str) -> dict[str, Any]:
    """What the module declares."""
    namespace: dict[str, Any] = {"__name__": "imported_tables"}
    exec(compile(source, "<imported tables>", "exec"), namespace)  # noqa: S102 - our own text, see above
    return namespace


def _require_same(table: ImportedTable, declared: dict[str, Any]) -> None:
    for found in declared.values():
        if isinstance(found, Table) and found.name == table.definition.name:
            if found.definition == table.definition:
                return
            break
    rule = "cannot be declared so that its definition is the one that was imported"
    raise DeclarationError([Fault(f"Table {table.definition.name!r}", rule)])


def _is_read(item: Item, table: ImportedTable, declared: dict[str, Any]) -> bool:
    """Whether some class reads the item, and would write it back as it was."""
    for found in declared.values():
        if not (isinstance(found, type) and issubclass(found, Entity) and found is not Entity):
            continue
        schema = schema_of(found)
        if schema.table.name != table.definition.name:
            continue
        try:
            written = schema.item_of(schema.decode(item), {})
        except DynamodelError:
            continue
        # Where samples have NULL or nothing, a class writes NULL for both.
        written = {name: value for name, value in written.items() if name in item or value != {"NULL": True}}
        if _comparable(written) == _comparable(item):
            return True
    return False


def _comparable(value: Any) -> Any:
    """A value in which numbers are compared as numbers, and sets whatever their order."""
    if isinstance(value, dict):
        return {key: _comparable_content(key, content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_comparable(part) for part in value]
    return value


def _comparable_content(key: str, content: Any) -> Any:
    if key == "N" and isinstance(content, str):
        return _number(content)
    if key in ("SS", "NS", "BS") and isinstance(content, list | tuple | set):
        return sorted(map(_number, content) if key == "NS" else content)
    return _comparable(content)


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
