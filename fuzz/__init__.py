"""Fuzzers: docs/hardening.md says what each checks and has found."""
