"""Tests of key templates."""
