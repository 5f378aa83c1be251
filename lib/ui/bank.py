"""The reconciliation desk: each open statement line with what it most likely pays, accepted by one click or put right by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from lib import formats, terms
from lib.commands.bank import ForgetPayer, IgnoreLine, KeepOffBook, MatchAutomatically, MatchDocument, MatchLine, MatchTransfer, sure
from lib.commands.bank_back import TakeBackMatch, means
from lib.domain.access import Permission, Scope
from lib.domain.reconciling import Proposal
from lib.store.door import Command
from lib.text import Text
from lib.ui import bank_by_hand, bank_found, downloads, filters, forms, page, session, tables
from lib.ui.bank_found import Found

STATES: Final[dict[str, Text]] = {**terms.VALUE["line_state"], "all": Text("全部", "All")}
PAGE_LINES: Final = 20
AT_ONCE: Final = 200
"""Lines that are all looked at whenever the page is drawn."""
_ASKED: Final = "bank.look_at_all"
_STATE: Final = Text("状态", "State")
_ACCOUNT: Final = Text("账户", "Account")
_ALL: Final = Text("全部", "All")
_SINCE: Final = Text("从", "From")
_UNTIL: Final = Text("到", "To")
_HEAD: Final = Text("{count}待处理，共 {amount}", "{count} to do, {amount}")
_LINES: Final = Text("{count} 笔流水", "{count}")
_ALL_DONE: Final = Text("流水都处理完了", "Every statement line is dealt with")
_PROVEN: Final = Text("✓ 与流水合计一致", "✓ Agrees with the statement")
_BROKEN: Final = Text("✗ 与流水合计不一致", "✗ Differs from the statement")
_PROOF: Final = Text(
    "收入 {received}；已对 {matched} + 忽略 {ignored} + 待处理 {open_amount} = 流水合计 {statement}",
    "In {received}; matched {matched} + ignored {ignored} + open {open_amount} = statement {statement}",
)
_NO_LINES: Final = Text(
    "还没有银行流水。导入后，每笔到账会连同建议出现在这里。", "There are no bank lines yet. Import a statement to see each with its match."
)
_IMPORT: Final = Text("导入银行流水", "Import a bank statement")
_SCOPE: Final = Text(
    "流水尚未归属客户，只有能看到全部客户的人可以查看。",
    "Statement lines belong to no customer yet: only who sees all customers sees them.",
)
_QUEUE_DONE: Final = Text("这里没有待处理的流水。", "No lines to do here.")
_ACCEPT_ALL: Final = Text("全部接受确定的（{count} 笔，{amount}）", "Accept all sure ones ({count}, {amount})")
_LOOK_AT_ALL: Final = Text("核对全部 {count} 笔，找出确定的", "Look at all {count} for sure ones")
_NONE_SURE: Final = Text("{count} 笔都看过了，没有确定的。请逐笔处理。", "All {count} were looked at, none is sure. Take them one by one.")
_ACCEPTED: Final = Text("已对账 {count} 笔。", "{count} matched.")
_ACCEPT: Final = Text("接受", "Accept")
_MATCHED: Final = Text("已对账。", "Matched.")
_HAND: Final = Text("手工对账", "By hand")
_CLOSE: Final = Text("收起", "Close")
_IGNORE: Final = Text("忽略", "Ignore")
_IGNORED: Final = Text("已忽略。", "Ignored.")
_OFF_BOOK: Final = Text("记入账外客户", "Keep off book")
_KEPT: Final = Text("已记入账外客户，款项记为预收。", "Kept off book; the money stands on account.")
_REASONS: Final[tuple[Text, ...]] = (
    Text("银行手续费", "Bank fee"),
    Text("利息", "Interest"),
    Text("内部转账", "Own transfer"),
    Text("与客户无关", "Not from a customer"),
)
_OTHER_REASON: Final = Text("其他原因", "Another reason")
_NOBODY: Final = Text("不认识付款人，附言也没有账单号", "The payer is unknown and the memo names no invoice")
_OUT: Final = Text("支出：请对退款，或忽略", "Money out: match it to a refund, or ignore it")
_REFUND: Final = Text("金额与退款 {doc_no} 相同", "The same amount as refund {doc_no}")
_FROM_SELF: Final = Text("可能是自己账户间的转账", "Perhaps a transfer between own accounts")
_SETTLES: Final = Text("{name} ← {documents}", "{name} ← {documents}")
_ON_ACCOUNT: Final = Text("预收 {amount}", "{amount} on account")
_SURE: Final = Text("确定", "sure")
_FITS: Final = Text("{count} 种组合", "{count} sets fit")
_FITS_LEAST: Final = Text("至少 {count} 种组合", "at least {count} sets fit")
_TO_DO: Final = Text("去处理这笔", "Deal with this line")
_TAKE_BACK: Final = Text("收回这一笔", "Take it back")
_BACK: Final = Text("已收回，流水回到待处理。", "Taken back; the line is to do again.")
_TODAY: Final = Text("今天已处理", "Dealt with today")
_NOTHING_TODAY: Final = Text("今天还没有处理。", "Nothing dealt with today yet.")
_UNDO: Final = Text("撤销", "Undo")
_MANY: Final = Text("{count} 笔，{amount}", "{count}, {amount}")
_PAYERS: Final = Text("记住的付款人", "Remembered payers")
_PAYERS_NONE: Final = Text(
    "手工对账后，付款人会记在这里，下次自动认出。", "Payers matched by hand are remembered here and known next time."
)
_FORGET: Final = Text("忘记", "Forget")
_FORGOTTEN: Final = Text("已忘记。", "Forgotten.")
_COLUMNS: Final = ("on_date", "payer", "amount", "currency", "memo", "line_state", "rule", "name", "doc_no", "note", "account")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page is limited to; it all stands in the URL."""

    account: str | None
    line_state: str
    since: date | None
    until: date | None

    def parameters(self) -> dict[str, Any]:
        """Query parameters."""
        state = None if self.line_state == "all" else self.line_state
        return {"account": self.account, "line_state": state, "since": self.since, "until": self.until}


