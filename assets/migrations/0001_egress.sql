-- Egress, from submission to release: tables, roles, types. Rules are in assets/sql; nothing here decides anything.
-- Run by the database's administrator (a local desk runs it itself). Everything belongs to exeat_owner, who cannot log in.

-- Roles are shared by a whole cluster, so another database may have made them already.
do $$
declare r text;
begin
  foreach r in array array['exeat_owner', 'exeat_person', 'exeat_worker'] loop
    if not exists (select from pg_roles where rolname = r) then
      begin
        execute format('create role %I nologin', r);
      exception when duplicate_object or unique_violation then null;  -- another migration was first
      end;
    end if;
  end loop;
  -- The worker's function that ends sessions idle in a transaction runs as the owner and needs exactly these two.
  if not pg_has_role('exeat_owner', 'pg_signal_backend', 'member') then grant pg_signal_backend to exeat_owner; end if;
  if not pg_has_role('exeat_owner', 'pg_read_all_stats', 'member') then grant pg_read_all_stats to exeat_owner; end if;
end $$;

-- Temporary tables could take a real table's place; connecting is for the two groups.
do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to exeat_person, exeat_worker', current_database());
  if not exists (select from pg_extension where extname = 'pg_trgm') then create extension pg_trgm schema public; end if;
end $$;
revoke create on schema public from public;

create schema exeat authorization exeat_owner;
set role exeat_owner;
-- Before anything is made: nobody may execute a new function unless it is granted by name.
alter default privileges for role exeat_owner revoke execute on functions from public;
alter default privileges for role exeat_owner revoke usage on types from public;
grant usage on schema exeat to exeat_person, exeat_worker;

-- People ------------------------------------------------------------------------------------------------------------
create table exeat.people (
  id int generated always as identity primary key,
  login text not null unique check (login ~ '^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}$'),
  full_name text not null check (length(full_name) between 1 and 200),
  mail text check (length(mail) <= 320),
  created_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz
);
comment on table exeat.people is 'A natural person, once, whatever the number of their database logins.';

create table exeat.logins (
  -- PostgreSQL cuts names at 63 bytes, so two long ones could become one role.
  role text primary key check (octet_length(role) between 1 and 63),
  person int not null references exeat.people
);
create index on exeat.logins (person);

create table exeat.projects (
  id int generated always as identity primary key,
  name text not null unique check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  title text not null,
  purpose text not null default '',
  bucket text not null check (bucket ~ '^[a-z0-9][a-z0-9.-]{1,62}$'),
  prefix text not null check (prefix = '' or right(prefix, 1) = '/'),
  shared_bucket text not null check (shared_bucket ~ '^[a-z0-9][a-z0-9.-]{1,62}$'),
  shared_prefix text not null check (shared_prefix = '' or right(shared_prefix, 1) = '/'),
  created_at timestamptz not null default clock_timestamp()
);

create table exeat.memberships (
  id bigint generated always as identity primary key,
  person int not null references exeat.people,
  project int references exeat.projects,  -- none: every project
  role text not null check (role in ('researcher', 'checker', 'steward', 'permit_manager', 'data_preparator', 'data_reviewer',
    'setup_engineer', 'setup_reviewer', 'data_holder', 'administrator', 'auditor')),
  valid_from timestamptz not null default clock_timestamp(),
  valid_until timestamptz,
  check (role not in ('administrator', 'auditor') or project is null)
);
create index on exeat.memberships (person, role);
create index on exeat.memberships (project, role);

