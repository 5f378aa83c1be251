"""The same house from a shell: one module per group of verbs, each with an `add` that declares them."""
