-- The sealer in the worker numbers and chains committed journal rows; the chain's arithmetic is in src/domain/journal.rs.
set role exeat_owner;

create or replace function exeat.last_seal() returns table (seq bigint, hash text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select s.seq, s.hash from seals s order by s.seq desc limit 1 $$;

-- So many rows, and no more after the first 8 MB: a row may have megabytes, and the sealer's memory is bounded.
create or replace function exeat.unsealed_journal("limit" int)
returns table (id text, at text, person text, session_role text, via text, command text, command_id text, subject text, project text, request text, ok text,
  code text, sentence text, data text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select j.id::text, exeat.journal_time(j.at), j.person, j.session_role, j.via, j.command, j.command_id, j.subject, j.project, j.request, j.ok::text,
    j.code, j.sentence, j.data
  from (select u.journal_id, exeat.journal_size(i.request, i.sentence, i.data) as size,
      sum(exeat.journal_size(i.request, i.sentence, i.data)) over (order by u.journal_id rows unbounded preceding) as upto
    from unsealed u join journal i on i.id = u.journal_id order by u.journal_id limit "limit") x
  join journal j on j.id = x.journal_id where x.upto - x.size < 8388608 order by j.id
$$;

-- rows: [{"seq","journal_id","hash"}]. They continue the chain without a gap or nothing is written; a second sealer fails here.
create or replace function exeat.add_seals(rows jsonb) returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '5s'
as $$
declare
  next_seq bigint;
  n int;
begin
  lock table seals in share row exclusive mode;
  next_seq := coalesce((select max(seq) from seals), 0) + 1;
  if exists (select from jsonb_array_elements(rows) with ordinality x(e, i) where (e->>'seq')::bigint <> next_seq + i - 1) then
    raise exception 'The seals do not continue the chain at %; another sealer was first', next_seq;
  end if;
  insert into seals (seq, journal_id, hash) select (e->>'seq')::bigint, (e->>'journal_id')::bigint, e->>'hash' from jsonb_array_elements(rows) e;
  get diagnostics n = row_count;
  delete from unsealed where journal_id in (select (e->>'journal_id')::bigint from jsonb_array_elements(rows) e);
  return n;
end $$;

-- `at` is part of what was signed, so it is kept as the text that was signed.
create or replace function exeat.add_head(seq bigint, hash text, signature text, public_key text, at text) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  made bigint;
begin
  if not exists (select from seals s where s.seq = add_head.seq and s.hash = add_head.hash) then
    raise exception 'There is no seal % with this hash', add_head.seq;
  end if;
  insert into heads (seq, hash, at, signature, public_key) values (add_head.seq, add_head.hash, add_head.at, add_head.signature, add_head.public_key)
    returning id into made;
  return made;
end $$;

create or replace function exeat.last_head() returns table (id bigint, seq bigint, hash text, at text, signature text, public_key text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select h.id, h.seq, h.hash, h.at, h.signature, h.public_key from heads h order by h.id desc limit 1 $$;
reset role;
