"""Deployment packages of Lambda handlers: zips with only what a handler needs, and what a cold start imports.

```
recipe = Recipe(EntryPoint.of("app.movies:handler"), root=Path("src"), target=Target.of_this_python())
built = build(recipe, Path("build/movies.zip"))
```

Guarantees: a zip is written only if the handler can be imported from it alone, or if this machine cannot run
it, which the result says; the same input gives the same bytes.
"""

from dynamodel.errors import MissingExtraError as _MissingExtraError

try:
    import packaging.requirements  # noqa: F401 - the distribution `packaging`, not this package
except ImportError:
    raise _MissingExtraError("The packaging of handlers", "cli") from None

from dynamodel.packaging.building import Built, PartSize, Progress, Recipe, build
from dynamodel.packaging.discovery import EntryPoint
from dynamodel.packaging.import_profile import ImportProfile, PackageTime
from dynamodel.packaging.problems import PackagingError
from dynamodel.packaging.selection import Part, Selection, Wishes
from dynamodel.packaging.target import Target

__all__ = [
    "Built",
    "EntryPoint",
    "ImportProfile",
    "PackageTime",
    "PackagingError",
    "Part",
    "PartSize",
    "Progress",
    "Recipe",
    "Selection",
    "Target",
    "Wishes",
    "build",
]
