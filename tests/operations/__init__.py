"""Tests of the operations: what they send, and what comes of it."""
