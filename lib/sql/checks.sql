-- Relationships and money identities. Each query returns the rows that break a rule: none when all is well.

-- name: check_open_below_zero
-- An invoice settled beyond its amount.
select posting.invoice_id, sum(posting.amount) as open_amount
from posting
where posting.invoice_id is not null
group by posting.invoice_id
having sum(posting.amount) < 0;

-- name: check_settled_before_issue
-- An invoice that is below zero on some day: money settled it before it was issued.
with daily as (
    select posting.invoice_id, posting.on_date, sum(posting.amount) as amount
    from posting
    where posting.invoice_id is not null
    group by posting.invoice_id, posting.on_date
)

select daily.invoice_id, daily.on_date
from daily
qualify sum(daily.amount) over (partition by daily.invoice_id order by daily.on_date) < 0;

-- name: check_unallocated_above_zero
-- More money of one document used up on some day than it had brought in.
with daily as (
    select posting.entry_id, posting.on_date, sum(posting.amount) as amount
    from posting
    where
        posting.invoice_id is null
        and posting.entry_id in (select entry.entry_id from entry where entry.kind in ('payment', 'credit_note', 'adjustment', 'opening'))
    group by posting.entry_id, posting.on_date
)

select daily.entry_id, daily.on_date
from daily
qualify sum(daily.amount) over (partition by daily.entry_id order by daily.on_date) > 0;

-- name: check_given_back_above_zero
-- More money of one document given back by an invoice than it had laid there.
select posting.entry_id, posting.invoice_id
from posting
where
    posting.invoice_id <> posting.entry_id
    and posting.entry_id in (select entry.entry_id from entry where entry.kind in ('payment', 'credit_note', 'opening', 'write_off'))
group by posting.entry_id, posting.invoice_id
having sum(posting.amount) > 0;

-- name: check_items
-- An invoice whose count of open items differs on some day from whether money is open on it, under some due date.
with daily as (
    select posting.invoice_id, posting.due_on, posting.on_date, sum(posting.amount) as amount, sum(posting.items) as items
    from posting
    where posting.invoice_id is not null
    group by posting.invoice_id, posting.due_on, posting.on_date
)

select daily.invoice_id, daily.due_on, daily.on_date
from daily
qualify
    sum(daily.items) over (partition by daily.invoice_id, daily.due_on order by daily.on_date)
    <> (sum(daily.amount) over (partition by daily.invoice_id, daily.due_on order by daily.on_date) <> 0)::integer;

-- name: check_entry_amount
-- A live document whose postings do not add up to its signed amount, or a retired one with money left.
with posted as (
    select posting.entry_id, sum(posting.amount) as amount
    from posting
    group by posting.entry_id
),

live as (
    select
        entry.entry_id,
        case when entry.kind in ('payment', 'credit_note', 'write_off') then -entry.amount else entry.amount end as amount
    from entry
    where entry.retired_at = timestamp '9999-12-31'
)

select coalesce(live.entry_id, posted.entry_id) as entry_id, live.amount as document_amount, posted.amount as posted_amount
from live
full join posted on live.entry_id = posted.entry_id
where coalesce(live.amount, 0) <> coalesce(posted.amount, 0);

-- name: check_posting_customer
-- Money that stands on an invoice under another customer, due date or currency than the invoice's own.
with standing as (
    select posting.invoice_id, posting.customer_id, posting.due_on, posting.currency, sum(posting.amount) as amount
    from posting
    where posting.invoice_id is not null
    group by posting.invoice_id, posting.customer_id, posting.due_on, posting.currency
    having sum(posting.amount) <> 0
)

select standing.invoice_id, standing.customer_id, standing.due_on, standing.amount
from standing
anti join (select entry.* from entry where entry.retired_at = timestamp '9999-12-31') as invoice
    on
        standing.invoice_id = invoice.entry_id
        and standing.customer_id = invoice.customer_id
        and standing.due_on is not distinct from invoice.due_on
        and standing.currency = invoice.currency;

