"""Fuzzers: see README.md beside this file."""
