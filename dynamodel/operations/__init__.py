"""Operations: immutable values that know their request and how to read the response; no I/O.

A client runs them. `base.Operation` is what they have in common; one module holds each kind.
"""
