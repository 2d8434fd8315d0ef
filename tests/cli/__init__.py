"""Tests of dynamodel.cli: each command as a user types it."""
