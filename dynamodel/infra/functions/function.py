"""`Function`: a Lambda function as a declaration that is always right."""

from __future__ import annotations

from attrs import frozen

from dynamodel.errors import DeclarationError
from dynamodel.infra.functions.declaration import Declaration
from dynamodel.infra.functions.verify import function_faults

__all__ = ["Function"]


@frozen(eq=False, repr=False)
class Function(Declaration):
    """A Lambda function, with all that belongs to it.

    ```
    Function(
        "movies",
        code=Code.folder("build/movies"),
        handler="app.handle",
        timeout=timedelta(seconds=10),
        environment={"TABLE": name_of(movies)},
        patterns=[Movie.by_id.get, Movie.put],
        url=FunctionUrl(),
    )
    ```

    Its fields are described where they stand, in `Declaration`. Two functions with the same fields are two.

    Raises:
        DeclarationError: with every broken rule of AWS at once.
    """

    def __attrs_post_init__(self) -> None:
        faults = function_faults(self)
        if faults:
            raise DeclarationError(faults)
