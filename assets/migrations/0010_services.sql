-- Services that act for people: who they are, and through which of them a command or a vote came.
do $$
begin
  if not exists (select from pg_roles where rolname = 'exeat_service') then
    begin
      create role exeat_service nologin;
    exception when duplicate_object or unique_violation then null;  -- another migration was first
    end;
  end if;
  execute format('grant connect on database %I to exeat_service', current_database());
end $$;
set role exeat_owner;
grant usage on schema exeat to exeat_service;
grant usage on type exeat.answer to exeat_service;

create table exeat.services (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  role text not null unique check (octet_length(role) between 1 and 63),
  since timestamptz not null default clock_timestamp(),
  added_by int not null references exeat.people,
  ended_at timestamptz  -- for good: neither name nor role begin again
);

alter type exeat.caller add attribute via text;
alter table exeat.votes add column via text references exeat.services;
alter table exeat.policies add column votes_via_services bool not null default false;

-- One login of the database is many people there: each one's refusals are counted by themselves.
drop index exeat.journal_refused;
create index journal_refused on exeat.journal (session_role, person, id) where not ok;
reset role;
