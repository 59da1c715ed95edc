-- What two administrators say: projects that open, move and close; whose heads count where a key was lost or a backup restored. And where
-- workers put releases together. What a site has stays as it is.
set role exeat_owner;
alter table exeat.projects
  add column opened_at timestamptz,  -- none: proposed, and nothing of it is worked on
  add column closed_at timestamptz,
  add column closed_reason text,
  add constraint projects_closed check ((closed_at is null) = (closed_reason is null) and (closed_at is null or opened_at is not null));
update exeat.projects set opened_at = created_at;
create table exeat.project_changes (
  id bigint generated always as identity primary key,
  project int not null references exeat.projects,
  kind text not null check (kind in ('open', 'move', 'close')),
  -- its places once the change is done
  bucket text not null,
  prefix text not null,
  shared_bucket text not null,
  shared_prefix text not null,
  reason text,
  state text not null default 'proposed' check (state in ('proposed', 'done', 'dropped')),
  proposed_by int not null references exeat.people,
  proposed_at timestamptz not null default clock_timestamp(),
  confirmed_by int references exeat.people,
  confirmed_at timestamptz,
  check ((state = 'done') = (confirmed_by is not null) and (confirmed_by is null) = (confirmed_at is null))
);
create unique index project_changes_proposed on exeat.project_changes (project) where state = 'proposed';
alter table exeat.workers add column staging text;
create table exeat.renewals (
  id bigint generated always as identity primary key,
  why text not null check (why in ('lost_key', 'restored')),
  public_key text check (public_key ~ '^[0-9a-f]{64}$'),
  reason text not null,
  proposed_by int not null references exeat.people,
  proposed_at timestamptz not null default clock_timestamp(),
  confirmed_by int references exeat.people,
  confirmed_at timestamptz,
  check ((why = 'lost_key') = (public_key is not null) and (confirmed_by is null) = (confirmed_at is null))
);
reset role;
