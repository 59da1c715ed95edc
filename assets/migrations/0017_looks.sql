-- Who opened which file version and what of it their screens drew; and whether a destination lets approve what was never opened.
set role exeat_owner;
create table exeat.looks (
  person int not null references exeat.people,
  version bigint not null references exeat.file_versions,
  opened_at timestamptz not null default clock_timestamp(),  -- a ticket was given and journalled
  -- What the person's program declares; null until it has.
  unit text check (unit in ('cells', 'lines', 'facts')),
  rows bigint not null default 0,  -- there are, as far as they were read
  columns bigint not null default 0,
  whole bool not null default false,  -- read to the end
  drawn bigint not null default 0,  -- units
  parts jsonb,  -- at most 256 rectangles [row from, to, column from, to]
  primary key (version, person)
);
insert into exeat.looks (person, version, opened_at)
  select person, version, min(asked_at) from exeat.tickets where version is not null group by person, version;

alter table exeat.policies add column unseen text not null default 'ask' check (unseen in ('ask', 'allow', 'refuse'));
reset role;
