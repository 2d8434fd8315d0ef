"""What the text of a module imports."""

from __future__ import annotations

import pytest

from dynamodel.packaging.imports import Imported, imports_of

CASES = {
    "import a.b": [Imported("a.b", (), 1, False)],
    "import a, b as c": [Imported("a", (), 1, False), Imported("b", (), 1, False)],
    "from a import b, c as d": [Imported("a", ("b", "c"), 1, False)],
    "from . import x": [Imported("pkg.sub", ("x",), 1, False)],
    "from .near import x": [Imported("pkg.sub.near", ("x",), 1, False)],
    "from ..far import x": [Imported("pkg.far", ("x",), 1, False)],
    "def f():\n    import late": [Imported("late", (), 2, False)],
    "class A:\n    async def f(self):\n        from late import x": [Imported("late", ("x",), 3, False)],
    "if TYPE_CHECKING:\n    import never\nelse:\n    import a": [Imported("a", (), 4, False)],
    "if typing.TYPE_CHECKING:\n    import never": [],
    "if TYPE_CHECKING:\n    import a\nelse:\n    def __getattr__(name): ...": [Imported("a", (), 2, True)],
    "if TYPE_CHECKING:\n    import never\nclass A:\n    def __getattr__(self, name): ...": [],
    "if x:\n    import a\nelif y:\n    import b": [Imported("a", (), 2, False), Imported("b", (), 4, False)],
    "try:\n    import a\nexcept ImportError:\n    import b": [
        Imported("a", (), 2, True),
        Imported("b", (), 4, False),
    ],
    "try:\n    import a\nexcept (KeyError, ModuleNotFoundError):\n    pass": [Imported("a", (), 2, True)],
    "try:\n    import a\nexcept:\n    pass": [Imported("a", (), 2, True)],
    "try:\n    import a\nexcept KeyError:\n    pass": [Imported("a", (), 2, False)],
    "try:\n    import a\nfinally:\n    import b": [Imported("a", (), 2, False), Imported("b", (), 4, False)],
    "with suppress(ImportError):\n    import a": [Imported("a", (), 2, True)],
    "with contextlib.suppress(ImportError):\n    import a": [Imported("a", (), 2, True)],
    "with open('x'):\n    import a": [Imported("a", (), 2, False)],
    "m = importlib.import_module('a.b')": [Imported("a.b", (), 1, False)],
    "m = import_module('.near', __package__)": [Imported("pkg.sub.near", (), 1, False)],
    "m = import_module('..far', package=__package__)": [Imported("pkg.far", (), 1, False)],
    "m = import_module('.near', 'other')": [Imported("other.near", (), 1, False)],
    "m = import_module(name)": [],
    "m = __import__('a')": [Imported("a", (), 1, False)],
    "match x:\n    case 1:\n        import a": [Imported("a", (), 3, False)],
    "text = 'import a'": [],
}


@pytest.mark.parametrize("source", CASES)
def test_imports(source):
    assert imports_of(source, "pkg.sub.module", is_package=False) == CASES[source]


@pytest.mark.parametrize(
    ("source", "name"),
    [("from . import x", "pkg.sub"), ("from .a import x", "pkg.sub.a"), ("from .. import x", "pkg")],
)
def test_relative_to_a_package(source, name):
    assert [each.name for each in imports_of(source, "pkg.sub", is_package=True)] == [name]


def test_another_encoding():
    source = "# coding: latin-1\nimport a # \xe9".encode("latin-1")
    assert [each.name for each in imports_of(source, "m", is_package=False)] == ["a"]
