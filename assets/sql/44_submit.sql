-- Submitting: registrations, and what binds them to the bytes that come.
set role exeat_owner;

-- For looking at and searching only; never used to find an object.
create or replace function exeat.key_text(p_key bytea) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return convert_from(p_key, 'UTF8');
exception when others then
  return encode(p_key, 'escape');
end $$;

-- Why a case in this state is not opened again by asking once more for the same bytes; null where it is, or there is none.
create or replace function exeat.reopen_why_not(p_state text, p_destination text) returns exeat.refusal
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case p_state
    when 'rejected' then because('decided', format('These bytes were rejected for %s. A changed file has to be submitted.', p_destination))
    when 'recalled' then because('recalled', format('These bytes were recalled from %s. Two people can restore them.', p_destination)) end;
end $$;

-- Journals that votes were counted again and the case moved, nobody having voted.
create or replace function exeat.recounted(p_case bigint, p_was text) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  c record;
begin
  select x.*, p.name into c from cases x join projects p on p.id = x.project where x.id = p_case;
  perform worker_journal('lapse_votes', jsonb_build_object('version', c.version, 'destination', c.destination),
    done(format('Votes counted again for %s: %s became %s.', c.destination, p_was, c.state), null, case_standing(c.id), 'version:' || c.version, c.name));
end $$;

-- Opens a case for a destination, or brings an existing one under a newer submission. The caller holds the version's lock.
-- Returns null, or why the case stays as it is.
create or replace function exeat.open_case(p_version bigint, p_destination text, p_submission bigint) returns exeat.refusal
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  v file_versions;
  c cases;
begin
  select * into v from file_versions where id = p_version;
  select * into c from cases where version = p_version and destination = p_destination;
  if c.id is null then
    insert into cases (version, project, destination, submission, state) values (p_version, v.project, p_destination, p_submission, 'pending')
    returning * into c;
  elsif reopen_why_not(c.state, p_destination) is not null then
    return reopen_why_not(c.state, p_destination);
  elsif c.state = 'withdrawn' then
    -- Submitted again: nothing of the first turn counts.
    perform end_votes(c.id);
    perform set_case(c.id, 'pending', null);
    update cases set submission = p_submission where id = c.id;
  elsif (select submitted_by is null from submissions where id = c.submission) then
    update cases set submission = p_submission where id = c.id;
  end if;
  if settle(c.id, null) and exists (select from votes where case_id = c.id) then perform recounted(c.id, c.state); end if;
  return null;
end $$;

-- Binds a registration to the version with its key and hash.
create or replace function exeat.bind(p_registration bigint, p_version bigint) returns exeat.refusal
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  s submissions;
  why refusal;
begin
  update registrations set version = p_version, bound_at = clock_timestamp() where id = p_registration and version is null and withdrawn_at is null;
  if not found then return because('not_pending', 'It was bound or taken back meanwhile.'); end if;
  select x.* into s from submissions x join registrations r on r.submission = x.id where r.id = p_registration;
  why := open_case(p_version, s.destination, s.id);
  if why is not null then
    update registrations set version = null, bound_at = null where id = p_registration;
    return why;
  end if;
  -- Asked for again by the same person: the newest asking is the one that stands, so that a thousand are one.
  update registrations o set withdrawn_at = clock_timestamp() from submissions x where x.id = o.submission and x.destination = s.destination
    and o.version = p_version and o.person = s.submitted_by and o.id <> p_registration and o.withdrawn_at is null;
  if found then perform pass_on(p_version, s.destination); end if;
  -- Announced at last: shown under its announcer, though who put it there stays unknown and the rule for that stays too.
  update file_versions v set submission = s.id, submitted_by = s.submitted_by, search_text = lower(key_text(v.key) || ' ' || s.purpose)
  where v.id = p_version and (select submitted_by is null from submissions where id = v.submission);
  -- A case nobody asked for and nobody voted on gives way to the one asked for.
  update cases c set state = 'withdrawn', state_by = s.submitted_by, state_at = clock_timestamp()
  where c.version = p_version and c.destination <> s.destination and c.state = 'pending'
    and (select submitted_by is null from submissions where id = c.submission)
    and not exists (select from votes where case_id = c.id);
  return null;
end $$;

-- Why an object of the project with this key can never be released; null where it can. The shared place has its own prefix, the
-- project, the destination and the version before the key, and a store takes 1,024 bytes: there is room for the longest of each
-- (a destination of 63 bytes, a version of 19 digits).
create or replace function exeat.key_why_not(p exeat.projects, p_key bytea) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  most int := 1024 - greatest(octet_length(p.prefix), octet_length(p.shared_prefix) + octet_length(p.name) + 63 + 19 + 3);
begin
  return case when octet_length(p_key) > most
    then format('Its name has %s bytes and may have %s in this project, so that it fits where released files go: give it a shorter one.',
      octet_length(p_key), most) end;
