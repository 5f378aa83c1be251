"""Bringing a file in on the screen: which kind, which file, which column is what, what will change; then apply, and undo."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import streamlit as st

from lib import formats
from lib.commands.importing.staging import NewCustomers
from lib.commands.imports import ImportCustomers, ImportMoney, ImportRecords, Options, Plan, needs, order, plan
from lib.domain import imports as catalog
from lib.domain import statements
from lib.domain.headers import match_headers
from lib.domain.imports import ImportKind
from lib.domain.sheets import Sheet, read_pasted, read_sheet
from lib.errors import Refused
from lib.store.door import execute
from lib.text import Text
from lib.ui import clinic, forms, page, session
from lib.ui.templates import template

FILES: Final = ["csv", "tsv", "txt", "xlsx", "xls", "xlsm", "ofx", "qfx", "xml", "gz", "zip"]
_STATE: Final = "import"
_ROUND: Final = "import.round"
_KIND: Final = Text("导入什么", "What to import")
_HOW: Final = Text("来源", "Source")
_FILE: Final = Text("文件", "File")
_PASTE: Final = Text("粘贴", "Paste")
_UPLOAD: Final = Text("选择或拖入文件（CSV、Excel、zip）", "Choose or drop a file (CSV, Excel, zip)")
_PASTE_HERE: Final = Text("从表格里复制，连同表头粘贴到这里", "Copy cells with their headers from a spreadsheet and paste them here")
_HELP: Final = Text(
    "必填：{required}。还可以有：{optional}。表头用中文或英文都行，自动对应。",
    "Required: {required}. Optional: {optional}. Headers in either language are matched.",
)
_HELP_UNKNOWN: Final = Text(
    "{help}不认识的客户会建成账外客户，不会猜。", "{help} Customers nobody knows become off-book customers, never a guess."
)
_NOTHING: Final = Text("客户账号或名称", "account number or name")
_TEMPLATE: Final = Text("下载模板", "Download a template")
_HELP_BANK: Final = Text(
    "银行、支付宝、微信导出的文件原样导入（CSV、Excel、OFX、CAMT.053），表头和编码自动识别；同一份再导入不会重复。",
    "Files as banks and wallets export them (CSV, Excel, OFX, CAMT.053); headers and encoding are recognised, and no line comes in twice.",
)
_ACCOUNT: Final = Text("账户（文件里没有写的行记在它名下）", "Account (for lines that name none)")
_SHEET: Final = Text("工作表", "Sheet")
_MORE: Final = Text("更多选项", "More options")
_CURRENCY: Final = Text("没有币种列时按", "Currency when no column says")
_UNKNOWN: Final = Text("不认识的客户", "Customers not known")
_OFFBOOK: Final = Text("建成账外客户", "become off-book customers")
_REJECT: Final = Text("不导入这些行", "leave their rows out")
_READING: Final = Text("正在读取 {name} …", "Reading {name} …")
_WEIGHING: Final = Text("正在核对：{done} / {count} 行 …", "Checking: {done} of {count} rows …")
_WRITING: Final = Text("正在写入 …", "Writing …")
_APPLY: Final = Text("导入：新增 {new}，更新 {changed}", "Import: {new} new, {changed} changed")
_LIKELIER: Final = Text(
    "这个文件更像“{likelier}”：能对上 {filled} 列，按“{chosen}”只能对上 {now} 列。",
    "This file looks like “{likelier}”: {filled} of its columns match, as “{chosen}” only {now}.",
)
_TAKE_LIKELIER: Final = Text("按“{likelier}”导入", "Import as “{likelier}”")
_ANSWER: Final = Text("请先回答上面的问题，再往下核对。", "Answer the question above first; the check goes on then.")
_APPLY_NOTHING: Final = Text("没有要写入的内容", "Nothing to write")
_DONE: Final = Text(
    "已导入（批次 {batch}）：新增 {new}，更新 {changed}，相同 {same}，重复 {duplicate}，未导入 {rejected}。",
    "Imported (batch {batch}): {new} new, {changed} changed, {same} the same, {duplicate} repeated, {rejected} left out.",
)
_UNDO: Final = Text("撤销这次导入", "Undo this import")
_AGAIN: Final = Text("再导入一个文件", "Import another file")
_SEE: Final[Mapping[str, tuple[Text, str]]] = {
    "customers": (Text("看客户分类", "See the customers"), "classification"),
    "contacts": (Text("找客户", "Find a customer"), "customer"),
    "invoices": (Text("看逾期", "See what is overdue"), "overdue"),
    "payments": (Text("看逾期", "See what is overdue"), "overdue"),
    "bank": (Text("去对账", "Match the lines"), "bank"),
    "feedback": (Text("看满意度", "See satisfaction"), "satisfaction"),
    "complaints": (Text("看投诉", "See complaints"), "complaints"),
    "suggestions": (Text("看建议", "See the inbox"), "inbox"),
    "requests": (Text("看服务请求", "See service requests"), "service"),
    "interactions": (Text("找客户", "Find a customer"), "customer"),
}
"""Where what came in can be seen."""
_UNDO_MANY: Final = Text(
    "撤销会收回 {count} 条记录，改过的恢复原样。", "This takes {count} records back and restores those that were changed."
)
_UNDO_ANYWAY: Final = Text("确认撤销", "Undo it")
_MANY: Final = 100
"""Rows from which an undo asks once."""
_HISTORY: Final = Text("导入记录", "Imports so far")
_NO_HISTORY: Final = Text("还没有导入过。", "Nothing was imported yet.")
_BATCH: Final = Text(
    "批次 {batch} · {kind} · {file} · 新增 {new}，更新 {changed}", "Batch {batch} · {kind} · {file} · {new} new, {changed} changed"
)
_PASTED: Final = Text("粘贴的内容", "pasted")
_UNDONE: Final = Text("（已撤销）", " (undone)")


@dataclass(frozen=True, slots=True)
class Source:
    """What was brought: content, name, and the sheet chosen."""

    content: bytes
    name: str
    is_pasted: bool = False
    sheet: str | None = None

    @property
    def sha256(self) -> str:
        """What the file is, whatever it is called."""
        return hashlib.sha256(self.content).hexdigest()


def desk() -> None:
    """From file to ledger, each step below the one before."""
    if done := st.session_state.get(f"{_STATE}.done"):
        _result(done)
        return
    kind = _kind()
    _help(kind)
    source = _source()
    if source is None:
        return
    try:
        _steps(kind, source)
    except Refused as refusal:
        page.refused(refusal)


def _steps(kind: ImportKind, source: Source) -> None:
    bar = st.empty()
    sheet = _read(source, bar)
    if len(sheet.sheet_names) > 1:
        names = list(sheet.sheet_names)
        chosen = st.selectbox(session.say(_SHEET), names, index=names.index(sheet.sheet), key=_key("sheet"))
        source = replace(source, sheet=chosen)
        sheet = _read(source, bar)
    _suggest(kind, sheet)
    options = _options(kind, source, sheet)
    mapping = clinic.columns(kind, sheet, _match(kind, sheet, options), key=_key(f"columns-{source.sheet}"))
    options = replace(options, mapping=mapping)
    weighed = _weigh(kind, sheet, options, bar)
    options = replace(options, date_orders=clinic.questions(weighed, key=_key("order")))
    if options.date_orders:
        weighed = _weigh(kind, sheet, options, bar)
    if weighed.questions:
        st.caption(session.say(_ANSWER))
        return
    options = replace(options, corrections=clinic.corrections(weighed, key=_key("mend")))
    if options.corrections:
        weighed = _weigh(kind, sheet, options, bar)
    clinic.summary(weighed)
    clinic.preview(weighed, key=_key("preview"))
    _apply(weighed, bar)


def _kind() -> ImportKind:
    return catalog.KINDS[forms.switch("kind", {kind.name: kind.label for kind in _offered()}, _KIND)]


def _offered() -> list[ImportKind]:
    return [kind for kind in catalog.KINDS.values() if session.actor().may(needs(kind))]


def _suggest(kind: ImportKind, sheet: Sheet) -> None:
    """A file dropped where another kind was chosen would come in as something it is not: say so, with one click to put it right."""
    found = catalog.likelier(sheet.header, kind, _offered())
    if found is None:
        return
    other, filled, now = found
    said = {"likelier": session.say(other.label), "chosen": session.say(kind.label)}
    st.warning(session.say(_LIKELIER, filled=filled, now=now, **said))
    st.button(session.say(_TAKE_LIKELIER, likelier=said["likelier"]), key=_key("likelier"), on_click=forms.put, args=("kind", other.name))


def _help(kind: ImportKind) -> None:
    spoken = {field.name: session.say(field.label) for field in kind.fields}
    required = [spoken[field.name] for field in kind.fields if field.required]
    optional = [spoken[field.name] for field in kind.fields if not field.required and field.name not in ("customer", "name")]
    said = session.say(_HELP, required=session.listed([session.say(_NOTHING), *required]), optional=session.listed(optional))
    if kind is not catalog.CUSTOMERS:
        said = session.say(_HELP_UNKNOWN, help=said)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said if kind.names_customers else session.say(_HELP_BANK))
        st.download_button(
            session.say(_TEMPLATE),
            template(kind.name),
            f"mingzhang_{kind.name}.csv",
            "text/csv",
            key=f"template-{kind.name}",
            icon=":material/download:",
            on_click="ignore",
        )


def _source() -> Source | None:
    how = forms.switch("source", {"file": _FILE, "paste": _PASTE}, _HOW)
    if how == "paste":
        typed = st.text_area(session.say(_PASTE_HERE), key=_key("pasted"), height=160)
        return Source(typed.encode(), session.say(_PASTED), is_pasted=True) if typed.strip() else None
    file = st.file_uploader(session.say(_UPLOAD), type=FILES, key=_key("file"))
    return Source(file.getvalue(), file.name) if file else None


def _read(source: Source, bar: Any) -> Sheet:  # noqa: ANN401 (Streamlit's own placeholder)
    """The table of the source; read once per content and sheet."""
    known = ("sheet", source.sha256, source.sheet)

    def read() -> Sheet:
        bar.progress(0.1, session.say(_READING, name=page.md(source.name)))
        return read_pasted(source.content.decode()) if source.is_pasted else read_sheet(source.content, source.name, sheet=source.sheet)

    found: Sheet = _once("sheet", known, read)
    bar.empty()
    return found


def _match(kind: ImportKind, sheet: Sheet, options: Options) -> Mapping[str, str]:
    """Header → field as the house would do it, with what was mapped before."""
    try:
        return _weigh(kind, sheet, options, st.empty()).mapping
    except Refused:
        matched = match_headers(sheet.header, kind.fields)
        return {match.header: match.field for match in matched.matches if match.field}


def _options(kind: ImportKind, source: Source, sheet: Sheet) -> Options:
    options = Options(session.today(), source.name, source.sha256, currency=session.settings()["base_currency"])
    if kind.name in ("customers", "contacts"):
        return options
    if not kind.names_customers:
        options = replace(options, account=_account(source, sheet))
        with st.expander(session.say(_MORE)):
            return _currency(options)
    with st.expander(session.say(_MORE)):
        unknown: NewCustomers = st.segmented_control(
            session.say(_UNKNOWN),
            ["offbook", "reject"],
            default="offbook",
            required=True,
            key=_key("unknown"),
            format_func=lambda name: session.say(_OFFBOOK if name == "offbook" else _REJECT),
        )
        if not kind.is_money:
            return replace(options, new_customers=unknown)
        return replace(_currency(options), new_customers=unknown)


def _account(source: Source, sheet: Sheet) -> str:
    """What the person calls the account; empty when they leave it to the file. What is pasted has no file to name it."""
    if sheet.stated:
        return ""
    own = statements.account(sheet) or statements.account_by_name("" if source.is_pasted else source.name)
    typed = st.text_input(session.say(_ACCOUNT), value=own, max_chars=80, key=_key("account")).strip()
    return typed or own if source.is_pasted or typed != own else ""


def _currency(options: Options) -> Options:
    """With the currency of amounts that name none."""
    typed = st.text_input(session.say(_CURRENCY), value=options.currency, max_chars=3, key=_key("currency")).strip().upper()
    return replace(options, currency=typed or options.currency, currency_given=bool(typed))


def _weigh(kind: ImportKind, sheet: Sheet, options: Options, bar: Any) -> Plan:  # noqa: ANN401
    """The plan; made anew only when the file, the options or the ledger changed."""
    ledger = session.ledger()
    known = ("plan", id(sheet), kind.name, _fingerprint(options), ledger.version)

    def told(share: float) -> None:
        count = len(sheet.rows)
        bar.progress(0.1 + 0.5 * share, session.say(_WEIGHING, done=formats.number(int(share * count)), count=formats.number(count)))

    def weigh() -> Plan:
        told(0)
        return plan(ledger, session.actor(), kind.name, sheet, options, tell=told)

    found: Plan = _once("plan", known, weigh)
    bar.empty()
    return found


def _fingerprint(options: Options) -> str:
    return repr({name: getattr(options, name) for name in options.__dataclass_fields__})


def _once(name: str, known: tuple[object, ...], make: Any) -> Any:  # noqa: ANN401 (a sheet or a plan)
    """The latest few answers stay with the visit: every click runs the page again."""
    kept: dict[tuple[object, ...], Any] = st.session_state.setdefault(f"{_STATE}.{name}", {})
    if known not in kept:
        made = make()
        for old in list(kept)[:-2]:
            del kept[old]
        kept[known] = made
    return kept[known]


def _key(name: str) -> str:
    return f"import-{st.session_state.get(_ROUND, 0)}-{name}"


def _apply(weighed: Plan, bar: Any) -> None:  # noqa: ANN401
    counts = weighed.counts
    anything = counts.new + counts.changed > 0
    label = session.say(_APPLY, new=formats.number(counts.new), changed=formats.number(counts.changed))
    pressed = st.button(label if anything else session.say(_APPLY_NOTHING), key=_key("apply"), type="primary", disabled=not anything)
    if not pressed:
        return
    bar.progress(0.7, session.say(_WRITING))
    command = order(weighed)
    request = hashlib.sha256(f"{_fingerprint(weighed.stage.options)}{session.ledger().version}{_key('')}".encode()).hexdigest()
    receipt = execute(session.ledger(), session.actor(), command, request_key=f"import-{request}")
    bar.progress(1.0)
    st.session_state[f"{_STATE}.done"] = {"batch": receipt.change_id, "plan": weighed}
    _forget()
    st.rerun()


def _forget() -> None:
    """The file goes; the next one starts with empty fields."""
    for name in ("sheet", "plan"):
        st.session_state.pop(f"{_STATE}.{name}", None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _result(done: Mapping[str, Any]) -> None:
    counts = done["plan"].counts
    said = {name: formats.number(getattr(counts, name)) for name in ("new", "changed", "same", "duplicate", "rejected")}
    st.success(session.say(_DONE, batch=done["batch"], **said))
    with st.container(horizontal=True, vertical_alignment="center", key="import-result"):
        st.button(session.say(_AGAIN), key="import-again", type="primary", on_click=_again)
        _undo_button(done["batch"], counts.new + counts.changed, "import-undo")
        clinic.rejected(done["plan"], key="result")
        page.link(*_SEE[done["plan"].stage.kind.name])


def _undo_button(batch: int, rows: int, key: str, look: Literal["secondary", "tertiary"] = "secondary") -> None:
    """Takes an import back; a large one asks once."""
    if rows <= _MANY:
        st.button(session.say(_UNDO), key=key, type=look, icon=":material/undo:", on_click=_undo, args=(batch,))
        return
    with st.popover(session.say(_UNDO), type=look, icon=":material/undo:", key=f"{key}-ask"):
        st.markdown(session.say(_UNDO_MANY, count=formats.number(rows)))
        st.button(session.say(_UNDO_ANYWAY), key=key, type="primary", on_click=_undo, args=(batch,))


def _again() -> None:
    st.session_state.pop(f"{_STATE}.done", None)


def _undo(batch: int) -> None:
    forms.undo(batch, f"{_STATE}.done")


def history() -> None:
    """Files brought in before, each with its undo."""
    page.section(_HISTORY)
    commands = tuple(command.__name__ for command in (ImportRecords, ImportMoney, ImportCustomers))
    batches = page.rows("recent_changes", commands=commands, most=20)
    if not batches:
        st.caption(session.say(_NO_HISTORY))
    for batch in batches:
        _batch(batch)


def _batch(batch: Mapping[str, Any]) -> None:
    detail = json.loads(batch["detail"])
    counts = detail.get("counts", {})
    kind = catalog.KINDS.get(detail.get("kind", ""))
    said = session.say(
        _BATCH,
        batch=batch["change_id"],
        kind=session.say(kind.label) if kind else "",
        file=detail.get("file") or session.say(_PASTED),
        new=formats.number(counts.get("new", 0)),
        changed=formats.number(counts.get("changed", 0)),
    )
    line = page.md(f"{page.moment(batch['made_at'])} · {said} · {batch['made_by'] or ''}")
    with st.container(horizontal=True, vertical_alignment="center", key=f"batch-{batch['change_id']}"):
        st.markdown(f"~~{line}~~{session.say(_UNDONE)}" if batch["is_undone"] else line)
        if not batch["is_undone"]:
            rows = counts.get("new", 0) + counts.get("changed", 0)
            _undo_button(batch["change_id"], rows, f"undo-batch-{batch['change_id']}", "tertiary")
