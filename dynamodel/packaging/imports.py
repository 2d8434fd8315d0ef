"""What a module imports, by its source text: also what it imports only when a function runs.

Guarantee: nothing is executed. What stands under `if TYPE_CHECKING:` is no import, except in a module that
loads its names when they are asked for (PEP 562): there it tells type checkers what these names are.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Imported", "imports_of"]

_MISSING: Final = frozenset({"BaseException", "Exception", "ImportError", "ModuleNotFoundError"})
"""Who handles one of these errors can do without the import."""

_BY_NAME: Final = frozenset({"__import__", "import_module"})


@frozen
class Imported:
    """One import of a module."""

    name: str
    """Absolute: `boto3.session`."""
    members: tuple[str, ...]
    """What is taken from it, which may be its attributes or its submodules."""
    line: int
    is_optional: bool
    """Whether the module goes on without it."""


def imports_of(source: str | bytes, module: str, *, is_package: bool) -> list[Imported]:
    """All imports in the text of a module, wherever in it they stand.

    Args:
        source: the text.
        module: its absolute name, from which relative imports go.
        is_package: whether it is the `__init__` of a package.

    Raises:
        SyntaxError: the text is not of this Python.
    """
    package = module if is_package else module.rpartition(".")[0]
    body = ast.parse(source).body
    found = list(_of_block(body, package, is_optional=False))
    if any(map(_is_lazy, body)):
        for node in body:
            if isinstance(node, ast.If) and _is_type_checking(node.test):
                found += _of_block(node.body, package, is_optional=True)
    return found


def _of_block(nodes: Iterable[ast.AST], package: str, *, is_optional: bool) -> Iterator[Imported]:
    for node in nodes:
        match node:
            case ast.If(test=test, orelse=other) if _is_type_checking(test):
                yield from _of_block(other, package, is_optional=is_optional)
            case ast.Try(body=body, handlers=handlers, orelse=other, finalbody=final):
                yield from _of_block(body, package, is_optional=is_optional or _catches_missing(handlers))
                yield from _of_block([*handlers, *other, *final], package, is_optional=is_optional)
            case ast.With(items=items, body=body) if _suppresses_missing(items):
                yield from _of_block(body, package, is_optional=True)
            case ast.Import(names=aliases, lineno=line):
                for alias in aliases:
                    yield Imported(alias.name, (), line, is_optional)
            case ast.ImportFrom(module=name, names=aliases, level=level, lineno=line):
                members = tuple(alias.name for alias in aliases)
                yield Imported(_absolute(name, level, package), members, line, is_optional)
            case _:
                yield from _by_name(node, package, is_optional=is_optional)
                yield from _of_block(ast.iter_child_nodes(node), package, is_optional=is_optional)


def _by_name(node: ast.AST, package: str, *, is_optional: bool) -> Iterator[Imported]:
    """`importlib.import_module("name")`, where the name is written out."""
    match node:
        case ast.Call(
            func=ast.Name(id=function) | ast.Attribute(attr=function),
            args=[ast.Constant(value=str(name)), *more],
            lineno=line,
        ) if function in _BY_NAME:
            match more:
                case [ast.Constant(value=str(other))]:
                    package = other
                case _:  # `__package__`, as a rule
                    pass
            inner = name.lstrip(".")
            yield Imported(_absolute(inner, len(name) - len(inner), package), (), line, is_optional)
        case _:
            pass


def _absolute(name: str | None, level: int, package: str) -> str:
    if not level:
        return name or ""
    base = package.split(".")
    base = base[: len(base) - level + 1]
    return ".".join([*base, *([name] if name else [])])


def _is_lazy(node: ast.AST) -> bool:
    """Whether a statement at the top of a module defines its `__getattr__`."""
    if isinstance(node, ast.If):
        return any(map(_is_lazy, [*node.body, *node.orelse]))
    return isinstance(node, ast.FunctionDef) and node.name == "__getattr__"


def _is_type_checking(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case _:
            return False


def _catches_missing(handlers: Iterable[ast.ExceptHandler]) -> bool:
    for handler in handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or _is_missing(kind) for kind in kinds):
            return True
    return False


def _suppresses_missing(items: Iterable[ast.withitem]) -> bool:
    for item in items:
        match item.context_expr:
            case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=kinds):
                return any(map(_is_missing, kinds))
            case _:
                pass
    return False


def _is_missing(kind: ast.expr) -> bool:
    return isinstance(kind, ast.Name) and kind.id in _MISSING
