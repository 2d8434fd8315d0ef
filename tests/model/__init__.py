"""Tests of entity classes: what a declaration says, and what is wrong with it."""