-- name: check_document_twice
-- A document with two live records.
select entry.entry_id
from entry
where entry.retired_at = timestamp '9999-12-31'
group by entry.entry_id
having count(*) > 1;

-- name: check_customer_known
-- A live fact of a customer that is not in the ledger.
with live as (
    select entry.customer_id from entry where entry.retired_at = timestamp '9999-12-31'
    union all
    select promise.customer_id from promise where promise.retired_at = timestamp '9999-12-31'
    union all
    select activity.customer_id from activity where activity.retired_at = timestamp '9999-12-31'
    union all
    select feedback.customer_id from feedback where feedback.retired_at = timestamp '9999-12-31'
    union all
    select case_file.customer_id from case_file where case_file.retired_at = timestamp '9999-12-31'
    union all
    select contact.customer_id from contact where contact.retired_at = timestamp '9999-12-31'
    union all
    select agreement.customer_id from agreement where agreement.retired_at = timestamp '9999-12-31'
    union all
    select invoice_draft.customer_id from invoice_draft where invoice_draft.retired_at = timestamp '9999-12-31'
    union all
    select message.customer_id from message where message.retired_at = timestamp '9999-12-31'
    union all
    select payer_alias.customer_id from payer_alias where payer_alias.retired_at = timestamp '9999-12-31'
    union all
    select plan.customer_id from plan where plan.retired_at = timestamp '9999-12-31'
    union all
    select hold.customer_id from hold where hold.retired_at = timestamp '9999-12-31'
    union all
    select proposal.customer_id from proposal where proposal.retired_at = timestamp '9999-12-31'
    union all
    select credit_override.customer_id from credit_override where credit_override.retired_at = timestamp '9999-12-31'
    union all
    select special_term.customer_id from special_term where special_term.retired_at = timestamp '9999-12-31'
)

select distinct live.customer_id
from live
anti join (
    select customer_record.customer_id
    from customer_record
    where customer_record.retired_at = timestamp '9999-12-31'
) as known on live.customer_id = known.customer_id;

-- name: check_customer_overlap
-- A customer whose live records say two things about one day, or nothing about some day.
select customer_record.customer_id, customer_record.from_on
from customer_record
where customer_record.retired_at = timestamp '9999-12-31'
qualify
    customer_record.from_on
    <> lag(customer_record.until_on, 1, date '0001-01-01') over (
        partition by customer_record.customer_id order by customer_record.from_on
    );

-- name: check_account_twice
-- One account number on two live customers.
select customer_record.account_no
from customer_record
where
    customer_record.until_on = date '9999-12-31'
    and customer_record.retired_at = timestamp '9999-12-31'
    and customer_record.status <> 'merged'
group by customer_record.account_no
having count(*) > 1;

-- name: check_case_event
-- A live event of a case that is not in the ledger, or a live case without an event.
select case_file.case_id
from case_file
where
    case_file.retired_at = timestamp '9999-12-31'
    and case_file.case_id not in (select case_event.case_id from case_event where case_event.retired_at = timestamp '9999-12-31')
union all
select case_event.case_id
from case_event
where
    case_event.retired_at = timestamp '9999-12-31'
    and case_event.case_id not in (select case_file.case_id from case_file where case_file.retired_at = timestamp '9999-12-31');

