"""Benchmarks: each compares with what one would write otherwise, in one run, on one machine."""
