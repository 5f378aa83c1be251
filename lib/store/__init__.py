"""The file: one connection, named queries, the write door, migrations, safety. Knows no single business subject."""
