"""Keys that are built from attributes: templates, the text of their parts, and ranges of keys.

Pure functions of AttributeValues; nothing here knows of entities or requests. Guarantees: two different
tuples of values never build the same key, nor do templates of one tag that differ in the number of parts
(a part's type is not in the key: `true` may be a String or a Boolean); the order of keys is the order of the
values; a partial key ends at a delimiter; every range is bounded on both sides to the keys of its template.
"""

from dynamodel.keys.numbers import order_text, read_order_text
from dynamodel.keys.parts import DELIMITER, ESCAPE, PartType, part_text, prefix_text, read_part
from dynamodel.keys.ranges import (
    PARTITION_KEY_BYTES,
    SORT_KEY_BYTES,
    Between,
    Exactly,
    KeyRange,
    StartsWith,
    just_above,
    just_below,
)
from dynamodel.keys.templates import KeyTemplate

__all__ = [
    "DELIMITER",
    "ESCAPE",
    "PARTITION_KEY_BYTES",
    "SORT_KEY_BYTES",
    "Between",
    "Exactly",
    "KeyRange",
    "KeyTemplate",
    "PartType",
    "StartsWith",
    "just_above",
    "just_below",
    "order_text",
    "part_text",
    "prefix_text",
    "read_order_text",
    "read_part",
]
