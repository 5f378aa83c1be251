-- settled_week_on: the review (its week's Monday) that settled a topic, so that one asked for as of an earlier week is still open there.
alter table topic add column settled_week_on date;
