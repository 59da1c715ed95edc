-- The worker: its beat, tickets, intake, refreshes. Granted to exeat_worker only. Keys are whole object keys here;
-- below the project's prefix they are cut to what people see.
set role exeat_owner;

-- fault: why the journal proves nothing to this worker, so that it lets nothing out. People are told when it begins.
-- staging: where it puts releases together, so that no project is opened there.
drop function if exists exeat.worker_beat(text, text, int);
drop function if exists exeat.worker_beat(text, text, int, text);
create or replace function exeat.worker_beat(name text, host text, pid int, staging text, fault text) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  before text := (select w.fault from workers w where w.name = worker_beat.name);
begin
  insert into workers as w (name, host, pid, staging, fault)
  values (worker_beat.name, worker_beat.host, worker_beat.pid, worker_beat.staging, worker_beat.fault)
  on conflict on constraint workers_pkey do update set host = excluded.host, pid = excluded.pid, seen_at = clock_timestamp(), fault = excluded.fault,
    staging = excluded.staging,
    started_at = case when w.pid = excluded.pid and w.host = excluded.host then w.started_at else clock_timestamp() end;
  if fault is not null and before is null then
    perform alarm('journal', jsonb_build_object('worker', name), fault);
    perform worker_journal('proof_fault', jsonb_build_object('worker', name), done(format('Nothing leaves: %s', fault), null, null, 'journal'));
  end if;
end $$;

-- Each person's first, then each one's second: nobody waits behind another's hundreds.
drop function if exists exeat.open_tickets();
create or replace function exeat.open_tickets() returns table (ticket uuid, use text, bucket text, key bytea, version_id text, sha256 text, size bigint,
  media_type text, etag text, version bigint, release uuid)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select t.id, t.use, t.bucket, t.key, t.store_version, encode(t.sha256, 'hex'), t.size, t.media_type, t.etag, t.version,
    case when t.use = 'download' then (select r.id from releases r where r.case_id = t.case_id and r.state = 'done' and r.shared_bucket = t.bucket
      and r.shared_key = t.key order by r.number desc limit 1) end
  from tickets t where t.state = 'open' and t.asked_at > clock_timestamp() - interval '5 minutes'
  order by row_number() over (partition by t.person order by t.asked_at), t.asked_at limit 200
$$;

create or replace function exeat.answer_ticket(ticket uuid, url text, expires_at timestamptz) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  t tickets;
  why refusal;
begin
  -- The right may have ended since it was asked for: in a transaction committed late, it was not even seen to end.
  -- One that somebody's transaction holds waits for the next look, and the tickets of others do not wait for it.
  select * into t from tickets x where x.id = ticket and x.state = 'open' for no key update skip locked;
  if not found then return false; end if;
  why := ticket_why_not(t);
  if why is not null then
    perform refuse_ticket(ticket, why.message);
    return false;
  end if;
  update tickets x set state = 'answered', url = answer_ticket.url, expires_at = answer_ticket.expires_at
  where x.id = ticket and x.state = 'open' returning * into t;
  return true;
end $$;

create or replace function exeat.refuse_ticket(ticket uuid, why text) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  t tickets;
begin
  update tickets x set state = 'refused', refused = why, url = null where x.id = ticket and x.state = 'open' returning * into t;
  if not found then return false; end if;
  return true;
end $$;

-- Forgets addresses that no longer work, and requests nobody answered in time.
create or replace function exeat.expire_tickets() returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  n int;
begin
  update tickets set state = 'expired', url = null where id in (
    select id from tickets where (state = 'answered' and expires_at <= clock_timestamp())
      or (state = 'open' and asked_at <= clock_timestamp() - interval '5 minutes') for no key update skip locked);
  get diagnostics n = row_count;
  return n;
end $$;