end $$;

-- The files of a submission as rows.
create or replace function exeat.listed_files(p_files jsonb) returns table (n bigint, key text, sha256 text, size numeric)
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select n, e->>'key', e->>'sha256', case when jsonb_typeof(e->'size') = 'number' then (e->>'size')::numeric end
  from jsonb_array_elements(p_files) with ordinality x (e, n)
$$;

-- Why a list of files cannot be registered, all of it; null where it can.
create or replace function exeat.files_why_not(p exeat.projects, pol exeat.policies, p_files jsonb) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  bad record;
  why refusal;
begin
  if jsonb_array_length(p_files) not between 1 and 10000 then
    return because('invalid', 'A submission has between 1 and 10,000 files.');
  end if;
  why := entries_why_not(p_files, '{key:text,sha256:text,size:json}');
  if why is not null then return why; end if;
  select count(*) filter (where coalesce(key, '') = '') as nameless, count(distinct key) <> count(*) as twice,
    count(*) filter (where coalesce(sha256, '') !~ '^[0-9a-fA-F]{64}$') as unhashed,
    count(*) filter (where size is null or size not between 0 and 9223372036854775807 or size <> trunc(size)) as unmeasured,
    count(*) filter (where size > pol.largest_file) as large,
    min(key_why_not(p, convert_to(key, 'UTF8'))) as long into bad from listed_files(p_files);
  return case
    when bad.nameless > 0 or bad.twice then because('invalid', 'Two files of the submission have the same key, or one has none.')
    when bad.unhashed > 0 then because('invalid', 'A sha256 is not 64 hexadecimal digits.')
    when bad.unmeasured > 0 then because('invalid', 'A size is not a whole number of bytes.')
    when bad.long is not null then because('invalid', bad.long)
    when bad.large > 0 then because('too_large', format('A file is larger than the policy of %s for %s allows (%s bytes).', p.name, pol.destination,
      pol.largest_file)) end;
end $$;

-- Registered files whose bytes have not come, of one person in all projects: as many as three of the longest lists.
create or replace function exeat.registrations_why_not(p_person int, p_more int) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  waiting int := (select count(*) from (select from registrations where person = p_person and version is null and withdrawn_at is null limit 30001) x);
begin
  if waiting + p_more <= 30000 then return null; end if;
  return because('too_many', format('The bytes of %s files you registered have not come, and of 30,000 at most may be missing. '
    'Upload them, or take submissions back, as with exeat egress withdraw --submission %s.', waiting,
    (select submission from registrations where person = p_person and version is null and withdrawn_at is null order by id limit 1)));
end $$;

