"""What models learn from the ledger and foretell, worked out before the change that records it.

Reading and learning take seconds and need no lock; only writing goes through the door (`lib/commands/models.py`). Nothing learns from
what it is judged by: a trial at an origin reads what had happened by then, and is judged by the 91 days after.
"""
