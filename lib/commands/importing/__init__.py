"""The import door in steps: cells to typed columns, customers, records against the ledger, and what each kind writes."""
