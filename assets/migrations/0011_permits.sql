-- Data permits: where each stands, who is on its teams, what it rests on, what its workspaces should be, and its outputs.
set role exeat_owner;

create table exeat.permits (
  id bigint generated always as identity primary key,
  reference text not null unique check (reference ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  project int not null references exeat.projects,
  title text not null check (length(title) between 1 and 500),
  purpose text not null check (length(purpose) <= 10000),
  request bigint references exeat.access_requests,  -- none: issued by hand
  created_at timestamptz not null default clock_timestamp(),
  created_by int not null references exeat.people,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  -- Which there are is said by the table of moves (exeat.permit_moves).
  status text not null check (status ~ '^[A-Z_]+$'),
  status_since timestamptz not null default clock_timestamp(),
  -- Why an analysis is paused: by a person, because the permit ended, or because no grant it was issued on is live.
  paused_for text check (paused_for in ('person', 'ended', 'grants')),
  -- The research team stopped its workspace; a move of the permit starts what should run.
  stopped bool not null default false,
  -- What one person asked for and a second has to confirm.
  second_move text,
  second_by int references exeat.people,
  second_at timestamptz,
  second_reason text,
  row_version bigint not null default 1,
  touched_by int references exeat.people,
  touched_what text not null default 'issued',
  touched_at timestamptz not null default clock_timestamp(),
  check (valid_until > valid_from),
  check ((second_move is null) = (second_by is null) and (second_move is null) = (second_at is null))
);
create index on exeat.permits (status, status_since, id);
create index on exeat.permits (status_since, id);
create index on exeat.permits (created_at, id);
create index on exeat.permits (valid_until, id);
create index on exeat.permits (project);
create index permits_second on exeat.permits (id) where second_move is not null;

-- Who does what on a permit. One that ended stays: four eyes look at who ever was.
create table exeat.permit_team (
  id bigint generated always as identity primary key,
  permit bigint not null references exeat.permits,
  person int not null references exeat.people,
  role text not null check (role ~ '^[a-z_]+$'),
  rests_on text not null,  -- the role in the directory without which it does not hold
  added_at timestamptz not null default clock_timestamp(),
  added_by int not null references exeat.people,
  ended_at timestamptz,
  ended_by int references exeat.people,
  confirmed_at timestamptz  -- a data holder's upload
);
create unique index permit_team_held on exeat.permit_team (permit, person, role) where ended_at is null;
create index on exeat.permit_team (person) where ended_at is null;
create index on exeat.permit_team (permit);

create table exeat.permit_datasets (
  permit bigint not null references exeat.permits,
  dataset int not null references exeat.datasets,
  primary key (permit, dataset)
);
create index on exeat.permit_datasets (dataset);

-- The grants it was issued on; none: nothing of grants pauses it.
create table exeat.permit_grants (
  permit bigint not null references exeat.permits,
  grant_id bigint not null references exeat.grants,
  primary key (permit, grant_id)
);

-- Every move, in order; nothing else changes a status.
create table exeat.permit_states (
  id bigint generated always as identity primary key,
  permit bigint not null references exeat.permits,
  at timestamptz not null default clock_timestamp(),
  previous text,
  status text not null,
  move text not null,
  actor int references exeat.people,  -- none: by itself
  second int references exeat.people,  -- who asked first, where two were needed
  reason text not null default '',
  version bigint not null
);
create index on exeat.permit_states (permit, id);

-- What the workspaces of a permit should be, and what was reported of them.
create table exeat.permit_workspaces (
  permit bigint not null references exeat.permits,
  kind text not null check (kind ~ '^[a-z]+$'),
  state text not null check (state in ('running', 'frozen', 'stopped', 'absent')),
  network text not null check (network in ('none', 'proxied')),
  volumes jsonb not null,
  generation bigint not null default 1,
  reported_state text check (reported_state in ('running', 'frozen', 'stopped', 'absent', 'failed')),
  reported_generation bigint,
  reported_detail text,
  reported_at timestamptz,
  primary key (permit, kind),
  -- No workspace has network and data together.
  check (network = 'none' or volumes = '[]')
);

create table exeat.permit_outputs (
  id bigint generated always as identity primary key,
  permit bigint not null references exeat.permits,
  number int not null,
  version int not null default 1,
  folder text not null,
  description text not null,
  status text not null check (status ~ '^[A-Z_]+$'),
  submitted_by int not null references exeat.people,
  submitted_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  reason text not null default '',
  unique (permit, number)
);
create index permit_outputs_pending on exeat.permit_outputs (id) where decided_at is null;

create table exeat.permit_output_files (
  output bigint not null references exeat.permit_outputs,
  version bigint not null references exeat.file_versions,
  primary key (output, version)
);
create index on exeat.permit_output_files (version);

-- What was said of one permit, in order.
create index on exeat.outbox (subject, id);

-- One row of the table of moves (exeat.permit_moves).
create type exeat.permit_move as (status text, move text, becomes text, roles text[], reason bool, not_after text, never text[], persons int,
  events text[], told text[], says text, whose text);
-- A permit as one person stands to it: what they are on it, who holds which role, and who moved it last. What the rules look at.
create type exeat.permit_view as (person int, login text, p exeat.permits, roles text[], holders jsonb, last text);
reset role;
