-- Releases know what they wrote by their id beside the bytes, say since when the store denies them, and raise an alarm once.
set role exeat_owner;
-- False: claimed by an exeat that wrote no id beside the bytes yet.
alter table exeat.releases add column marked bool not null default false;
alter table exeat.releases alter column marked set default true;
alter table exeat.releases add column refused_since timestamptz;
alter table exeat.releases add column foreign_at timestamptz;
-- Which came first: times are no order where the clock was put back.
alter table exeat.releases add column number bigint generated always as identity;
create index on exeat.releases (shared_bucket, shared_key);
-- What to take up again is asked every second.
create index releases_due on exeat.releases (attempt, next_try_at) where state = 'claimed';
reset role;
