-- The change feed is read by transaction: a row's number says nothing about when it was committed.
set role exeat_owner;
alter table exeat.changes add column xid xid8 not null default pg_current_xact_id();
create index on exeat.changes (xid);
reset role;
