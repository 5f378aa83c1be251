"""The import door in steps: cells to typed columns, customers, records against the ledger, and what each kind writes.

The steps hand each other temp tables of one cursor, made in this order by `plans.weigh`, for the preview and again for applying:

- `staged`: one row per row of the file, typed (made by `staging`; read by `parties`, for statements by `bank`).
- `trouble`: row_no and the code of what is wrong (made by `parties`, filled by all; read by `matching.conclude`).
- `seen`: the customers in the actor's scope (made by `parties`; read by each kind when it looks things up).
- `party`, `new_party`: the spellings of customers in the file; those the ledger does not know (made and read by `parties`).
- `line`: `staged` with its customer, then with the record it belongs to (made by `parties`, made anew by each kind; read by all).
- `record`: one row per thing the file tells (made by each kind; read by `matching.match`).
- `existing`: the same columns of things in the ledger (made by each kind; read by `matching.match`).
- `pair`, `verdict`: which record is which thing; new, changed field by field, or same (made by `matching`; read by each kind and `plans`).
- `outcome`: what becomes of each row, and why (made by `matching.conclude`; read by `plans` and each kind's `write`).
- `known_as`: the account numbers of the new customers, once they are written (made by `parties.register`; read by each kind's `write`).
- `written`: the documents of invoices and payments to be recorded (made and read by their `write`, before `postings.post`).
"""
