"""Why a row was not taken, each a sentence in both languages, by the code the engine marks it with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lib.text import Text

REQUIRED: Final = Text("缺少“{field}”，请补上", "“{field}” is missing; please fill it in")
TOO_FINE: Final = Text("「{typed}」的小数超过 {places} 位，请四舍五入后再填", "“{typed}” has more than {places} decimals; round it first")
NOT_A_CURRENCY: Final = Text(
    "「{typed}」不是币种代码，请写 CNY、USD 这样的三个字母", "“{typed}” is no currency code; write three letters such as CNY or USD"
)
PAST_ONLY: Final = Text(
    "“{header}”列的日期按 {order} 读取：换一种顺序会落在未来",
    "The dates of “{header}” are read as {order}: another order would put some in the future",
)
ID_POINT_ZERO: Final = Text(
    "“{header}”列的编号都带 .0（表格软件的痕迹），已去掉", "The numbers in “{header}” all end in .0 (left by a spreadsheet); it was removed"
)

REASON: Final[Mapping[str, Text]] = {
    "no_amount": Text("缺少金额：请填“金额”，或“数量”和“单价”", "There is no amount: fill in the amount, or quantity and unit price"),
    "no_customer": Text("没有写客户，请补上客户名称或账号", "No customer is given; add the name or the account number"),
    "no_name": Text("没有写客户名称，请补上", "The customer has no name; please add it"),
    "ambiguous_customer": Text(
        "有几位客户同名：{a}。请改填客户账号", "Several customers have this name: {a}. Write the account number instead"
    ),
    "unknown_customer": Text(
        "账本里没有这位客户。请先建客户，或选择记为账外客户",
        "The ledger does not know this customer. Register it first, or let it come in as off-book",
    ),
    "out_of_sight": Text(
        "这位客户不在您的范围内，请交给其客户经理", "This customer is outside your scope; hand the row to its account manager"
    ),
    "sibling": Text(
        "同一单据的第 {a} 行有错，整张单据没有导入", "Line {a} of the same document has an error, so the whole document was left out"
    ),
    "conflict": Text("与第 {a} 行是同一编号但内容不同，请只留一行", "Line {a} has the same number but other content; keep one of them"),
    "too_large": Text("账单合计超出可记录的范围，请核对", "The invoice adds up to more than the ledger holds; please check"),
    "due_before": Text("到期日 {a} 早于账单日 {b}，请改其中一个", "The due date {a} is before the invoice date {b}; change one of them"),
    "lines_differ": Text(
        "同一账单各行的到期日、结清日或币种不同，请统一",
        "The lines of this invoice differ in due date, settlement date or currency; make them alike",
    ),
    "other_currency": Text("金额写的是 {a}，而币种是 {b}，请核对", "The amount says {a} but the currency is {b}; please check"),
    "settled_elsewhere": Text(
        "账本里这张账单已由其他收款结清（{a}），结清日没有改。请在账本里调整收款",
        "In the ledger other payments settled this invoice ({a}), so its settlement date was not changed. Adjust those payments there",
    ),
    "already_used": Text(
        "这张单据已有收款或核销，不能改成这样：{a}。请先撤销那些核销",
        "Money is allocated to this document, so it cannot become {a}. Take those allocations back first",
    ),
    "no_invoice": Text(
        "找不到该客户的账单 {a}，请核对编号或先导入账单", "This customer has no invoice {a}; check the number or import invoices first"
    ),
    "several_invoices": Text(
        "编号 {a} 对应几张账单，请在账本里核销", "Several invoices are numbered {a}; allocate this payment in the ledger"
    ),
    "zero_amount": Text("金额是 0，没有可登记的收款", "The amount is 0: there is no payment to record"),
    "refund_of_invoice": Text(
        "退款（负数）不能指定账单，请去掉账单编号", "A refund (negative amount) cannot name an invoice; clear the invoice number"
    ),
    "no_score": Text("没有分数，请填 NPS、CSAT、CES 或“指标”和“分数”", "There is no score: fill in NPS, CSAT, CES, or metric and score"),
    "no_metric": Text(
        "不知道这是哪种评分，请填“指标”（NPS、CSAT 或 CES）", "It is unclear what was scored; fill in the metric (NPS, CSAT or CES)"
    ),
    "out_of_scale": Text("{a} 不在 {b} 之间，请改正分数", "{a} is not within {b}; correct the score"),
    "unknown_wave": Text(
        "没有名为或编号为 {a} 的调查问过您范围内的客户，或指标不同",
        "No survey called or numbered {a} asked customers in your scope for this score",
    ),
    "unknown_owner": Text("没有名为 {a} 的用户，请填用户名或姓名", "No user is called {a}; write a user name or a full name"),
    "account_taken": Text("账号 {a} 属于另一位客户，请核对", "Account number {a} belongs to another customer; please check"),
    "bad_secrecy": Text("保密级别 {a} 不是 0、1 或 2", "The secrecy level {a} is not 0, 1 or 2"),
    "too_secret": Text(
        "保密级别 {a} 高于您的保密权限，不能降低",
        "Secrecy {a} is above your clearance, so you cannot lower it",
    ),
    "no_day": Text("缺少记账日期，请补上", "The booking date is missing; please add it"),
    "no_money": Text(
        "缺少金额：请填“金额”，或“收入金额”“支出金额”之一", "There is no amount: fill in the amount, or money in or money out"
    ),
    "no_direction": Text("{a} 没有写收入还是支出，请补上方向", "It is not said whether {a} came in or went out; add the direction"),
    "both_ways": Text(
        "同一行既有收入 {a} 又有支出 {b}，请拆成两行", "One line has both money in ({a}) and money out ({b}); make it two lines"
    ),
    "apart_neither": Text(
        "不计收支：{b} {a} 没有进出这个账户，不记为流水，另列备查",
        "Neither in nor out: {b} {a} did not move on this account, so it is kept apart and not recorded",
    ),
    "apart_pending": Text(
        "银行尚未入账（{b} {a}），等入账后的对账单再记", "Not booked by the bank yet ({b} {a}); it comes with the statement that books it"
    ),
    "apart_zero": Text("金额是 0，没有钱进出，另列备查", "The amount is 0: no money moved, so the line is kept apart"),
    "closed": Text(
        "{a} 已关账（关到 {b}）。请改日期，或先在“开票”里重新开账",
        "{a} is in the closed books (up to {b}). Change the date, or reopen the books under Billing first",
    ),
    "future_day": Text("日期 {a} 还没到，请核对", "The date {a} has not come yet; please check"),
}

NOTE: Final[Mapping[str, Text]] = {
    "total": Text("新增{kind} {count} 笔，合计 {amount}", "New ({kind}): {count}, {amount} in all"),
    "new_customers": Text("{count} 位新客户将记为账外客户", "New customers, coming in as off-book: {count}"),
    "unnamed": Text(
        "{count} 行没有客户，记在“未具名客户”（UNNAMED）名下",
        "{count} rows name no customer and are kept apart under “Unnamed customer” (UNNAMED)",
    ),
    "terms": Text(
        "{count} 张账单没有到期日：按客户账期计算，没有账期的当天到期",
        "{count} invoices have no due date: the customer's terms apply, and without terms they are due on their own day",
    ),
    "cents": Text(
        "{count} 张账单的各行相加后四舍五入到分，合计相差 {amount}",
        "{count} invoices were rounded to the cent after adding up their lines, {amount} in all",
    ),
    "added": Text("{count} 张账单由多行相加而成", "{count} invoices are the sum of several rows"),
    "credits": Text("{count} 张负数账单记为贷项，尚未核销", "{count} invoices below zero come in as credit notes, not yet allocated"),
    "letter_c": Text(
        "{count} 张以 C 开头的账单金额为正，按账单记入", "{count} invoices numbered C… have a positive amount and come in as invoices"
    ),
    "split": Text(
        "{count} 个编号用在几个客户或日期上，分别记为不同账单",
        "{count} numbers are used for several customers or days and come in as separate invoices",
    ),
    "credit_settled": Text(
        "{count} 张贷项写有结清日，贷项保持未核销", "{count} credit notes have a settlement date; they stay unallocated"
    ),
    "on_account": Text("{count} 笔收款没有指明账单，留在账上", "Payments that name no invoice and stay on account: {count}"),
    "status_undated": Text(
        "{count} 件没有状态日期，无法计算处理用时",
        "Without a status date, so that the time taken is not known: {count}",
    ),
    "alike": Text(
        "{count} 位新客户与已有客户同名但账号不同，请核对是否重复",
        "{count} new customers share a name with a customer of another account number; check for duplicates",
    ),
}