-- name: audit_of_every_fact
-- A fact or a posting that no audited change wrote (0: the program itself brought it). Holds between changes, not within one: its audit row comes last.
with written as (
    select distinct posting.change_id from posting
    union
    select distinct entry.change_id from entry
    union
    select distinct customer_record.change_id from customer_record
    union
    select distinct contact.change_id from contact
    union
    select distinct promise.change_id from promise
    union
    select distinct activity.change_id from activity
    union
    select distinct feedback.change_id from feedback
    union
    select distinct case_file.change_id from case_file
    union
    select distinct case_event.change_id from case_event
    union
    select distinct reading.change_id from reading
    union
    select distinct policy.change_id from policy
    union
    select distinct entry_line.change_id from entry_line
    union
    select distinct agreement_line.change_id from agreement_line
    union
    select distinct agreement.change_id from agreement
    union
    select distinct invoice_draft.change_id from invoice_draft
    union
    select distinct message.change_id from message
    union
    select distinct message_event.change_id from message_event
    union
    select distinct bank_line.change_id from bank_line
    union
    select distinct bank_match.change_id from bank_match
    union
    select distinct payer_alias.change_id from payer_alias
    union
    select distinct plan.change_id from plan
    union
    select distinct hold.change_id from hold
    union
    select distinct proposal.change_id from proposal
    union
    select distinct decision.change_id from decision
    union
    select distinct credit_override.change_id from credit_override
    union
    select distinct special_term.change_id from special_term
    union
    select distinct exchange_rate.change_id from exchange_rate
    union
    select distinct meeting.change_id from meeting
    union
    select distinct pack.change_id from pack
    union
    select distinct explanation.change_id from explanation
    union
    select distinct action_item.change_id from action_item
    union
    select distinct action_step.change_id from action_step
    union
    select distinct resolution.change_id from resolution
    union
    select distinct topic.change_id from topic
    union
    select distinct topic_vote.change_id from topic_vote
)

select written.change_id
from written
anti join audit on written.change_id = audit.change_id
where written.change_id > 0;

-- name: check_match_of_line
-- A live match of a bank line that is not there, or matches that add up to more than their line.
with matched as (
    select bank_match.line_id, sum(bank_match.amount) as amount
    from bank_match
    where bank_match.retired_at = timestamp '9999-12-31'
    group by bank_match.line_id
)

select matched.line_id
from matched
left join (select bank_line.line_id, bank_line.amount from bank_line where bank_line.retired_at = timestamp '9999-12-31') as line
    on matched.line_id = line.line_id
where line.line_id is null or abs(matched.amount) > abs(line.amount);

-- name: check_match_of_payment
-- A live match that names a payment which is not live.
select bank_match.match_id
from bank_match
where
    bank_match.retired_at = timestamp '9999-12-31'
    and bank_match.entry_id is not null
    and bank_match.entry_id not in (select entry.entry_id from entry where entry.retired_at = timestamp '9999-12-31');

-- name: check_decided_twice
-- A proposal with two live decisions.
select decision.proposal_id
from decision
where decision.retired_at = timestamp '9999-12-31'
group by decision.proposal_id
having count(*) > 1;

-- name: check_decision_of_proposal
-- A live decision of a proposal that is not live.
select decision.proposal_id
from decision
where
    decision.retired_at = timestamp '9999-12-31'
    and decision.proposal_id not in (select proposal.proposal_id from proposal where proposal.retired_at = timestamp '9999-12-31');

-- name: check_own_decision
-- An approval by who proposed it, or brought back by them after someone undid it.
select proposal.proposal_id
from proposal_at(date '9999-12-30', timestamp '9999-12-30') as proposal
inner join decision on proposal.proposal_id = decision.proposal_id and decision.retired_at = timestamp '9999-12-31'
where decision.outcome = 'approved' and proposal.author_id in (proposal.decided_by, decision.recorded_by);

-- name: check_recovered_above_written_off
-- An invoice of which more was recovered than is written off.
with recovery as (
    select distinct posting.entry_id from posting where posting.rule = 'recovery'
)

select posting.invoice_id, sum(posting.amount) as amount
from posting
left join recovery on posting.entry_id = recovery.entry_id
where posting.kind = 'write_off' or (posting.kind = 'adjustment' and recovery.entry_id is not null)
group by posting.invoice_id
having sum(posting.amount) > 0;

-- name: check_family_circle
-- A customer that stands above itself on some day.
with recursive link as (
    select record.customer_id, record.parent_id, record.from_on, record.until_on
    from customer_record as record
    where record.parent_id is not null and record.retired_at = timestamp '9999-12-31'
),

climb as (
    select link.customer_id, link.parent_id as above_id, link.from_on, link.until_on, 1 as height
    from link
    union all
    select
        climb.customer_id,
        link.parent_id as above_id,
        greatest(climb.from_on, link.from_on) as from_on,
        least(climb.until_on, link.until_on) as until_on,
        climb.height + 1 as height
    from climb
    inner join link on climb.above_id = link.customer_id and climb.from_on < link.until_on and link.from_on < climb.until_on
    where climb.height < 20 and climb.above_id <> climb.customer_id
)

