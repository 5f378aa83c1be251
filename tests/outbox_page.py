"""The outbox as a page of its own, for tests."""

from lib.ui import outbox, session

with session.run():
    outbox.listing()
