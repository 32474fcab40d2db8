"""Benchmarks: every row is a ratio against a named reference, both measured in the same run."""
