"""Who may sign in, what was done, and the copies kept: the three corners of the administration page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import terms
from lib.commands import every
from lib.commands.users import AddUser, ChangeUser, EndSignIns, ResetPassword
from lib.domain.access import CLEARANCE, CLEARANCE_LABEL, DEFAULT_SCOPE, ROLE_LABEL, SCOPE_LABEL, Permission, Role, Scope
from lib.errors import Refused
from lib.store import safety, sessions
from lib.store.door import Receipt, broken_link
from lib.store.query import catalog, run
from lib.text import Text, listed
from lib.ui import page, session, tables

_PEOPLE = Text("用户", "People")
_AUDIT = Text("审计记录", "Audit")
_BACKUPS = Text("备份", "Backup")
_ADD = Text("添加用户", "Add a user")
_ADDED = Text("已添加用户 {username}。请把初始密码当面告诉他。", "User {username} added. Tell them their first password in person.")
_CHANGE = Text("更改 {name}", "Change {name}")
_CHANGED = Text("已更改用户 {username}。", "User {username} changed.")
_PICK = Text("点一行更改用户。", "Click a row to change a person.")
_SAVE = Text("保存", "Save")
_USERNAME = Text("用户名", "User name")
_NAME = Text("姓名", "Full name")
_ROLE = Text("角色", "Role")
_ROLE_LINE = Text("{role}（默认：{scope}，联系方式{level}）", "{role} (by default: {scope}, contact data: {level})")
_SCOPE = Text("可见范围", "Sees")
_TEAM = Text("所属团队", "Own team")
_TEAMS = Text("可见团队", "Teams they see")
_CLEARANCE = Text("保密权限", "Clearance")
_CLEARANCE_HELP = Text(
    "到哪个保密级别的客户，联系方式、税号和账号不遮盖。改角色时随新角色调整。",
    "Up to which secrecy level contact data, tax and bank numbers of customers are shown unmasked. A new role brings its own.",
)
_ACTIVE = Text("可以登录", "May sign in")
_FIRST_PASSWORD = Text("初始密码（至少 10 个字符）", "First password (at least 10 characters)")
_NEW_PASSWORD = Text("新密码（至少 10 个字符）", "New password (at least 10 characters)")
_RESET = Text("重设密码", "Reset password")
_RESET_DONE = Text("已重设 {username} 的密码。", "Password of {username} reset.")
_END = Text("强制退出所有登录", "Sign out everywhere")
_ENDED = Text("{username} 已在所有设备退出登录。", "{username} is signed out everywhere.")
_CHOOSE = Text("请选择", "Choose")
_TEAM_HELP = Text("空着就是没有团队。已有：{teams}", "Empty means no team. There are: {teams}")
_NOBODYS_TEAM = Text("还没有团队", "no teams yet")
_SEES_NOBODY = Text(
    "{names}现在什么客户都看不到：没有团队，或团队里没人是客户经理。点这一行，填上团队，或让 TA 看全部客户。",
    "{names}: sees no customer now, having no team, or one in which nobody looks after any. Click the row: give a team, or sight of all.",
)
_AS_OWN = Text("不填则为所属团队", "The own team if left empty")
_BY = Text("经手人", "By")
_WHAT = Text("更改", "Change")
_VERIFY = Text("核对审计链", "Verify the audit chain")
_WHOLE = Text("审计链完整：每条记录都与前一条相扣。", "The audit chain is whole: every record follows from the one before.")
_BROKEN = Text(
    "审计链在更改 {change_id} 处断开：这条或它之前的记录被改动过。请保留文件并与备份比较。",
    "The audit chain breaks at change {change_id}: this record or one before it was altered. Keep the file and compare it with a backup.",
)
_NO_BACKUP = Text(
    "还没有备份。服务器每天自动备份一次，也可以现在备份。", "No backup yet. The server makes one every day; you can make one now."
)
_BACK_UP = Text("现在备份", "Back up now")
_BACKED_UP = Text("备份完成并已核对：{path}", "Backup made and checked: {path}")
_FINDINGS = Text("备份完成，但账本有 {count} 项检查不通过。", "Backup made, but {count} checks of the ledger found something.")
_CLEARANCES: Final = tuple(CLEARANCE_LABEL)


def corners() -> None:
    """Each corner for those who may use it; only the open one is worked out."""
    person = session.actor()
    drawn = {Permission.USER_WRITE: (_PEOPLE, people), Permission.AUDIT_READ: (_AUDIT, audit), Permission.BACKUP: (_BACKUPS, backups)}
    mine = [corner for permission, corner in drawn.items() if person.may(permission)]
    tabs = st.tabs([session.say(title) for title, _ in mine], key="corner", on_change="rerun")
    for tab, (_, draw) in zip(tabs, mine, strict=True):
        if tab.open:
            with tab:
                draw()


def people() -> None:
    """Everyone, a form for the one clicked, a form for somebody new."""
    found = _people()
    st.caption(session.say(_PICK))
    names = ["username", "person_name", "user_role", "user_scope", "team", "teams", "clearance", "is_active", "sign_ins", "seen_at"]
    said = pa.array([session.say(CLEARANCE_LABEL[level]) for level in found["clearance"].to_pylist()], pa.string())
    shown = found.set_column(found.column_names.index("clearance"), "clearance", said)
    chosen = tables.pick(shown, names, key="people", into="user", by="username")
    known = {row["username"]: row for row in found.to_pylist()}
    if blind := [row["person_name"] for row in known.values() if row["is_blind"]]:
        st.warning(page.md(session.say(_SEES_NOBODY, names=listed(blind))))
    if chosen in known:
        _change(known[chosen])
    with st.expander(session.say(_ADD), icon=":material/person_add:"):
        _add()


def audit() -> None:
    """What was done, by whom; and whether the record of it is whole."""
    titles = {name: session.say(command.title) for name, command in every().items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = _choice("audit_by", _BY, {row["username"]: row["person_name"] for row in _people().to_pylist()})
        what = _choice("audit_what", _WHAT, titles)
        if st.button(session.say(_VERIFY), key="verify", icon=":material/link:"):
            _verify()
    found = page.read("changes", made_by=by, command=what)
    said = pa.array([page.order_words(name) for name in found["command"].to_pylist()], pa.string())
    about = pa.array([page.about_words(subject) for subject in found["subject"].to_pylist()], pa.string())
    shown = found.set_column(found.column_names.index("command"), "command", said)
    shown = shown.set_column(shown.column_names.index("subject"), "subject", about)
    tables.show(shown, ["change_id", "made_at", "made_by", "command", "subject", "undoes"], key="changes")


def backups() -> None:
    """The copies there are, and one more."""
    folder = safety.default_folder(session.ledger())
    if st.button(session.say(_BACK_UP), key="back_up", icon=":material/backup:"):
        _back_up()
    kept = safety.backups(folder, session.ledger())
    if not kept:
        page.empty(_NO_BACKUP)
        return
    names = {"backup": _BACKUPS, "change_id": terms.COLUMN["change_id"], "made_at": terms.COLUMN["made_at"]}
    shown = [{"backup": one.path.name, "change_id": one.change_id, "made_at": page.moment(one.made_at)} for one in kept]
    st.dataframe(
        pa.Table.from_pylist(shown),
        column_config={name: session.say(label) for name, label in names.items()},
        hide_index=True,
        key="backups",
    )


def _people() -> pa.Table:
    # Uncached: sign-ins come and go without a new version of the ledger.
    now = session.ledger().clock()
    return run(session.ledger(), catalog()["people"].sql, {"idle_since": now - sessions.IDLE, "oldest": now - sessions.ABSOLUTE})


def _choice(key: str, label: Text, said: Mapping[str, str]) -> str | None:
    return st.selectbox(
        session.say(label),
        sorted(said, key=said.__getitem__),
        index=None,
        key=key,
        format_func=said.__getitem__,
        placeholder=session.say(_CHOOSE),
        width=240,
    )


def _verify() -> None:
    broken = broken_link(session.ledger())
    if broken is None:
        st.success(session.say(_WHOLE))
    else:
        st.error(session.say(_BROKEN, change_id=broken))


def _back_up() -> None:
    try:
        made = safety.backup(session.ledger(), passphrase=safety.passphrase_given())
    except Refused as refusal:
        page.refused(refusal)
        return
    if made.findings:
        st.error(session.say(_FINDINGS, count=len(made.findings)))
    else:
        st.success(page.md(session.say(_BACKED_UP, path=made.path.name)))


def _add() -> None:
    form = f"add-{st.session_state.setdefault('add_round', 0)}"  # empty again after each person added, not after a refusal
    with st.form("add_user", border=False):
        username = st.text_input(session.say(_USERNAME), key=f"{form}-username", autocomplete="off")
        name = st.text_input(session.say(_NAME), key=f"{form}-name", autocomplete="off")
        role = _role(form, Role.LEAD)
        team, teams = _teams(form, None, ())
        password = st.text_input(session.say(_FIRST_PASSWORD), type="password", key=f"{form}-password", autocomplete="new-password")
        if st.form_submit_button(session.say(_ADD), type="primary"):
            receipt = page.change(AddUser(username, name, role, password, team or None, teams or None), _ADDED, username=username)
            st.session_state["add_round"] += bool(receipt)
            _made(receipt)


def _change(row: Mapping[str, Any]) -> None:
    username = row["username"]
    with st.container(border=True):
        st.markdown(f"**{page.md(session.say(_CHANGE, name=row['person_name']))}**")
        with st.form(f"change_{username}", border=False):
            command = _change_form(row)
            if st.form_submit_button(session.say(_SAVE), type="primary"):
                _made(page.change(command, _CHANGED, username=username))
        with st.form(f"reset_{username}", border=False, clear_on_submit=True):
            password = st.text_input(
                session.say(_NEW_PASSWORD), type="password", key=f"reset_password_{username}", autocomplete="new-password"
            )
            if st.form_submit_button(session.say(_RESET)):
                page.change(ResetPassword(username, password), _RESET_DONE, username=username)
        if st.button(session.say(_END), key=f"end_{username}", icon=":material/logout:"):
            _made(page.change(EndSignIns(username), _ENDED, username=username))


def _made(receipt: Receipt | None) -> None:
    """The list above was drawn before the change."""
    if receipt:
        st.rerun()


def _change_form(row: Mapping[str, Any]) -> ChangeUser:
    before = row["username"]
    name = st.text_input(session.say(_NAME), row["person_name"], key=f"name_{before}", autocomplete="off")
    role = _role(before, Role(row["user_role"]))
    scope = st.selectbox(
        session.say(_SCOPE),
        list(Scope),
        index=list(Scope).index(Scope(row["user_scope"])),
        key=f"scope_{before}",
        format_func=lambda one: session.say(SCOPE_LABEL[one]),
    )
    team, teams = _teams(before, row["team"], tuple(row["team_list"] or ()))
    clearance = st.selectbox(
        session.say(_CLEARANCE),
        _CLEARANCES,
        index=_CLEARANCES.index(row["clearance"]),
        key=f"clearance_{before}",
        format_func=lambda level: session.say(CLEARANCE_LABEL[level]),
        help=session.say(_CLEARANCE_HELP),
    )
    is_active = st.toggle(session.say(_ACTIVE), row["is_active"], key=f"active_{before}")
    # A role's clearance follows the role unless somebody chose another one here.
    kept = None if clearance == row["clearance"] else clearance
    return ChangeUser(before, name, role, scope, team, teams or ((team,) if team else ()), kept, is_active)


def _role(form: str, now: Role) -> Role:
    chosen: Role | None = st.selectbox(
        session.say(_ROLE),
        list(Role),
        index=list(Role).index(now),
        key=f"role_{form}",
        format_func=lambda one: session.say(
            _ROLE_LINE, role=ROLE_LABEL[one], scope=SCOPE_LABEL[DEFAULT_SCOPE[one]], level=CLEARANCE_LABEL[CLEARANCE[one]]
        ),
    )
    return chosen or now


def _teams(form: str, own: str | None, given: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    known = [row["team"] for row in page.rows("teams")]
    others = listed(known) if known else _NOBODYS_TEAM
    # Lists with a place for new words speak English whatever the language.
    team = st.text_input(
        session.say(_TEAM), own or "", key=f"team_{form}", help=page.md(session.say(_TEAM_HELP, teams=others)), autocomplete="off"
    )
    teams = st.multiselect(session.say(_TEAMS), known, list(given), key=f"teams_{form}", placeholder=session.say(_AS_OWN)) if known else []
    return team.strip(), tuple(teams)
