"""The fields of a bank or wallet statement, and the words banks use for them; of several columns the first word in a list wins."""

from __future__ import annotations

from typing import Final

from lib.domain.headers import FieldSpec
from lib.text import Text


def _field(name: str, zh: str, en: str, words: str, kind: str = "text") -> FieldSpec:
    return FieldSpec(name, Text(zh, en), tuple(words.split("|")), kind, is_ranked=True)


FIELDS: Final = (
    _field(
        "account", "本方账户", "Own account", "本方账号|我方账号|本方户名|账号|账户|帐号|卡号|account no|account number|account id", "text"
    ),
    _field(
        "on_date",
        "记账日期",
        "Booking date",
        "入账日期|银行记账日|记账日|入账日|入账时间|到账日期|booked on|posting date|posted date|date posted|交易日期|交易日|交易时间|"
        "交易创建时间|付款时间|发生时间|日期|时间|transaction date|date|value date|起息日",
        "date",
    ),
    _field(
        "amount",
        "金额",
        "Amount",
        "结算金额|记账金额|人民币金额|发生额|交易金额|交易金额元|收支金额|收/支金额|transaction amount|net amount|amt|trnamt",
        "amount",
    ),
    _field(
        "income",
        "收入金额",
        "Money in",
        "记账金额收入|收入|贷方发生额|贷方金额|贷方|存入|存入金额|转入金额|收款金额|收方金额|收方发生额|credit|credits|credit amount|"
        "paid in|deposit|deposits|received|交易金额收入",
        "amount",
    ),
    _field(
        "outgo",
        "支出金额",
        "Money out",
        "记账金额支出|支出|借方发生额|借方金额|借方|支取|转出金额|付款金额|付方金额|付方发生额|debit|debits|debit amount|paid out|"
        "withdrawal|withdrawals|spent|交易金额支出",
        "amount",
    ),
    _field(
        "direction",
        "收支方向",
        "Direction",
        "收/支|借/贷|借贷标志|借贷标识|借贷|借贷方向|收支|收支类型|收支标志|收付标志|交易方向|方向|资金流向|dr/cr|cr/dr|debit or credit|"
        "debit/credit|credit/debit|in or out",
        "choice",
    ),
    _field("currency", "币种", "Currency", "结算币种|记账币种|账户币种|币别|货币|交易币种|ccy|currency code|cur", "currency"),
    _field(
        "payer",
        "对方户名",
        "Counterparty",
        "对方账户名|对方名称|对方单位|对方单位名称|对方户名称|对手方|对手信息|对手名称|对手户名|交易对方|交易对手|交易对手名称|付款人|付款人名称|"
        "付款方|收/付方名称|收付款人|户名|counterparty name|payee|payer|name|merchant|beneficiary|remitter",
    ),
    _field(
        "payer_account",
        "对方账号",
        "Counterparty account",
        "对方卡号/账号|对方帐号|对方账户|对方卡号|对手账号|交易对手账号|付款人账号|付款账号|counterparty iban|"
        "counterparty account no|payer account",
    ),
    _field(
        "memo", "摘要", "Summary", "交易摘要|交易描述|商品说明|商品名称|商品|description|details|narrative|particulars|memo|payment details"
    ),
    _field("purpose", "用途", "Purpose", "交易用途|付款用途|汇款用途|款项用途|转账用途|purpose|payment purpose"),
    _field("remark", "附言", "Remark", "交易附言|客户摘要|客户附言|留言|个性化信息|remarks|message|payment reference"),
    _field("note", "备注", "Note", "交易备注|notes|additional information|extended details"),
    _field("category", "交易类型", "Type", "交易分类|交易名称|交易种类|业务类型|业务种类|交易场所|transaction type|trntype|category"),
    _field(
        "ref",
        "流水号",
        "Reference",
        "交易流水号|银行流水号|交易订单号|交易单号|交易号|日志号|凭证号|凭证号码|凭证编号|订单号|transaction id|transaction no|"
        "transaction reference|fitid|id|reference number|reference no|ref no",
    ),
    _field("balance", "余额", "Balance", "账户余额|本次余额|联机余额|交易后余额|结余|当前余额|running balance|balance after"),
)
"""What a statement's columns can be. `balance` is only held against the movements; nothing of it is written."""
