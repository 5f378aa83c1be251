"""Pure functions: closed lists, permissions, parsing, statistics. No I/O, no clock, no SQL."""
