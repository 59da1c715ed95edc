-- What a proof of the releases reads quickly, and what a release waits for.
set role exeat_owner;
create index on exeat.heads (seq);
-- Who votes has a row here from now on (cast_vote).
insert into exeat.askers (person) select distinct voter from exeat.votes on conflict do nothing;
reset role;