-- Registers and binds nothing: bytes that are there already are bound by the worker, a few at a time, for each takes a file's lock.
create or replace function exeat.do_register_submission(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p projects;
  pol policies;
  why refusal;
  s bigint;
  made jsonb;
begin
  select * into p from projects where name = q->>'project' and id = any (projects_of(me.person));
  if p.id is null then return no_such('project', q->>'project'); end if;
  if not has_role(me.person, p.id, 'researcher') then
    return refuse('forbidden', format('Only researchers of %s may submit files.', p.name), 'project:' || p.name, p.name);
  end if;
  why := paused_why(p.id);
  if why is not null then return refuse(why, 'project:' || p.name, p.name); end if;
  select * into pol from policies where project = p.id and destination = q->>'destination' and state = 'active';
  if pol.id is null then
    return refuse('invalid', format('%s sends nothing to %s; it may go to %s.', p.name, coalesce(quoted(q->>'destination'), '(none named)'),
      coalesce(any_of(array(select destination from policies where project = p.id and state = 'active' order by 1)), 'no destination yet')),
        'project:' || p.name, p.name);
  elsif btrim(q->>'purpose', E' \t\r\n') = '' then
    return refuse('invalid', 'Say what the files are for: the purpose is empty.', 'project:' || p.name, p.name);
  elsif length(q->>'purpose') > 10000 then
    return refuse('too_large', 'A purpose has at most 10,000 characters.', 'project:' || p.name, p.name);
  end if;
  perform one_at_a_time(me.person);
  why := files_why_not(p, pol, q->'files');
  if why is null then why := registrations_why_not(me.person, jsonb_array_length(q->'files')); end if;
  if why is not null then return refuse(why, 'project:' || p.name, p.name); end if;

  insert into submissions (project, destination, purpose, submitted_by, turn)
  select p.id, pol.destination, q->>'purpose', me.person, 1 + coalesce(max(s2.turn), 0)
  from submissions s2 join registrations r2 on r2.submission = s2.id
  where s2.destination = pol.destination and r2.person = me.person and r2.project = p.id
    and r2.key = any (array(select convert_to(key, 'UTF8') from listed_files(q->'files')))
  returning id into s;
  insert into registrations (submission, person, project, key, sha256, size)
  select s, me.person, p.id, convert_to(key, 'UTF8'), decode(sha256, 'hex'), size::bigint from listed_files(q->'files') order by n;
  select jsonb_agg(jsonb_build_object('id', r.id, 'key', l.key, 'version', v.id, 'why_not', to_jsonb(reopen_why_not(c.state, pol.destination)))
    order by l.n) into made
  from listed_files(q->'files') l join registrations r on r.submission = s and r.key = convert_to(l.key, 'UTF8')
  left join files f on f.project = p.id and f.key = r.key
  left join file_versions v on v.file = f.id and v.newest and v.sha256 = r.sha256 and v.gone_at is null
  left join cases c on c.version = v.id and c.destination = pol.destination;
  perform changed(p.id, null, 'submission', s, 'registered');
  return done(format('Registered %s %s for %s.', jsonb_array_length(made), case jsonb_array_length(made) when 1 then 'file' else 'files' end,
    pol.destination), null,
    jsonb_build_object('submission', s, 'registrations', made), 'submission:' || s, p.name);
end $$;

-- Binds registrations whose bytes are there: those of bytes that came before, and those that crossed with intake. Young ones, or now and
-- then all. Each person's first, then each one's second. A locked version waits for the next call. Returns how many were bound.
create or replace function exeat.bind_registrations(p_all bool default false) returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  next record;
  n int := 0;
  news bool;
begin
  for next in select x.id, x.version, x.person, x.destination from (
      select r.id, v.id as version, r.person, s.destination, row_number() over (partition by r.person order by r.id) as turn
      from registrations r join submissions s on s.id = r.submission join files f on f.project = r.project and f.key = r.key
      join file_versions v on v.file = f.id and v.newest and v.sha256 = r.sha256 and v.gone_at is null
      left join cases c on c.version = v.id and c.destination = s.destination
      where r.version is null and r.withdrawn_at is null and (p_all or r.created_at > clock_timestamp() - interval '10 minutes')
        and reopen_why_not(c.state, s.destination) is null) x
    order by x.turn, x.id limit 20
  loop
    perform from file_versions where id = next.version for no key update skip locked;
    continue when not found;
    perform from registrations where id = next.id and version is null and withdrawn_at is null for no key update skip locked;
    continue when not found;
    -- Asked for once more by the same person: no news for those who look at it.
    news := not is_asked(next.version, next.destination, next.person);
    if bind(next.id, next.version) is null then
      if news then perform touch(next.version, null, 'submitted'); end if;
      n := n + 1;
    end if;
  end loop;
  return n;
end $$;

-- Takes back what of a submission has not come, so that it is waited for no longer.
create or replace function exeat.do_withdraw_submission(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  s submissions;
  p text;
  n int;
begin
  select * into s from submissions where id = (q->>'submission')::bigint and submitted_by = me.person;
  if s.id is null then return no_such('submission of yours', q->>'submission'); end if;
  p := (select name from projects where id = s.project);
  update registrations set withdrawn_at = clock_timestamp() where submission = s.id and version is null and withdrawn_at is null;
  get diagnostics n = row_count;
  if n = 0 then
    return refuse('not_pending',
      format('Nothing of submission %s is waited for: its files came, or were taken back. Files that came are taken back one by one.', s.id),
      'submission:' || s.id, p);
  end if;
  perform changed(s.project, null, 'submission', s.id, 'taken back');
  return done(format('Submission %s: %s of its files %s waited for no longer.', s.id, n, case n when 1 then 'is' else 'are' end), null,
    jsonb_build_object('withdrawn', n), 'submission:' || s.id, p);
end $$;

-- What became of a submission's files: no version yet means intake has not found those bytes.
create or replace function exeat.submission_state_of(p_person int, p_submission bigint)
returns table (registration bigint, key bytea, sha256 text, version bigint)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.id, r.key, encode(r.sha256, 'hex'), r.version from registrations r join submissions s on s.id = r.submission
  where s.id = p_submission and s.project = any ((select exeat.projects_of(p_person))::int[]) order by r.id
$$;

create or replace function exeat.submission_state(submission bigint)
returns table (registration bigint, key bytea, sha256 text, version bigint)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select s.* from exeat.submission_state_of((exeat.me()).person, submission) s $$;

create or replace function exeat.submission_state_for(person text, submission bigint)
returns table (registration bigint, key bytea, sha256 text, version bigint)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select s.* from exeat.submission_state_of(exeat.reader(person), submission) s $$;
reset role;
