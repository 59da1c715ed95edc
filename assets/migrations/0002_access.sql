-- Access requests and grants: datasets, identity verification, requests, grants, and the site's numbers.
set role exeat_owner;

alter table exeat.people
  add column ext_id uuid not null unique default gen_random_uuid(),  -- the id portals know them by
  add column title text check (length(title) between 1 and 50);

-- The site's numbers; what is not here has the default that exeat.setting() gives.
create table exeat.settings (
  name text primary key,
  value jsonb not null,
  changed_by int references exeat.people,
  changed_at timestamptz not null default clock_timestamp()
);

create table exeat.datasets (
  id int generated always as identity primary key,
  accession text not null unique check (accession ~ '^[A-Z]{1,6}[0-9]{3,18}$'),
  title text not null check (length(title) between 1 and 1000),
  description text not null default '',
  dac_alias text not null default '',
  dac_email text not null default '',
  updated_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz
);

-- Independent verification addresses: how a person's identity was checked.
create table exeat.ivas (
  id uuid primary key default gen_random_uuid(),
  person int not null references exeat.people,
  kind text not null check (kind in ('phone', 'fax', 'postal_address', 'in_person')),
  verified bool not null default false,
  updated_at timestamptz not null default clock_timestamp()
);
create index on exeat.ivas (person);

create table exeat.access_requests (
  id bigint generated always as identity primary key,
  person int not null references exeat.people,
  iva uuid references exeat.ivas,
  dataset int not null references exeat.datasets,
  -- The dataset's words follow it while pending and stay as they were once decided.
  dataset_title text not null,
  dataset_description text not null,
  dac_alias text not null,
  dac_email text not null,
  email text not null check (length(email) between 3 and 320),
  request_text text not null,
  access_starts timestamptz not null,
  access_ends timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  status text not null default 'pending' check (status in ('pending', 'allowed', 'denied')),
  status_changed timestamptz,
  changed_by int references exeat.people,
  ticket_id text check (length(ticket_id) between 1 and 100),
  note_to_requester text check (length(note_to_requester) between 1 and 10000),
  row_version bigint not null default 1,
  touched_by int references exeat.people,
  touched_what text not null default 'created',
  touched_at timestamptz not null default clock_timestamp(),
  claimed_by int references exeat.people,
  claimed_until timestamptz,
  check (access_ends > access_starts),
  check ((status = 'pending') = (status_changed is null))
);
create index on exeat.access_requests (status, created_at, id);
create index on exeat.access_requests (person, created_at);
create index on exeat.access_requests (dataset, created_at);

-- Another audience, another table: requesters never read these.
create table exeat.request_internal_notes (
  request bigint primary key references exeat.access_requests,
  body text not null check (length(body) between 1 and 10000),
  author int not null references exeat.people,
  at timestamptz not null default clock_timestamp()
);

create table exeat.request_comments (
  id bigint generated always as identity primary key,
  request bigint not null references exeat.access_requests,
  author int not null references exeat.people,
  body text not null,
  at timestamptz not null default clock_timestamp()
);
create index on exeat.request_comments (request);

create table exeat.grants (
  id bigint generated always as identity primary key,
  person int not null references exeat.people,
  iva uuid references exeat.ivas,
  dataset int not null references exeat.datasets,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  request bigint unique references exeat.access_requests,  -- none: given by hand
  created_at timestamptz not null default clock_timestamp(),
  created_by int not null references exeat.people,
  revoked_at timestamptz,
  revoked_by int references exeat.people,
  revoke_class text check (revoke_class in ('ended', 'mistake', 'misuse')),
  revoke_reason text,
  row_version bigint not null default 1,
  touched_by int references exeat.people,
  touched_what text not null default 'created',
  touched_at timestamptz not null default clock_timestamp(),
  check (valid_until > valid_from),
  check ((revoked_at is null) = (revoke_class is null))
);
create index on exeat.grants (person, dataset);
create index on exeat.grants (dataset);
create index on exeat.grants (valid_until, id);

create table exeat.grant_events (
  id bigint generated always as identity primary key,
  grant_id bigint not null references exeat.grants,
  what text not null check (what in ('created', 'amended', 'revoked')),
  by int not null references exeat.people,
  at timestamptz not null default clock_timestamp(),
  old_until timestamptz,
  new_until timestamptz,
  reason text not null default ''
);
create index on exeat.grant_events (grant_id);

-- The answer to "has this person access to this dataset at that moment": until when, or why not, and by which grants.
create type exeat.access as (access bool, until timestamptz, code text, message text, grants bigint[]);
-- One row of the lists of requests or grants: the id, what the reader may know of it, and where the next page begins.
create type exeat.access_row as (id bigint, item jsonb, cursor jsonb);
grant usage on type exeat.access, exeat.access_row to exeat_person;
reset role;
