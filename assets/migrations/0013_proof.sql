-- What a proof of the releases reads quickly, what a release waits for, and what a worker says of what it could not prove.
set role exeat_owner;
create index on exeat.heads (seq);
-- Who votes has a row here from now on (cast_vote).
insert into exeat.askers (person) select distinct voter from exeat.votes on conflict do nothing;
alter table exeat.releases add column unproved_at timestamptz;
alter table exeat.workers add column fault text;
reset role;
