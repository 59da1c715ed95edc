-- Facts that a clock, a retry or another person's command must not undo, and what counting bounds needs.
set role exeat_owner;

-- That a membership ended is a fact of its own: by its bounds alone it would begin again when the clock goes back.
alter table exeat.memberships add column ended_at timestamptz;
-- (One that was cancelled before it began has an end at its beginning.)
update exeat.memberships set ended_at = least(valid_until, clock_timestamp()) where valid_until <= greatest(clock_timestamp(), valid_from);
create index memberships_ending on exeat.memberships (valid_until) where ended_at is null;

-- Who registered it stands beside the registration, so that each can be taken back by itself and counted through an index.
alter table exeat.registrations add column person int references exeat.people, add column withdrawn_at timestamptz;
update exeat.registrations r set person = s.submitted_by from exeat.submissions s where s.id = r.submission;
update exeat.registrations r set withdrawn_at = c.state_at from exeat.submissions s, exeat.cases c
where s.id = r.submission and c.version = r.version and c.destination = s.destination and c.state = 'withdrawn';
update exeat.registrations r set withdrawn_at = clock_timestamp() from (
  select r.id, row_number() over (partition by r.version, r.person, s.destination order by r.id desc) as turn
  from exeat.registrations r join exeat.submissions s on s.id = r.submission where r.version is not null and r.withdrawn_at is null) older
where older.id = r.id and older.turn > 1;
alter table exeat.registrations alter column person set not null;
create index registrations_standing on exeat.registrations (version) where withdrawn_at is null;
drop index exeat.registrations_unbound;
create index registrations_unbound on exeat.registrations (project, key) where version is null and withdrawn_at is null;
create index registrations_of on exeat.registrations (project, key, person);
create index registrations_open on exeat.registrations (person) where version is null and withdrawn_at is null;
create index registrations_new on exeat.registrations (created_at) where version is null and withdrawn_at is null;

-- A recall ends every vote: what was recalled before that rule, and perhaps restored since, has none of before either. What is on its
-- way or out again stays as it was decided; the worker counts the rest anew.
update exeat.votes o set standing = false, ended_at = clock_timestamp() from exeat.cases c
where c.id = o.case_id and o.standing and c.state not in ('releasing', 'released')
  and exists (select from exeat.recalls k where k.case_id = c.id and k.at >= o.at);

-- The lock of what is counted for a person: of two sessions of theirs the second sees what the first asked for.
create table exeat.askers (person int primary key references exeat.people);

-- A refresh that a pass has begun for; one that waits answers for the next that asks.
alter table exeat.refreshes add column begun_at timestamptz;
create index refreshes_of on exeat.refreshes (person) where finished_at is null;
create index tickets_open_of on exeat.tickets (person) where state = 'open';
create index access_requests_pending_of on exeat.access_requests (person) where status = 'pending';

-- Refusals beyond what is kept of a flood, until the worker writes their number into the journal.
create index journal_refused on exeat.journal (session_role, id) where not ok;
create table exeat.refused (
  id bigint generated always as identity primary key,
  session_role text not null,
  person text,
  since timestamptz not null default clock_timestamp(),
  until timestamptz not null default clock_timestamp(),
  codes jsonb not null  -- how many of each code
);
create index on exeat.refused (session_role);

-- When somebody was seen to wait for a login's session, for a few seconds back.
create unlogged table exeat.holders (role text, at timestamptz, primary key (role, at));

alter type exeat.facts add attribute registered bool;
reset role;
