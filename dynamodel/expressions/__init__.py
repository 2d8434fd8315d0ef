"""Expressions as immutable values: paths, conditions, update actions, projections.

`path.Path` is what users touch; it builds nodes (`nodes`), and each node renders itself into a request
with `placeholders.Placeholders`. Guarantees: every name is aliased and every value is a placeholder, so
that nothing a user passes in becomes syntax; the same expression always renders to the same text.
"""
