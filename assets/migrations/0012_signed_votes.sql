-- Votes signed by the voter: which site this is, people's SSH keys, what was signed, and which destinations ask for it.
set role exeat_owner;

-- What every signed text begins with, so that a vote of one site is none of another.
create table exeat.site (
  one bool primary key default true check (one),
  id uuid not null default gen_random_uuid()
);
insert into exeat.site default values;

create table exeat.signing_keys (
  id bigint generated always as identity primary key,
  person int not null references exeat.people,
  public_key text not null check (length(public_key) <= 4000),  -- 'ssh-ed25519 AAAA…', without a comment
  fingerprint text not null,  -- 'SHA256:…', as ssh-keygen -l has it
  added_at timestamptz not null default clock_timestamp(),
  confirmed_by int references exeat.people,
  confirmed_at timestamptz,
  ended_by int references exeat.people,
  ended_at timestamptz
);
create unique index signing_keys_live on exeat.signing_keys (fingerprint) where ended_at is null;
create index on exeat.signing_keys (person);

create table exeat.vote_signatures (
  vote bigint primary key references exeat.votes,
  person int not null references exeat.people,
  command_id uuid not null,
  key bigint not null references exeat.signing_keys,
  signed text not null,  -- one line a vote; this vote's is among them
  signature text not null,  -- armored, as ssh-keygen -Y sign writes it
  checked_at timestamptz,
  good bool,
  trust text check (trust in ('allowed_signers', 'database')),  -- where the worker knows the key from
  why text,  -- where it is not good
  unique (person, command_id)
);
create index vote_signatures_unchecked on exeat.vote_signatures (vote) where checked_at is null;

alter type exeat.caller add attribute command_id uuid;
alter table exeat.policies add column signatures text not null default 'off' check (signatures in ('off', 'wanted', 'required'));
reset role;
