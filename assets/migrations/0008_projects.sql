-- A project that is paused, by whom and why; and what keeps a worker from working on one, in that worker's words.
set role exeat_owner;
alter table exeat.projects
  add column paused_by int references exeat.people,
  add column paused_at timestamptz,
  add column paused_reason text,
  add constraint projects_paused check ((paused_at is null) = (paused_by is null) and (paused_at is null) = (paused_reason is null));
create table exeat.project_faults (
  project int not null references exeat.projects,
  worker text not null,
  closes bool not null,  -- its addresses and releases stop too: what is put together for others would lie where people read or write
  fault text not null,
  since timestamptz not null default clock_timestamp(),
  primary key (project, worker)
);
reset role;