create table exeat.policies (
  id bigint generated always as identity primary key,
  project int not null references exeat.projects,
  destination text not null check (destination ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  number int not null,
  approvals int not null check (approvals between 1 and 20),
  largest_file bigint not null check (largest_file >= 0),
  hold_seconds int not null check (hold_seconds between 0 and 31536000),
  rejection_vetoes bool not null,
  inspection_downloads bool not null,
  checks jsonb not null,
  state text not null check (state in ('proposed', 'active', 'replaced', 'dropped')),
  proposed_by int references exeat.people,
  proposed_at timestamptz not null default clock_timestamp(),
  confirmed_by int references exeat.people,
  active_from timestamptz,
  unique (project, destination, number)
);
create unique index policies_active on exeat.policies (project, destination) where state = 'active';

-- Files and cases -----------------------------------------------------------------------------------------------------
create table exeat.submissions (
  id bigint generated always as identity primary key,
  project int not null references exeat.projects,
  destination text,  -- none: unannounced
  purpose text not null,
  submitted_by int references exeat.people,
  turn int not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  check ((destination is null) = (submitted_by is null))
);
create unique index submissions_unannounced on exeat.submissions (project) where submitted_by is null;
create index on exeat.submissions (submitted_by);

create table exeat.files (
  id bigint generated always as identity primary key,
  project int not null references exeat.projects,
  key bytea not null,  -- below the project's prefix; opaque bytes
  unique (project, key)
);

create table exeat.file_versions (
  id bigint generated always as identity primary key,
  file bigint not null references exeat.files,
  project int not null references exeat.projects,
  number int not null,
  key bytea not null,
  search_text text not null,  -- lower-cased key and purpose, for free-text search only
  store_version text,
  etag text,
  sha256 bytea check (octet_length(sha256) = 32),
  size bigint not null check (size >= 0),
  media_type text,
  modified_at timestamptz,
  submitted_at timestamptz not null default clock_timestamp(),
  submission bigint not null references exeat.submissions,
  submitted_by int references exeat.people,
  origin_unknown bool not null,  -- no registration named these bytes before they came
  newest bool not null default true,
  gone_at timestamptz,
  findings jsonb not null default '[]',
  blocked_reason text,
  state text not null default 'blocked' check (state in ('pending', 'changes_requested', 'approved', 'releasing', 'released',
    'rejected', 'withdrawn', 'blocked', 'recalled', 'superseded', 'altered')),
  row_version bigint not null default 1,
  changed_by int references exeat.people,
  changed_what text not null default 'registered',
  changed_at timestamptz not null default clock_timestamp(),
  claimed_by int references exeat.people,
  claimed_until timestamptz,
  unique (file, number),
  check (sha256 is not null or blocked_reason is not null)
);
create unique index file_versions_newest on exeat.file_versions (file) where newest;
create index on exeat.file_versions (submitted_at, id);
create index on exeat.file_versions (project, submitted_at, id);
create index on exeat.file_versions (project, state, submitted_at, id);
create index on exeat.file_versions (key, id);
create index on exeat.file_versions (project, key, id);
create index on exeat.file_versions (size, id);
create index on exeat.file_versions (project, size, id);
create index on exeat.file_versions (state, id);
create index on exeat.file_versions (project, state, id);
create index on exeat.file_versions (submission);
create index on exeat.file_versions (submitted_by, submitted_at, id);
create index on exeat.file_versions (encode(sha256, 'hex') text_pattern_ops);
create index on exeat.file_versions using gin (search_text public.gin_trgm_ops);

create table exeat.registrations (
  id bigint generated always as identity primary key,
  submission bigint not null references exeat.submissions,
  project int not null references exeat.projects,
  key bytea not null,
  sha256 bytea not null check (octet_length(sha256) = 32),
  size bigint not null check (size >= 0),
  version bigint references exeat.file_versions,
  created_at timestamptz not null default clock_timestamp(),
  bound_at timestamptz,
  unique (submission, key)
);
create index on exeat.registrations (version);
create index registrations_unbound on exeat.registrations (project, key) where version is null;

create table exeat.cases (
  id bigint generated always as identity primary key,
  version bigint not null references exeat.file_versions,
  project int not null references exeat.projects,
  destination text not null,
  submission bigint not null references exeat.submissions,
  state text not null check (state in ('pending', 'changes_requested', 'approved', 'releasing', 'released',
    'rejected', 'withdrawn', 'blocked', 'recalled', 'superseded', 'altered')),
  state_by int references exeat.people,
  state_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz not null default clock_timestamp(),
  approved_at timestamptz,
  held_until timestamptz,
  restore_by int references exeat.people,  -- who proposed to restore a recalled one
  unique (version, destination)
);
create index cases_held on exeat.cases (held_until) where state = 'approved';
create index cases_open on exeat.cases (project, destination, settled_at) where state in ('pending', 'approved', 'changes_requested', 'blocked');

create table exeat.votes (
  id bigint generated always as identity primary key,
  case_id bigint not null references exeat.cases,
  version bigint not null references exeat.file_versions,
  project int not null references exeat.projects,
  voter int not null references exeat.people,
  kind text not null check (kind in ('approve', 'reject', 'changes')),
  comment text not null,
  sha256 bytea not null,
  policy bigint not null references exeat.policies,
  coverage jsonb,
  first_at timestamptz not null default clock_timestamp(),
  at timestamptz not null default clock_timestamp(),
  standing bool not null default true,  -- false: undone, or replaced by the voter's next one
  ended_at timestamptz
);
create unique index votes_standing on exeat.votes (case_id, voter) where standing;
create index on exeat.votes (case_id);
create index on exeat.votes (version);

create table exeat.comments (
  id bigint generated always as identity primary key,
  version bigint not null references exeat.file_versions,
  project int not null references exeat.projects,
  author int not null references exeat.people,
  body text not null,
  at timestamptz not null default clock_timestamp()
);
create index on exeat.comments (version);

-- Another audience, another table: people have no select on this one at all.
create table exeat.internal_notes (
  id bigint generated always as identity primary key,
  version bigint not null references exeat.file_versions,
  project int not null references exeat.projects,
  author int not null references exeat.people,
  body text not null,
  at timestamptz not null default clock_timestamp()
);
create index on exeat.internal_notes (version);

create table exeat.releases (
  id uuid primary key default gen_random_uuid(),
  case_id bigint not null references exeat.cases,
  version bigint not null references exeat.file_versions,
  project int not null references exeat.projects,
  destination text not null,
  state text not null check (state in ('claimed', 'done', 'failed')),
  worker text not null,
  lease_until timestamptz not null,
  attempt int not null default 1,
  next_try_at timestamptz,
  record jsonb not null,
  claimed_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  shared_bucket text not null,
  shared_key bytea not null,
  shared_version text,
  record_key text,
  head jsonb,
  failure text
);
create unique index releases_claimed on exeat.releases (case_id) where state = 'claimed';
create index on exeat.releases (case_id);

create table exeat.recalls (
  id bigint generated always as identity primary key,
  case_id bigint not null references exeat.cases,
  release uuid not null references exeat.releases,
  recalled_by int not null references exeat.people,
  reason text not null,
  at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  attempts int not null default 0,
  restored_by int references exeat.people,
  confirmed_by int references exeat.people,
  restored_at timestamptz
);
create index on exeat.recalls (case_id);
create index recalls_open on exeat.recalls (id) where removed_at is null;

create table exeat.tickets (
  id uuid primary key default gen_random_uuid(),
  person int not null references exeat.people,
  use text not null check (use in ('preview', 'download', 'upload')),
  version bigint references exeat.file_versions,
  registration bigint references exeat.registrations,
  case_id bigint references exeat.cases,
  bucket text not null,
  key bytea not null,
  store_version text,
  etag text,
  sha256 bytea,
  size bigint not null,
  media_type text,
  state text not null default 'open' check (state in ('open', 'answered', 'refused', 'expired')),
  url text,
  refused text,
  asked_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz
);
create index tickets_open on exeat.tickets (asked_at) where state = 'open';
create index tickets_answered on exeat.tickets (expires_at) where state = 'answered';
create index on exeat.tickets (version);

create table exeat.downloads (
  id bigint generated always as identity primary key,
  ticket uuid not null unique references exeat.tickets,
  version bigint not null references exeat.file_versions,
  person int not null references exeat.people,
  released bool not null,  -- false: a checker's copy for inspection
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  bytes bigint,
  sha256 bytea,
  completed bool
);
create index on exeat.downloads (version);

create table exeat.refreshes (
  id bigint generated always as identity primary key,
  project int references exeat.projects,  -- none: every project
  person int not null references exeat.people,
  asked_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  found int
);
create index refreshes_open on exeat.refreshes (id) where finished_at is null;

-- Commands, changes, journal ----------------------------------------------------------------------------------------
-- Keyed by person too: nobody can burn another's id or learn that it exists.
create table exeat.commands (
  person int not null references exeat.people,
  command_id uuid not null,
  command text not null,
  request jsonb not null,
  answer jsonb,
  at timestamptz not null default clock_timestamp(),
  primary key (person, command_id)
);

create table exeat.changes (
  id bigint generated always as identity primary key,
  project int,  -- whose members may see it; none: see person
  person int,   -- only this person; none with no project: everyone
  area text not null,
  row_id bigint,
  what text not null,
  at timestamptz not null default clock_timestamp()
);

create table exeat.journal (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  person text,
  session_role text not null,
  via text,
  command text not null,
  command_id text,
  subject text,
  project text,
  request text,  -- JSON, kept as the text that is hashed
  ok bool not null,
  code text not null,
  sentence text not null,
  data text
);
create index on exeat.journal (subject, id);
create index on exeat.journal (person, id);
create index on exeat.journal (project, id);

-- The sealer's queue: exact whatever the order in which transactions commit.
create table exeat.unsealed (journal_id bigint primary key);

create table exeat.seals (
  seq bigint primary key,
  journal_id bigint not null unique,
  hash text not null check (hash ~ '^[0-9a-f]{64}$')
);

create table exeat.heads (
  id bigint generated always as identity primary key,
  seq bigint not null,
  hash text not null,
  at text not null,  -- as signed
  signature text not null,
  public_key text not null
);

create table exeat.outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  subject text not null,
  payload jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  delivered_at timestamptz
);
create index outbox_waiting on exeat.outbox (id) where delivered_at is null;

