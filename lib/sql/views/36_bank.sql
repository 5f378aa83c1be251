-- One row per statement line and what it came to, for who may read statement lines; none for others. state: open, matched, ignored.
create or replace macro bank_line_state(actor_id, sees_bank) as table
with matched as (
    select
        bank_match.line_id,
        bank_match.customer_id,
        bank_match.entry_id,
        bank_match.rule,
        bank_match.note,
        bank_match.change_id,
        bank_match.recorded_at
    from bank_match
    where
        bank_match.retired_at = timestamp '9999-12-31'
        and (bank_match.customer_id is null or is_visible(bank_match.customer_id, actor_id))
)

select
    line.line_id,
    line.account,
    line.on_date,
    line.amount,
    line.currency,
    line.payer,
    line.payer_account,
    line.memo,
    line.ref,
    case
        when matched.line_id is null then 'open'
        when matched.rule in ('ignored', 'transfer') then 'ignored'
        else 'matched'
    end as line_state,
    matched.customer_id,
    matched.entry_id,
    matched.rule,
    matched.note,
    matched.change_id,
    matched.recorded_at as matched_at
from bank_line as line
left join matched on line.line_id = matched.line_id
where sees_bank and line.retired_at = timestamp '9999-12-31';
