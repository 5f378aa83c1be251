"""催收 · Opened at nine in the morning by who collects: whom to contact now, what to say, and one click to write down what came of it."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import collect, debtor, filters, page

page.begin(terms.COLLECT, Permission.COLLECT)
scope = filters.bar()

if collect.headline(scope):
    debtor.last_saved()
    left, right = page.halves(2)
    with left:
        chosen = collect.worklist(scope)
    with right:
        if chosen:
            debtor.card(chosen)