drop function if exists exeat.intake_projects();
-- Numbers of the checks as text: what one administrator wrote there is read project by project. Faulted: some worker has said why it cannot.
create function exeat.intake_projects() returns table (project text, bucket text, prefix text, shared_bucket text, shared_prefix text, largest_file bigint,
  checks text, faulted bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.name, p.bucket, p.prefix, p.shared_bucket, p.shared_prefix,
    (select max(o.largest_file) from policies o where o.project = p.id and o.state = 'active'),
    (select jsonb_agg(o.checks order by o.id)::text from policies o where o.project = p.id and o.state = 'active'),
    exists (select from project_faults f where f.project = p.id)
  from projects p where exeat.not_open_why(p) is null order by p.name
$$;

create or replace function exeat.intake_known(project text, keys bytea[])
returns table (key bytea, version_id text, etag text, size bigint, modified_at timestamptz, sha256 text, blocked text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select convert_to(p.prefix, 'UTF8') || v.key, v.store_version, v.etag, v.size, v.modified_at, encode(v.sha256, 'hex'), v.blocked_reason
  -- Key by key through the index: a subquery that mentions the project would run once a version.
  from projects p cross join unnest(keys) k
  join file_versions v on v.project = p.id and v.key = substr(k, octet_length(p.prefix) + 1) and v.newest and v.gone_at is null
  where p.name = intake_known.project and substr(k, 1, octet_length(p.prefix)) = convert_to(p.prefix, 'UTF8')
$$;

-- Stops what is not released of a version whose bytes are no longer those at the key. The caller holds its lock.
-- `releasing` goes on: the worker that holds it compares every byte itself.
create or replace function exeat.stop_cases(p_version bigint) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  perform set_case(c.id, case when exists (select from votes where case_id = c.id) then 'altered' else 'superseded' end, null)
  from cases c where c.version = p_version and c.state in ('pending', 'approved', 'changes_requested', 'blocked');
  perform touch(p_version, null, 'bytes replaced or taken away');
end $$;

-- The submission of what was found without one.
create or replace function exeat.unannounced(p_project int) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  s bigint;
begin
  select id into s from submissions where project = p_project and submitted_by is null;
  if s is null then
    insert into submissions (project, purpose) values (p_project, 'Found in the location; nobody announced it.') on conflict do nothing returning id into s;
    if s is null then select id into s from submissions where project = p_project and submitted_by is null; end if;
  end if;
  return s;
end $$;

-- Where unannounced files are asked to go: `trusted` where the project has it, else its first destination.
create or replace function exeat.first_destination(p_project int) returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select destination from policies where project = p_project and state = 'active' order by destination = 'trusted' desc, id limit 1
$$;

-- The logins of those who named these bytes at this key as theirs.
create or replace function exeat.registered_by(p_project int, p_key bytea, p_sha256 bytea) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(distinct p.login), '[]') from exeat.registrations r join exeat.people p on p.id = r.person
  where r.project = p_project and r.key = p_key and r.sha256 = p_sha256
$$;

-- One object as the store has it now. Returns new, changed, same or busy, and the version.
create or replace function exeat.intake_one(p_project exeat.projects, p_key bytea, e jsonb, out what text, out made bigint)
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  hash bytea := decode(e->>'sha256', 'hex');
  f bigint;
  old file_versions;
  reg record;
  first submissions;
  destination text;
begin
  -- What could never be released is not decided either.
  if key_why_not(p_project, p_key) is not null then e := e || jsonb_build_object('blocked', key_why_not(p_project, p_key)); end if;
  insert into files (project, key) values (p_project.id, p_key) on conflict do nothing;
  select id into f from files where project = p_project.id and key = p_key for no key update;
  if exists (select from file_versions where file = f and newest) then
    -- Nobody's open transaction stops intake: a locked row waits for the next pass.
    select * into old from file_versions where file = f and newest for no key update skip locked;
    if not found then what := 'busy'; return; end if;
  end if;
  if old.id is not null and old.gone_at is null and old.sha256 is not distinct from hash and old.blocked_reason is not distinct from e->>'blocked'
      and (hash is not null or (old.size = (e->>'size')::bigint and old.etag is not distinct from e->>'etag'
        and old.store_version is not distinct from e->>'version_id')) then
    -- The same bytes, perhaps written again: the id stays with them.
    update file_versions set store_version = e->>'version_id', etag = e->>'etag', modified_at = (e->>'modified_at')::timestamptz
    where id = old.id and (store_version, etag, modified_at) is distinct from (e->>'version_id', e->>'etag', (e->>'modified_at')::timestamptz);
    what := 'same';
    made := old.id;
    return;
  end if;
  if old.id is not null then
    update file_versions set newest = false where id = old.id;
    if old.gone_at is null then perform stop_cases(old.id); end if;
  end if;
  select s.* into first from registrations r join submissions s on s.id = r.submission
  where r.project = p_project.id and r.key = p_key and r.sha256 = hash and r.version is null and r.withdrawn_at is null order by r.id limit 1;
  insert into file_versions (file, project, number, key, search_text, store_version, etag, sha256, size, media_type, modified_at, submission, submitted_by,
    origin_unknown, findings, blocked_reason)
  values (f, p_project.id, coalesce(old.number, 0) + 1, p_key, lower(key_text(p_key) || ' ' || coalesce(first.purpose, '')), e->>'version_id', e->>'etag', hash,
    (e->>'size')::bigint, e->>'media_type', (e->>'modified_at')::timestamptz, coalesce(first.id, unannounced(p_project.id)), first.submitted_by,
    first.id is null, coalesce(e->'findings', '[]'), e->>'blocked') returning id into made;
  for reg in select r.id from registrations r where r.project = p_project.id and r.key = p_key and r.sha256 = hash and r.version is null
    and r.withdrawn_at is null order by r.id
    -- One that its owner is just taking back waits for the worker's next round.
    for no key update skip locked loop
    perform bind(reg.id, made);
  end loop;
  destination := first_destination(p_project.id);
  if first.id is null and destination is not null then
    perform open_case(made, destination, unannounced(p_project.id));
  end if;
  perform touch(made, null, 'registered');
  perform worker_journal('intake', jsonb_build_object('version', made, 'sha256', e->>'sha256', 'size', (e->>'size')::bigint,
      'blocked', e->>'blocked', 'key_sha256', encode(sha256(p_key), 'hex'), 'origin_unknown', first.id is null,
      'registered_by', registered_by(p_project.id, p_key, hash)),
    done(case when old.id is null then 'Found in the store.' else 'Newer bytes found in the store.' end, null, null, 'version:' || made, p_project.name));
  what := case when old.id is null then 'new' else 'changed' end;
end $$;

-- Entries: [{"key_hex","version_id","etag","sha256","size","media_type","modified_at","findings","blocked","newest"}].
-- Answers {"new","changed","same","busy","outside","versions"}.
create or replace function exeat.intake_register(project text, pass bigint, entries jsonb) returns jsonb
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '5s'
as $$
declare
  p projects;
  e jsonb;
  whole bytea;
  root bytea;
  got record;
  counts jsonb := '{"new": 0, "changed": 0, "same": 0, "busy": 0, "outside": 0}';
  made jsonb := '[]';
  what text;
begin
  select * into p from projects where name = intake_register.project;
  if p.id is null then raise exception 'There is no project %', intake_register.project; end if;
  root := convert_to(p.prefix, 'UTF8');
  -- One order for everybody who locks many.
  for e in select x from jsonb_array_elements(entries) x order by x->>'key_hex' loop
    whole := decode(e->>'key_hex', 'hex');
    if substr(whole, 1, octet_length(root)) <> root or octet_length(whole) = octet_length(root) or (e->>'newest')::bool is false then
      what := 'outside';
    else
      select * into got from intake_one(p, substr(whole, octet_length(root) + 1), e);
      what := got.what;
      if got.what in ('new', 'changed') then made := made || to_jsonb(got.made); end if;
    end if;
    counts := jsonb_set(counts, array[what], to_jsonb((counts->>what)::int + 1));
  end loop;
  return counts || jsonb_build_object('versions', made);
end $$;

-- Objects gone: of the known keys after `from_key` up to `to_key` (null: no bound) those that are not in `present`.
-- Whole object keys in byte order. `pass`: when the listing began, in microseconds since 1970; what another worker registered
-- after that is not judged by it. Returns how many were found gone.
create or replace function exeat.intake_missing(project text, pass bigint, from_key bytea, to_key bytea, present bytea[]) returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '5s'
as $$
declare
  p projects;
  v file_versions;
  n int := 0;
  cut int;
begin
  select * into p from projects where name = intake_missing.project;
  if p.id is null then raise exception 'There is no project %', intake_missing.project; end if;
  -- Below the prefix, as the table has them, so that a range is read from the index.
  cut := octet_length(convert_to(p.prefix, 'UTF8')) + 1;
  for v in select x.* from file_versions x
    where x.project = p.id and x.newest and x.gone_at is null and x.submitted_at < to_timestamp(pass / 1e6)
      and (from_key is null or x.key > substr(from_key, cut)) and (to_key is null or x.key <= substr(to_key, cut))
      and x.key not in (select substr(k, cut) from unnest(present) k)
    order by x.key for no key update skip locked
  loop
    update file_versions set gone_at = clock_timestamp() where id = v.id;
    perform stop_cases(v.id);
    perform worker_journal('intake_missing', jsonb_build_object('version', v.id), done('No longer in the store.', null, null, 'version:' || v.id, p.name));
    n := n + 1;
  end loop;
  return n;
end $$;

-- Who waits for a pass: a row for each project they wait for; of all that are theirs where they named none, and none where that is none.
drop function if exists exeat.open_refreshes();
create function exeat.open_refreshes() returns table (id bigint, project text, person int)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.id, p.name, r.person from refreshes r left join projects p on p.id = any (case when r.project is null then projects_of(r.person)
    else array[r.project] end)
  where r.finished_at is null order by r.id, p.name
$$;

-- A pass begins that these wait for: what is asked for from now on waits for a later one.
create or replace function exeat.refreshes_begun(ids bigint[]) returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ update refreshes r set begun_at = clock_timestamp() where r.id = any (ids) and r.begun_at is null $$;

create or replace function exeat.finish_refresh(id bigint, found int) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  r refreshes;
begin
  -- By number: in PL/pgSQL the name found is the special variable, qualified or not.
  update refreshes x set finished_at = clock_timestamp(), found = $2 where x.id = $1 and x.finished_at is null returning * into r;
  if r.id is null then return false; end if;
  return true;
end $$;
reset role;
