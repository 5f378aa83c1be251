"""What can be entered quickly: the forms by name, what each takes, and which of them a person may use."""

from __future__ import annotations

from typing import Final

from lib.domain.access import GRANTS, ROLE_LABEL, Permission
from lib.text import Text, listed
from lib.ui import session

FORM: Final[dict[str, Text]] = {
    "interaction": Text("互动", "Interaction"),
    "score": Text("评分", "Score"),
    "call_back": Text("低分回访", "Call-backs"),
    "complaint": Text("投诉", "Complaint"),
    "request": Text("服务请求", "Service request"),
    "suggestion": Text("建议", "Suggestion"),
    "promise": Text("承诺还款", "Promise to pay"),
    "payment": Text("收款", "Payment"),
    "customer_new": Text("新客户", "New customer"),
}
NEEDS: Final[dict[str, Permission]] = {
    "interaction": Permission.SERVICE_WRITE,
    "score": Permission.SERVICE_WRITE,
    "call_back": Permission.SERVICE_WRITE,
    "complaint": Permission.SERVICE_WRITE,
    "request": Permission.SERVICE_WRITE,
    "suggestion": Permission.SERVICE_WRITE,
    "promise": Permission.PROMISE_WRITE,
    "payment": Permission.RECEIVABLE_WRITE,
    "customer_new": Permission.CUSTOMER_WRITE,
}
_OF_NOBODY: Final = frozenset({"call_back", "customer_new"})
"""Forms that do not begin with one customer."""


def offered() -> dict[str, Text]:
    """The forms the person at the desk may use."""
    return {name: FORM[name] for name, needs in NEEDS.items() if session.actor().may(needs)}


def about_customer() -> dict[str, Text]:
    """Those of them that take a customer, as links from a customer or a row about one."""
    return {name: label for name, label in offered().items() if name not in _OF_NOBODY}


def who_may(form: str) -> Text:
    """The roles that may use a form."""
    roles = [ROLE_LABEL[role] for role, granted in GRANTS.items() if NEEDS[form] in granted]
    return listed(Text(role.zh, role.en.lower()) for role in roles)
