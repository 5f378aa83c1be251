"""Ways in which one person could make what takes two: by bringing back what its author had taken back."""

from __future__ import annotations

import pytest
import test_commands_proposals as proposals
from test_commands_proposals import MANAGER, SECOND, TODAY, do, release, state

from lib.commands.company import ConfirmBankDetails, DescribeCompany, DropBankDetails
from lib.commands.proposals import Decide, ProposeCredit, Withdraw
from lib.commands.undo import Undo
from lib.domain.sender import Sender
from lib.errors import Forbidden
from lib.store.ledger import Ledger
from lib.store.query import rows

ledger = proposals.ledger


def test_what_its_author_withdrew_is_approved_by_nobody_who_brings_it_back(ledger: Ledger) -> None:
    proposal_id = release(ledger)
    withdrawn = do(ledger, Withdraw(proposal_id, TODAY))
    do(ledger, Undo(withdrawn.change_id), MANAGER)
    with pytest.raises(Forbidden, match="brought it back"):
        do(ledger, Decide(proposal_id, "approved", None, TODAY), MANAGER)
    do(ledger, Decide(proposal_id, "approved", None, TODAY), SECOND)
    assert state(ledger) == "released"


def test_nor_what_its_author_undid(ledger: Ledger) -> None:
    proposed = do(ledger, ProposeCredit(1, proposals.UNTIL, "已谈妥", TODAY))
    undone = do(ledger, Undo(proposed.change_id))
    do(ledger, Undo(undone.change_id), MANAGER)
    with pytest.raises(Forbidden, match="brought it back"):
        do(ledger, Decide(proposed.result, "approved", None, TODAY), MANAGER)


def test_nor_a_rule_or_an_account_that_its_author_dropped(ledger: Ledger) -> None:
    do(ledger, DescribeCompany(Sender(name="明账公司", bank_account="1"), TODAY), MANAGER)
    (waiting,) = rows(ledger, MANAGER, "bank_details")
    dropped = do(ledger, DropBankDetails(waiting["policy_id"]), MANAGER)
    do(ledger, Undo(dropped.change_id), SECOND)
    with pytest.raises(Forbidden, match="Someone else"):
        do(ledger, ConfirmBankDetails(waiting["policy_id"], TODAY), SECOND)
