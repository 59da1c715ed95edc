-- Reading the journal. Auditors and administrators read all of it, others their own rows.
set role exeat_owner;

-- The stored text that is hashed: the same for every reader, whatever their time zone.
create or replace function exeat.journal_time(p_at timestamptz) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- What a row weighs, for pages; nothing is decompressed for it.
create or replace function exeat.journal_size(p_request text, p_sentence text, p_data text) returns bigint
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return 200::bigint + coalesce(octet_length(p_request), 0) + coalesce(octet_length(p_sentence), 0) + coalesce(octet_length(p_data), 0);
end $$;

-- A filter of the journal, or a mistake by the name of the part: one that is not known would silently show too much.
create or replace function exeat.checked_journal_filter(p_filter jsonb) returns jsonb
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  kinds jsonb := '{"person": "text", "command": "text", "subject": "text", "project": "text", "ok": "bool", "after": "time", "before": "time"}';
  part text;
begin
  if coalesce(jsonb_typeof(p_filter), 'object') <> 'object' then perform misread('The filter has to be a JSON object.'); end if;
  for part in select k from jsonb_object_keys(jsonb_strip_nulls(p_filter)) k loop
    if fits(p_filter->part, kinds->>part) is not true then perform misread('The filter has an unknown or malformed part: %s.', part); end if;
  end loop;
  return p_filter;
end $$;

-- A page ends with the row that fills 8 MB, whatever number of rows was asked for; the next begins after it.
create or replace function exeat.journal_page(filter jsonb default '{}', after bigint default 0, page int default 100)
returns table (id bigint, at timestamptz, person text, session_role text, via text, command text, command_id text, subject text, project text,
  request text, ok bool, code text, sentence text, data text, seq bigint, hash text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select x.id, x.at, x.person, x.session_role, x.via, x.command, x.command_id, x.subject, x.project, x.request, x.ok, x.code, x.sentence, x.data, x.seq, x.hash
  from (select j.*, s.seq, s.hash, exeat.journal_size(j.request, j.sentence, j.data) as size,
    sum(exeat.journal_size(j.request, j.sentence, j.data)) over (order by j.id rows unbounded preceding) as upto
  from journal j left join seals s on s.journal_id = j.id
  where j.id > coalesce(journal_page.after, 0) and (select exeat.checked_journal_filter(filter) is null) is not null
    and ((select exeat.sees_people()) or j.person = (select (exeat.me()).login))
    and (filter->>'person' is null or j.person = filter->>'person')
    and (filter->>'command' is null or j.command = filter->>'command')
    and (filter->>'subject' is null or j.subject = filter->>'subject')
    and (filter->>'project' is null or j.project = filter->>'project')
    and (filter->>'ok' is null or j.ok = (filter->>'ok')::bool)
    and (filter->>'after' is null or j.at >= (filter->>'after')::timestamptz)
    and (filter->>'before' is null or j.at <= (filter->>'before')::timestamptz)
  order by j.id limit least(greatest(coalesce(page, 100), 1), 1000)) x
  where x.upto - x.size < 8388608 order by x.id
$$;

-- Sealed rows in the order of their seals, as text, for verification: a seal without its row has nulls. Pages end as above. For the worker.
create or replace function exeat.sealed_rows(after_seq bigint, page int default 1000)
returns table (seq bigint, hash text, journal_id text, id text, at text, person text, session_role text, via text, command text, command_id text,
  subject text, project text, request text, ok text, code text, sentence text, data text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select x.seq, x.hash, x.journal_id::text, x.id::text, exeat.journal_time(x.at), x.person, x.session_role, x.via, x.command, x.command_id, x.subject,
    x.project,
    x.request, x.ok::text, x.code, x.sentence, x.data
  from (select j.*, s.seq, s.hash, s.journal_id, exeat.journal_size(j.request, j.sentence, j.data) as size,
      sum(exeat.journal_size(j.request, j.sentence, j.data)) over (order by s.seq rows unbounded preceding) as upto
    from seals s left join journal j on j.id = s.journal_id
    where s.seq > after_seq order by s.seq limit least(greatest(page, 1), 10000)) x
  where x.upto - x.size < 8388608 order by x.seq
$$;

-- The same for auditors and administrators.
create or replace function exeat.journal_rows(after_seq bigint, page int default 1000)
returns table (seq bigint, hash text, journal_id text, id text, at text, person text, session_role text, via text, command text, command_id text,
  subject text, project text, request text, ok text, code text, sentence text, data text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select * from exeat.sealed_rows(after_seq, page) where (select exeat.sees_people()) $$;

-- Journal rows that have no seal: waiting ones, or ones whose seal was taken away.
create or replace function exeat.journal_unsealed() returns table (id bigint, waiting bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select j.id, u.journal_id is not null from journal j left join seals s on s.journal_id = j.id left join unsealed u on u.journal_id = j.id
  where s.seq is null and (select exeat.sees_people()) order by j.id
$$;

create or replace function exeat.journal_heads() returns table (id bigint, seq bigint, hash text, at text, signature text, public_key text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select h.id, h.seq, h.hash, h.at, h.signature, h.public_key from heads h where (select exeat.sees_people()) order by h.id $$;

-- The next few heads from an entry on.
create or replace function exeat.journal_heads_after(p_seq bigint) returns table (id bigint, seq bigint, hash text, at text, signature text, public_key text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select h.id, h.seq, h.hash, h.at, h.signature, h.public_key from heads h where h.seq >= p_seq and (select exeat.sees_people()) order by h.seq, h.id limit 10
$$;
reset role;
