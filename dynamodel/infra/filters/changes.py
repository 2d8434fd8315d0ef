"""`Changes`: which changes of an entity's items a function wants, and the filter patterns that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from dynamodel.entity.access import BuiltKey
from dynamodel.entity.schema import schema_of
from dynamodel.errors import DeclarationError, Fault, RequestError
from dynamodel.expressions.nodes import Condition, require_condition
from dynamodel.infra.filters.conditions import ALWAYS, Alternative, Leaf, alternatives, both
from dynamodel.infra.filters.matching import matches
from dynamodel.infra.filters.patterns import MAX_PATTERN_CHARACTERS, Rules, either, packed, pattern_text
from dynamodel.infra.filters.sets import InexpressibleError, LeafSet, Texts
from dynamodel.schema.settings import StreamViewType

if TYPE_CHECKING:
    from dynamodel.entity.schema import EntitySchema
    from dynamodel.model.entity import Entity
    from dynamodel.schema.table import Table

__all__ = ["ChangeKind", "Changes"]

ChangeKind: TypeAlias = Literal["INSERT", "MODIFY", "REMOVE"]
"""What became of an item: it is new, it is another than before, it is gone."""

Image: TypeAlias = Literal["NewImage", "OldImage"]

_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
_KINDS_WITH: dict[Image, tuple[ChangeKind, ...]] = {
    "NewImage": ("INSERT", "MODIFY"),
    "OldImage": ("MODIFY", "REMOVE"),
}
_VIEWS: dict[Image, str] = {"NewImage": "NEW_IMAGE", "OldImage": "OLD_IMAGE"}
_PARAMETERS: dict[Image, str] = {"NewImage": "new", "OldImage": "old"}


class Changes:
    """Changes of one entity's items, as a stream of its table carries them.

    `Changes(Thread, kinds=["MODIFY"], new=Thread.replies > 10, old=Thread.replies <= 10)` are the moments in
    which a thread gets its eleventh reply. Records of other entities of the table are not among them.

    Args:
        entity: whose items.
        kinds: INSERT, MODIFY, REMOVE; None: all that have the images of which the conditions speak.
        new: what holds of the item after the change.
        old: what held of it before.

    Raises:
        DeclarationError: with all faults: the table has no stream, or one that does not carry the image;
            a part of a condition that Lambda's pattern language cannot express exactly.
    """

    def __init__(
        self,
        entity: type[Entity],
        *,
        kinds: Sequence[ChangeKind] | None = None,
        new: Condition | None = None,
        old: Condition | None = None,
    ) -> None:
        self.entity = entity
        self._schema: EntitySchema[Any] = schema_of(entity)
        given: dict[Image, Condition | None] = {"NewImage": new, "OldImage": old}
        self._conditions: dict[Image, Condition] = {
            image: each for image, each in given.items() if each is not None
        }
        fitting: list[ChangeKind] = [
            each for each in _KINDS if all(each in _KINDS_WITH[image] for image in self._conditions)
        ]
        self.kinds: tuple[ChangeKind, ...] = tuple(dict.fromkeys(fitting if kinds is None else kinds))
        faults = [*self._kind_faults(), *self._stream_faults()]
        self._images: dict[Image, tuple[Alternative, ...]] = {}
        for image, condition in self._conditions.items():
            self._images[image] = self._compiled(image, condition, faults)
        if not faults:
            faults += self._pattern_faults()
        if faults:
            raise DeclarationError(faults)

    def __repr__(self) -> str:
        return f"<Changes {self.entity.__name__}: {', '.join(self.kinds)}>"

    @property
    def table(self) -> Table:
        """The table whose stream carries them."""
        return self._schema.table

    @property
    def place(self) -> str:
        """How faults call it."""
        return f"Changes({self.entity.__name__})"

    def patterns(self) -> list[dict[str, Any]]:
        """The patterns of a mapping's filters: a record that one of them matches is passed on.

        They are one to five, each of at most 4,096 characters; more, up to 20, if the condition needs them,
        for which AWS has to raise the account's quota.

        Raises:
            DeclarationError: an entity that was declared since cannot be told from this one.
        """
        try:
            return packed(self._rules())
        except InexpressibleError as error:
            raise DeclarationError([Fault(self.place, str(error))]) from None

    def pattern(self) -> dict[str, Any]:
        """All of it as one pattern, with `$or` where several are needed.

        Raises:
            DeclarationError: it is longer than 4,096 characters, so that `patterns` is needed; or as there.
        """
        try:
            pattern = either(self._rules())
        except InexpressibleError as error:
            raise DeclarationError([Fault(self.place, str(error))]) from None
        length = len(pattern_text(pattern))
        if length > MAX_PATTERN_CHARACTERS:
            rule = f"one pattern would have {length} characters of {MAX_PATTERN_CHARACTERS}; take patterns()"
            raise DeclarationError([Fault(self.place, rule)])
        return pattern

    def matches(self, record: Mapping[str, object]) -> bool:
        """Whether Lambda would pass on a record of the stream; see `matches` for what it takes."""
        return any(matches(pattern, record) for pattern in self.patterns())

    # --- what is wrong ---

    def _kind_faults(self) -> list[Fault]:
        place = f"{self.place}.kinds"
        if not self.kinds:
            return [Fault(place, "at least one kind is needed, found none; leave kinds out for all")]
        faults = [
            Fault(place, f"must be of {', '.join(_KINDS)}, found {kind!r}")
            for kind in self.kinds
            if kind not in _KINDS
        ]
        for image in self._conditions:
            for kind in self.kinds:
                if kind in _KINDS and kind not in _KINDS_WITH[image]:
                    name = _PARAMETERS[image]
                    rule = f"{kind} has no {name} image, of which {name}= speaks; leave {kind} out"
                    faults.append(Fault(place, rule))
        return faults

    def _stream_faults(self) -> list[Fault]:
        view = self.table.settings.stream
        if view is None:
            rule = f"{self.table.place} has no stream; give it stream=StreamViewType.NEW_AND_OLD_IMAGES"
            return [Fault(self.place, rule)]
        return [
            Fault(
                f"{self.place}.{_PARAMETERS[image]}",
                f"the stream of {self.table.place} carries {view.value}, not this image; make it "
                f"StreamViewType.{_VIEWS[image]} or NEW_AND_OLD_IMAGES",
            )
            for image in self._conditions
            if not self._carries(image)
        ]

    def _carries(self, image: Image) -> bool:
        return self.table.settings.stream in {
            StreamViewType.NEW_AND_OLD_IMAGES,
            StreamViewType[_VIEWS[image]],
        }

    def _compiled(self, image: Image, condition: Condition, faults: list[Fault]) -> tuple[Alternative, ...]:
        place = f"{self.place}.{_PARAMETERS[image]}"
        try:
            self._schema.require_own(require_condition(condition).paths())
        except RequestError as error:
            faults.append(Fault(place, str(error)))
            return ALWAYS
        problems: list[str] = []
        found = alternatives(condition, self._schema, problems)
        if not found:
            problems.append("the condition never holds; change it")
        faults += [Fault(place, problem) for problem in dict.fromkeys(problems)]
        return found

    def _pattern_faults(self) -> list[Fault]:
        try:
            self.patterns()
        except DeclarationError as error:
            return list(error.faults)
        return []

    # --- what it asks for ---

    def _rules(self) -> list[Rules]:
        """The alternatives, each with the rules of its leaves."""
        wanted = both(self._under("NewImage"), self._under("OldImage"))
        groups: dict[tuple[tuple[Leaf, LeafSet], ...], list[ChangeKind]] = {}
        for kind in self.kinds:
            groups.setdefault(tuple(self._mark(kind).items()), []).append(kind)
        return [
            _rendered(kinds, each) for mark, kinds in groups.items() for each in both([dict(mark)], wanted)
        ]

    def _under(self, image: Image) -> tuple[Alternative, ...]:
        return tuple(
            {("dynamodb", image, *leaf): values for leaf, values in each.items()}
            for each in self._images.get(image, ALWAYS)
        )

    def _mark(self, kind: ChangeKind) -> Alternative:
        """What tells the entity's records of a kind from all others; nothing if there are no others.

        Others are the items of other entities, and the claims of unique constraints.
        """
        images: list[Image] = [image for image in _KINDS_WITH if kind in _KINDS_WITH[image]]
        carried = next((image for image in images if self._carries(image)), None)
        if carried is not None and self._schema.discriminator:
            [(name, value)] = self._schema.discriminator.items()
            return {("dynamodb", carried, name, "S"): LeafSet(Texts(frozenset({value["S"]})))}
        is_alone = len(self.table.entities) == 1
        if is_alone and not self._schema.primary.key.built and not self._schema.uniques:
            return {}
        return self._key_mark(kind, is_alone)

    def _key_mark(self, kind: ChangeKind, is_alone: bool) -> Alternative:
        """As `_mark`, by the keys, which every record carries."""
        built = self._schema.primary.key.built
        mark = "".join(value["S"] for value in self._schema.discriminator.values())
        for sides in (*([side] for side in built), built):
            templates = {side.name: side.template for side in sides}
            if sides and (is_alone or (mark and not self.table.is_shared(templates, mark))):
                return {("dynamodb", "Keys", side.name, "S"): LeafSet(_keys(side)) for side in sides}
        raise InexpressibleError(
            f"nothing in a record of kind {kind} tells the items of {self.entity.__name__} from those of "
            f"other entities of {self.table.place}; give the table a discriminator and the stream "
            "NEW_AND_OLD_IMAGES, or the keys of the entity a tag of their own"
        )


def _keys(side: BuiltKey) -> Texts:
    template = side.template
    if template.is_static:
        return Texts(frozenset({template.prefix}))
    return Texts(prefixes=frozenset({template.prefix}))


def _rendered(kinds: Sequence[ChangeKind], alternative: Alternative) -> Rules:
    rules: Rules = {}
    if len(kinds) < len(_KINDS) or not alternative:
        rules["eventName",] = [*kinds]
    for leaf in sorted(alternative):
        rules[leaf] = alternative[leaf].rules()
    return rules
