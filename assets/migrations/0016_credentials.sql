-- Credentials of programs that come through a service: what the server of HTTP knows portals and gateways by.
set role exeat_owner;
create table exeat.credentials (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  service text not null references exeat.services,
  person int references exeat.people,  -- whom it is where a request names nobody
  acts_for text[] not null,            -- logins; * is everybody
  rights text[] not null,
  secret text not null,                -- argon2id, as PHC strings have it; the secret itself is nowhere
  since timestamptz not null default clock_timestamp(),
  added_by int not null references exeat.people,
  changed_at timestamptz,
  ended_at timestamptz                 -- for good: the name does not begin again
);
alter type exeat.caller add attribute credential text;
reset role;