@st.fragment
@session.run()
def desk() -> None:
    """Totals with their proof, the queue with its proposals, what was dealt with today, and payers remembered."""
    if session.actor().scope is not Scope.ALL:
        page.empty(_SCOPE)
        return
    accounts = [row["account"] for row in page.rows("bank_accounts")]
    if not accounts:
        page.empty(_NO_LINES, "imports", _IMPORT, kind="bank")
        return
    wanted = _filters(accounts)
    _headline(wanted)
    question = page.question("bank_lines", **wanted.parameters())
    table = question.answer()
    if wanted.line_state == "open":
        _queue(table)
    else:
        chosen = tables.pick(table, _COLUMNS, key="bank_lines", into="line", by="line_id")
        if chosen:
            _dealt_with(next(row for row in table.to_pylist() if str(row["line_id"]) == chosen))
    if table.num_rows:
        downloads.export(downloads.Offer(terms.BANK, question, table.num_rows), filters.Scope(session.as_of()))
    _today()
    _payers()


def _filters(accounts: Sequence[str]) -> Wanted:
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        state = forms.switch("line_state", STATES, _STATE, labelled=True)
        account = st.selectbox(
            session.say(_ACCOUNT), accounts, index=None, placeholder=session.say(_ALL), key="account", bind="query-params", width=260
        )
        since, until = (
            st.date_input(session.say(label), None, key=name, bind="query-params", format="YYYY-MM-DD", width=150)
            for name, label in (("since", _SINCE), ("until", _UNTIL))
        )
    return Wanted(account, state, since if isinstance(since, date) else None, until if isinstance(until, date) else None)