select distinct climb.customer_id
from climb
where climb.above_id = climb.customer_id;

-- name: check_own_bank_details
-- Bank details confirmed by who described them. The door refuses it; a row written past the door would show here.
select settings.policy_id
from policy as settings
inner join audit as confirmed on settings.origin_change = confirmed.change_id
inner join policy as waiting on waiting.kind = 'bank_details' and (settings.body::json ->> '$.bank_details')::bigint = waiting.policy_id
inner join audit as author on waiting.origin_change = author.change_id
where
    settings.kind = 'settings' and settings.retired_at = timestamp '9999-12-31'
    and author.user_id in (confirmed.user_id, settings.recorded_by);

-- name: check_case_step
-- A step of a case that does not begin at the state in which the step before it ended: one in between was taken back.
with happened as (
    select
        case_event.case_id,
        case_event.event_id,
        case_event.detail::json ->> '$.from' as from_state,
        lag(case_event.state) over (partition by case_event.case_id order by case_event.happened_at, case_event.event_id) as before
    from case_event
    where case_event.retired_at = timestamp '9999-12-31'
)

select happened.case_id, happened.event_id
from happened
where happened.from_state is not null and happened.from_state <> coalesce(happened.before, 'new');

-- name: check_wave_step
-- A survey in a state it cannot be in: the step before was taken back, and with it perhaps the list of who is asked.
select step.wave_id, step.event_id
from wave_event as step
inner join (
    values ('frozen', 'draft'), ('sending', 'frozen'), ('closed', 'sending'), ('analysed', 'closed'), ('told', 'analysed')
) as turn (state, before) on step.state = turn.state
where
    step.retired_at = timestamp '9999-12-31'
    and not exists (
        select 1 from wave_event as earlier
        where earlier.wave_id = step.wave_id and earlier.state = turn.before and earlier.retired_at = timestamp '9999-12-31'
    );

-- name: check_answer_invited
-- An answer to an invitation that is not there, is another survey's or another customer's.
select answer.feedback_id, answer.invite_id
from feedback as answer
left join survey_invite as invite on answer.invite_id = invite.invite_id and invite.retired_at = timestamp '9999-12-31'
where
    answer.invite_id is not null and answer.retired_at = timestamp '9999-12-31'
    and (invite.wave_id is distinct from answer.wave_id or invite.customer_id is distinct from answer.customer_id);

-- name: check_action_step
-- A live step of an action that is not there, one that follows its end, or one that opens again what had not ended.
with happened as (
    select
        action_step.action_id,
        action_step.step,
        lag(action_step.step) over (partition by action_step.action_id order by action_step.step_id) as before
    from action_step
    where action_step.retired_at = timestamp '9999-12-31'
)

select happened.action_id
from happened
where
    (happened.step = 'reopened') <> coalesce(happened.before in ('done', 'killed'), false)
    or happened.before is not distinct from 'split'
    or happened.action_id not in (select action_item.action_id from action_item where action_item.retired_at = timestamp '9999-12-31');

-- name: check_vote_once
-- A person with two votes for one topic: one that was taken back came again beside its successor.
select topic_vote.topic_id, topic_vote.user_id
from topic_vote
where topic_vote.retired_at = timestamp '9999-12-31'
group by topic_vote.topic_id, topic_vote.user_id
having count(*) > 1;

-- name: check_review_once
-- A circle with two reviews of one week.
select meeting.week_on, meeting.circle
from meeting
where meeting.retired_at = timestamp '9999-12-31'
group by meeting.week_on, meeting.circle
having count(*) > 1;

-- name: check_explanation_once
-- A metric explained twice in one review.
select explanation.week_on, explanation.circle, explanation.metric
from explanation
where explanation.retired_at = timestamp '9999-12-31'
group by explanation.week_on, explanation.circle, explanation.metric
having count(*) > 1;