create table exeat.workers (
  name text primary key,
  host text not null,
  pid int not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);

-- Types the functions speak in ------------------------------------------------------------------------------------------
-- What every command returns. A refusal is an answer: an exception would take its own journal row with it.
create type exeat.answer as (ok bool, code text, sentence text, version bigint, data jsonb);
-- What a command's body hands to exeat.run: the answer, and what the journal files it under.
create type exeat.outcome as (ok bool, code text, sentence text, version bigint, data jsonb, subject text, project text);
create type exeat.refusal as (code text, message text);
create type exeat.caller as (person int, login text);
create type exeat.tally as (count int, required int, hold_seconds int, largest_file bigint, by text[], changes text[]);
-- Everything the egress rules look at, for one case and one person.
create type exeat.facts as (
  person int, login text, version bigint, case_id bigint, project int, project_name text, destination text, state text,
  row_version bigint, sha256 bytea, size bigint, newest bool, gone bool, store_version text, blocked_reason text,
  origin_unknown bool, is_checker bool, is_researcher bool, is_admin bool, own bool, ever_researcher bool,
  my_vote text, count int, required int, by text[], changes text[], held_until timestamptz, largest_file bigint,
  inspection_downloads bool, state_by text, state_at timestamptz, claimed_by int, claimed_login text, claimed_until timestamptz,
  restore_by int, restore_login text);
create type exeat.egress_row as (
  id bigint, row_version bigint, submission bigint, turn int, project text, project_title text, key bytea, version_id text,
  etag text, sha256 text, size bigint, media_type text, modified_at timestamptz, submitted_at timestamptz, submitted_by text,
  submitted_by_name text, purpose text, state text, blocked_reason text, destinations jsonb, findings jsonb, claimed_by text,
  claimed_until timestamptz, file_turn int, newest bool, cursor jsonb);
grant usage on type exeat.answer, exeat.egress_row to exeat_person, exeat_worker;
reset role;