def _headline(wanted: Wanted) -> None:
    """What is to do, and for each currency that all parts make up the statement."""
    about = {name: value for name, value in wanted.parameters().items() if name != "line_state"}
    for total in page.rows("bank_totals", **about):
        currency, count = total["currency"], total["open_count"]
        lines = session.say(_LINES, count=count if session.language() == "zh" else formats.counted(count, "line", "lines"))
        head = session.say(_HEAD, count=lines, amount=_money(total["open_amount"], currency)) if count else session.say(_ALL_DONE)
        st.markdown(f"#### {page.md(head)}")
        parts = total["matched_amount"] + total["ignored_amount"] + total["open_amount"]
        is_proven = parts == total["statement_amount"]
        said = {"received": total["in_amount"], "matched": total["matched_amount"], "ignored": total["ignored_amount"]}
        said |= {"open_amount": total["open_amount"], "statement": total["statement_amount"]}
        with st.container(horizontal=True, vertical_alignment="center", key=f"proof-{currency}"):
            st.badge(session.say(_PROVEN if is_proven else _BROKEN), color="green" if is_proven else "red")
            amounts = {name: _money(amount, currency) for name, amount in said.items()}
            st.caption(page.md(session.say(_PROOF, **amounts)), width="content")


def _queue(lines: pa.Table) -> None:
    if not lines.num_rows:
        page.empty(_QUEUE_DONE)
        return
    may = session.actor().may(Permission.RECEIVABLE_WRITE)
    if may:
        _together(lines["line_id"].to_pylist())
    turned = int(st.session_state.get("queue_page", 1))
    shown = lines.slice((turned - 1) * PAGE_LINES, PAGE_LINES).to_pylist()
    here = bank_found.among([line["line_id"] for line in shown])
    named = _names([one.proposal for one in here.values() if one.proposal])
    for line in shown:
        with st.container(border=True, key=f"line-{line['line_id']}"):
            _card(line, here[line["line_id"]], named, may=may)
    if lines.num_rows > PAGE_LINES:
        st.pagination(-(-lines.num_rows // PAGE_LINES), key="queue_page")


def _together(line_ids: Sequence[int]) -> None:
    """All that is sure in one click. Many lines are looked at only when asked: it takes seconds, and every click would wait for it."""
    asked = st.session_state.pop(_ASKED, False)
    if len(line_ids) > AT_ONCE and not asked and not bank_found.is_whole():
        label = session.say(_LOOK_AT_ALL, count=formats.number(len(line_ids)))
        st.button(label, key="look_at_all", icon=":material/manage_search:", on_click=st.session_state.update, args=({_ASKED: True},))
        return
    found = bank_found.every(line_ids)
    _accept_all([one.proposal for one in found.values() if one.proposal], len(line_ids))


def _accept_all(found: Sequence[Proposal], looked_at: int) -> None:
    rules = page.rows("matching_rules")[0]["auto"]
    chosen = [one for one in sure(found, rules) if one.line.on_date <= session.today()]
    if not chosen:
        if looked_at > AT_ONCE:
            st.caption(session.say(_NONE_SURE, count=formats.number(looked_at)))
        return
    sums: dict[str, Decimal] = {}
    for one in chosen:
        sums[one.line.currency] = sums.get(one.line.currency, Decimal(0)) + one.line.amount
    amount = " + ".join(_money(total, currency) for currency, total in sums.items())
    label = page.md(session.say(_ACCEPT_ALL, count=len(chosen), amount=amount))
    ids = tuple(one.line.line_id for one in chosen)
    st.button(label, key="accept_all", type="primary", icon=":material/done_all:", on_click=_accept_these, args=(ids,))


def _accept_these(line_ids: tuple[int, ...]) -> None:
    page.change(MatchAutomatically(session.today(), line_ids), _ACCEPTED, request_key=_key("auto", line_ids[0]), count=len(line_ids))


def _names(found: Sequence[Proposal]) -> dict[str, dict[int, str]]:
    """Names of customers and numbers of documents the proposals speak of."""
    entry_ids = {at for one in found for at, _ in one.parts} | {one.entry_id for one in found if one.entry_id}
    documents = {row["entry_id"]: row["doc_no"] for row in page.rows("documents_named", entry_ids=tuple(sorted(entry_ids)))}
    customers = {
        row["customer_id"]: row["name"] for row in page.rows("customers_named", customer_ids=tuple({one.customer_id for one in found}))
    }
    return {"documents": documents, "customers": customers}


def _card(line: Mapping[str, Any], found: Found, named: Mapping[str, dict[int, str]], *, may: bool) -> None:
    line_id = line["line_id"]
    payer = page.md(line["payer"] or formats.MISSING)
    amount = page.md(_money(line["amount"], line["currency"]))
    st.markdown(f":gray[{formats.day(line['on_date'], session.language())}] **{amount}** {payer} :gray[{page.md(line['memo'] or '')}]")
    _reason(line, found, named)
    if not may:
        return
    with st.container(horizontal=True, gap="small", key=f"acts-{line_id}"):
        command = _accepting(line, found)
        if command:
            kind = "primary" if found.proposal and found.proposal.is_sure else "secondary"
            st.button(session.say(_ACCEPT), key=f"accept-{line_id}", type=kind, on_click=_do, args=(command, _MATCHED, line_id))  # type: ignore[arg-type]
        opened = page.asked_number("line") == line_id
        if line["amount"] > 0:
            st.button(session.say(_CLOSE if opened else _HAND), key=f"hand-{line_id}", on_click=_open, args=(None if opened else line_id,))
        _ignore(line_id)
        if line["amount"] > 0 and line["payer"] and not found.proposal:
            st.button(
                session.say(_OFF_BOOK),
                key=f"offbook-{line_id}",
                on_click=_do,
                args=(KeepOffBook(line_id, line["payer"], session.today()), _KEPT, line_id),
            )
    if opened and line["amount"] > 0:
        bank_by_hand.form(line, found.proposal)


def _reason(line: Mapping[str, Any], about: Found, named: Mapping[str, dict[int, str]]) -> None:
    """What the line would settle, by which rule and why, and how many choices there are."""
    found = about.proposal
    if not found:
        refund = about.refund[1] if about.refund else ""
        why = _REFUND if refund else _OUT if line["amount"] < 0 else _FROM_SELF if about.transfer_id else _NOBODY
        st.caption(page.md(session.say(why, doc_no=refund)))
        return
    paid = [f"{named['documents'].get(at, str(at))} {_money(amount, line['currency'])}" for at, amount in found.parts]
    if found.entry_id:
        paid.append(named["documents"].get(found.entry_id, ""))
    elif found.rest:
        paid.append(session.say(_ON_ACCOUNT, amount=_money(found.rest, line["currency"])))
    said = session.say(_SETTLES, name=named["customers"].get(found.customer_id, ""), documents=session.listed(paid))
    badges = [f":gray-badge[{page.md(session.say(terms.VALUE['rule'][found.rule]))}]"]
    badges += [f":green-badge[{session.say(_SURE)}]"] if found.is_sure else []
    if found.fits > 1:
        badges.append(f":orange-badge[{session.say(_FITS_LEAST if found.fits_more else _FITS, count=found.fits)}]")
    st.markdown(f"{page.md(said)} {' '.join(badges)}")
    st.caption(page.md(session.say(found.why)))


def _accepting(line: Mapping[str, Any], about: Found) -> Command | None:
    """The command one click makes, if there is something to accept."""
    today, line_id, found = session.today(), line["line_id"], about.proposal
    if about.refund:
        return MatchDocument(line_id, about.refund[0], today)
    if found and found.entry_id:
        return MatchDocument(line_id, found.entry_id, today)
    if found:
        return MatchLine(line_id, found.customer_id, today, found.parts, rule=found.rule)
    return MatchTransfer(about.transfer_id, line_id, today) if about.transfer_id else None


def _ignore(line_id: int) -> None:
    with st.popover(session.say(_IGNORE), key=f"ignore-{line_id}"):
        for place, reason in enumerate(_REASONS):
            said = session.say(reason)
            st.button(
                said,
                key=f"ignore-{line_id}-{place}",
                width="stretch",
                on_click=_do,
                args=(IgnoreLine(line_id, said, session.today()), _IGNORED, line_id),
            )
        st.text_input(session.say(_OTHER_REASON), key=f"ignore-{line_id}-why", on_change=_ignored, args=(line_id,))


def _ignored(line_id: int) -> None:
    reason = str(st.session_state.get(f"ignore-{line_id}-why") or "")
    _do(IgnoreLine(line_id, reason, session.today()), _IGNORED, line_id)


def _do(command: Command, done: Text, line_id: int) -> None:
    if page.change(command, done, request_key=_key(type(command).__name__, line_id)):
        _open(None)


def _key(what: str, line_id: int) -> str:
    """One change for a line as it stands now, however often its button is pressed."""
    return f"bank-{what}-{line_id}-{session.ledger().version}-{session.actor().user_id}"


def _open(line_id: int | None) -> None:
    if line_id is None:
        st.query_params.pop("line", None)
    else:
        st.query_params["line"] = str(line_id)


def _dealt_with(line: Mapping[str, Any]) -> None:
    """One line of the table, and the way to take back what it came to, however many were matched in the same click."""
    about = [formats.day(line["on_date"], session.language()), _money(line["amount"], line["currency"]), line["payer"], line["name"]]
    with st.container(border=True, key="dealt-with"):
        st.markdown(page.md(" · ".join(str(part) for part in about if part)))
        if line["change_id"] is None:
            page.link(_TO_DO, "bank", line=line["line_id"])
        elif session.actor().may(Permission.RECEIVABLE_WRITE):
            st.caption(session.say(means(line["rule"])))
            command = TakeBackMatch(line["line_id"], session.today())
            args = (command, _BACK, line["line_id"])
            st.button(session.say(_TAKE_BACK), key="take-back", icon=":material/undo:", on_click=_do, args=args)


def _today() -> None:
    """What was dealt with today, change by change, each with its undo."""
    page.section(_TODAY)
    since = datetime.combine(session.today(), time.min, session.zone()).astimezone(UTC).replace(tzinfo=None)
    lines = page.read("bank_lines", matched_since=since)
    changes = sorted(lines["change_id"].unique().to_pylist(), reverse=True)
    if not changes:
        st.caption(session.say(_NOTHING_TODAY))
    for change_id in changes[:PAGE_LINES]:
        _dealt(change_id, lines.filter(pc.equal(lines["change_id"], change_id)))


def _dealt(change_id: int, lines: pa.Table) -> None:
    count, first = lines.num_rows, lines.slice(0, 1).to_pylist()[0]
    amount = _money(sum(lines["amount"].to_pylist(), Decimal(0)), first["currency"])
    what = session.say(_MANY, count=formats.counted(count, "line", "lines"), amount=amount)
    parts = [page.moment(first["matched_at"])[-5:], what if count > 1 else f"{amount} {first['payer'] or ''}"]
    parts += [
        session.say(terms.VALUE["rule"].get(first["rule"], _MATCHED)) if pc.count_distinct(lines["rule"]).as_py() == 1 else "",
        str(first["name"] or "") if count == 1 else "",
        str(first["note"] or ""),
    ]
    with st.container(horizontal=True, vertical_alignment="center", key=f"dealt-{change_id}"):
        st.markdown(page.md(" · ".join(part for part in parts if part)))
        if session.actor().may(Permission.RECEIVABLE_WRITE):
            st.button(session.say(_UNDO), key=f"undo-{change_id}", type="tertiary", on_click=forms.undo, args=(change_id,))


def _payers() -> None:
    known = page.rows("payer_aliases")
    with st.expander(session.say(_PAYERS), key="payers"):
        if not known:
            st.caption(session.say(_PAYERS_NONE))
        for alias in known[:100]:
            said = " · ".join(part for part in (alias["payer_key"], alias["payer_account"]) if part)
            with st.container(horizontal=True, vertical_alignment="center", key=f"alias-{alias['alias_id']}"):
                st.markdown(page.md(f"{said} → {alias['name']}"))
                if session.actor().may(Permission.RECEIVABLE_WRITE):
                    command = ForgetPayer(alias["alias_id"])
                    st.button(
                        session.say(_FORGET),
                        key=f"forget-{alias['alias_id']}",
                        type="tertiary",
                        on_click=_do,
                        args=(command, _FORGOTTEN, alias["alias_id"]),
                    )


def _money(amount: Decimal, currency: str) -> str:
    return forms.money(amount, currency)
