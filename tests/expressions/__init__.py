"""Tests of expressions: what they render to, and what the engine makes of them."""
