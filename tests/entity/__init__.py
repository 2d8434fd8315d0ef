"""Tests of attributes and of compiled entity classes."""
