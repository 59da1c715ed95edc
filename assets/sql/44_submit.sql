-- Submitting, tickets, downloads, refreshes.
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
  elsif c.state = 'rejected' then
    return because('decided', format('These bytes were rejected for %s. A changed file has to be submitted.', p_destination));
  elsif c.state = 'recalled' then
    return because('recalled', format('These bytes were recalled from %s. Two people can restore them.', p_destination));
  elsif c.state = 'withdrawn' then
    -- Submitted again: nothing of the first turn counts.
    update votes set standing = false, ended_at = clock_timestamp() where case_id = c.id and standing;
    perform set_case(c.id, 'pending', null);
    update cases set submission = p_submission where id = c.id;
  elsif (select submitted_by is null from submissions where id = c.submission) then
    update cases set submission = p_submission where id = c.id;
  end if;
  perform settle(c.id, null);
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
  update registrations set version = p_version, bound_at = clock_timestamp() where id = p_registration;
  select x.* into s from submissions x join registrations r on r.submission = x.id where r.id = p_registration;
  why := open_case(p_version, s.destination, s.id);
  if why is not null then
    update registrations set version = null, bound_at = null where id = p_registration;
    return why;
  end if;
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

create or replace function exeat.do_register_submission(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p projects;
  pol policies;
  entry jsonb;
  raw bytea;
  s bigint;
  r bigint;
  v file_versions;
  why refusal;
  made jsonb := '[]';
begin
  select * into p from projects where name = q->>'project' and id = any (projects_of(me.person));
  if p.id is null then return no_such('project', q->>'project'); end if;
  if not has_role(me.person, p.id, 'researcher') then
    return refuse('forbidden', format('Only researchers of %s may submit files.', p.name), 'project:' || p.name, p.name);
  end if;
  select * into pol from policies where project = p.id and destination = q->>'destination' and state = 'active';
  if pol.id is null then
    return refuse('invalid', format('%s sends nothing to %s; it may go to %s.', p.name, coalesce(quoted(q->>'destination'), '(none named)'),
      coalesce(any_of(array(select destination from policies where project = p.id and state = 'active' order by 1)), 'no destination yet')), 'project:' || p.name, p.name);
  elsif btrim(coalesce(q->>'purpose', ''), E' \t\r\n') = '' then
    return refuse('invalid', 'Say what the files are for: the purpose is empty.', 'project:' || p.name, p.name);
  elsif length(q->>'purpose') > 10000 then
    return refuse('too_large', 'A purpose has at most 10,000 characters.', 'project:' || p.name, p.name);
  elsif jsonb_typeof(q->'files') is distinct from 'array' or jsonb_array_length(q->'files') not between 1 and 10000 then
    return refuse('invalid', 'A submission has between 1 and 10,000 files.', 'project:' || p.name, p.name);
  elsif (select count(distinct e->>'key') from jsonb_array_elements(q->'files') e) <> jsonb_array_length(q->'files') then
    return refuse('invalid', 'Two files of the submission have the same key, or one has none.', 'project:' || p.name, p.name);
  end if;
  -- All of it is checked before anything is written.
  for entry in select * from jsonb_array_elements(q->'files') loop
    if coalesce(entry->>'key', '') = '' or octet_length(convert_to(p.prefix || (entry->>'key'), 'UTF8')) > 1024 then
      return refuse('invalid', 'A key is empty or, with its location, longer than 1,024 bytes.', 'project:' || p.name, p.name);
    elsif coalesce(entry->>'sha256', '') !~ '^[0-9a-fA-F]{64}$' then
      return refuse('invalid', 'A sha256 is not 64 hexadecimal digits.', 'project:' || p.name, p.name);
    elsif jsonb_typeof(entry->'size') is distinct from 'number' or (entry->>'size')::numeric not between 0 and 9223372036854775807
        or (entry->>'size')::numeric <> trunc((entry->>'size')::numeric) then
      return refuse('invalid', 'A size is not a whole number of bytes.', 'project:' || p.name, p.name);
    elsif (entry->>'size')::numeric > pol.largest_file then
      return refuse('too_large', format('A file is larger than the policy of %s for %s allows (%s bytes).', p.name, pol.destination, pol.largest_file), 'project:' || p.name, p.name);
    end if;
  end loop;

  insert into submissions (project, destination, purpose, submitted_by, turn)
  select p.id, pol.destination, q->>'purpose', me.person, 1 + coalesce(max(s2.turn), 0)
  from submissions s2 join registrations r2 on r2.submission = s2.id
  where s2.submitted_by = me.person and s2.project = p.id and s2.destination = pol.destination
    and r2.key in (select convert_to(e->>'key', 'UTF8') from jsonb_array_elements(q->'files') e)
  returning id into s;
  for entry in select * from jsonb_array_elements(q->'files') loop
    raw := convert_to(entry->>'key', 'UTF8');
    insert into registrations (submission, project, key, sha256, size)
    values (s, p.id, raw, decode(entry->>'sha256', 'hex'), (entry->>'size')::numeric::bigint) returning id into r;
    select fv.* into v from files f join file_versions fv on fv.file = f.id and fv.newest
    where f.project = p.id and f.key = raw and fv.sha256 = decode(entry->>'sha256', 'hex') and fv.gone_at is null
    for no key update of fv;
    if found then
      why := bind(r, v.id);
      if why is null then perform touch(v.id, me.person, 'submitted'); end if;
    end if;
    made := made || jsonb_build_object('id', r, 'key', entry->>'key', 'version', case when v.id is not null and why is null then v.id end,
      'why_not', case when v.id is not null then to_jsonb(why) end);
    v := null;
    why := null;
  end loop;
  perform changed(p.id, null, 'submission', s, 'registered');
  return done(format('Registered %s %s for %s.', jsonb_array_length(made), case jsonb_array_length(made) when 1 then 'file' else 'files' end, pol.destination), null,
    jsonb_build_object('submission', s, 'registrations', made), 'submission:' || s, p.name);
end $$;

create or replace function exeat.do_ask_upload(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r registrations;
  p projects;
  there file_versions;
  made uuid;
begin
  select x.* into r from registrations x join submissions s on s.id = x.submission
  where x.id = (q->>'registration')::bigint and s.submitted_by = me.person;
  if r.id is null then return no_such('registered file', q->>'registration'); end if;
  select * into p from projects where id = r.project;
  if not has_role(me.person, p.id, 'researcher') then
    return refuse('forbidden', format('Only researchers of %s may submit files.', p.name), 'submission:' || r.submission, p.name);
  elsif r.version is not null then
    return refuse('not_pending', 'These bytes are already there and bound to your submission.', 'submission:' || r.submission, p.name);
  elsif paused_why(p.id) is not null then
    return refuse(paused_why(p.id), 'submission:' || r.submission, p.name);
  end if;
  -- Uploading replaces what lies at the key: one's own, never what someone else waits for.
  select v.* into there from files f join file_versions v on v.file = f.id and v.newest and v.gone_at is null
  where f.project = p.id and f.key = r.key and v.sha256 is distinct from r.sha256 and v.submitted_by <> me.person
    and exists (select from cases c where c.version = v.id and c.state in ('pending', 'approved', 'changes_requested', 'blocked', 'releasing'));
  if there.id is not null then
    return refuse('key_taken', format('%s submitted another file under this name (version %s) and it is not decided yet. Choose another name for yours.',
      (select full_name from people where id = there.submitted_by), there.id), 'submission:' || r.submission, p.name);
  end if;
  insert into tickets (person, use, registration, bucket, key, sha256, size)
  values (me.person, 'upload', r.id, p.bucket, convert_to(p.prefix, 'UTF8') || r.key, r.sha256, r.size) returning id into made;
  perform changed(null, me.person, 'ticket', null, 'asked');
  return done('Asked for a place to upload to.', null, jsonb_build_object('ticket', made), 'submission:' || r.submission, p.name);
end $$;

create or replace function exeat.do_ask_ticket(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  target bigint := (q->>'version')::bigint;
  subject text := 'version:' || target;
  f facts;
  why refusal;
  v file_versions;
  p projects;
  rel releases;
  made uuid;
begin
  perform from file_versions where id = target and project = any (projects_of(me.person));
  if not found then return no_such('file version', q->>'version'); end if;
  if q->>'use' is null or q->>'use' not in ('preview', 'download') then
    return refuse('invalid', 'A ticket is for preview or for download.', subject);
  end if;
  -- For a download any destination that allows it will do, released ones first.
  select * into f from facts_of(me.person, array[target]) x
  order by q->>'use' = 'download' and download_why_not(x) is null desc, x.state = 'released' desc, x.state = 'recalled' desc limit 1;
  why := case q->>'use' when 'download' then download_why_not(f) else preview_why_not(f) end;
  if why is not null then return refuse(why, subject, f.project_name, f.row_version); end if;
  select * into v from file_versions where id = target;
  select * into p from projects where id = v.project;
  if q->>'use' = 'download' and f.state = 'released' then
    select * into rel from releases where case_id = f.case_id and state = 'done' order by finished_at desc limit 1;
  end if;
  -- A released file is read from the copy that was compared and released, not from where anyone may write.
  insert into tickets (person, use, version, case_id, bucket, key, store_version, etag, sha256, size, media_type)
  values (me.person, q->>'use', target, f.case_id, coalesce(rel.shared_bucket, p.bucket),
    coalesce(rel.shared_key, convert_to(p.prefix, 'UTF8') || v.key), case when rel.id is null then v.store_version else rel.shared_version end,
    case when rel.id is null then v.etag end, v.sha256, v.size, v.media_type) returning id into made;
  if q->>'use' = 'download' then
    insert into downloads (ticket, version, person, released) values (made, target, me.person, rel.id is not null);
  end if;
  perform changed(null, me.person, 'ticket', null, 'asked');
  return done(case q->>'use' when 'download' then 'Download begun.' else 'Opened.' end, f.row_version,
    jsonb_build_object('ticket', made, 'sha256', encode(v.sha256, 'hex'), 'size', v.size), subject, f.project_name);
end $$;

-- Why a ticket is worth nothing any more: what allowed it is looked at again, with the memberships and the state of this moment.
create or replace function exeat.ticket_why_not(t exeat.tickets) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  f facts;
begin
  if t.use = 'upload' then
    return (select case when has_role(t.person, p.id, 'researcher') then paused_why(p.id)
        else because('forbidden', format('Only researchers of %s may submit files.', p.name)) end
      from registrations r join projects p on p.id = r.project where r.id = t.registration);
  end if;
  select * into f from facts_of(t.person, array[t.version]) x order by x.case_id is not distinct from t.case_id desc limit 1;
  return case t.use when 'download' then download_why_not(f) else preview_why_not(f) end;
end $$;

create or replace function exeat.ticket_answer(ticket uuid) returns table (url text, expires_at timestamptz, refused text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select case when t.state = 'answered' and t.expires_at > clock_timestamp() and (w.why).code is null then t.url end, t.expires_at,
    case when t.state = 'refused' then t.refused when t.state = 'expired' or t.expires_at <= clock_timestamp() then 'The ticket has expired. Ask for another.'
      else (w.why).message end
  from tickets t cross join lateral (select exeat.ticket_why_not(t) as why) w where t.id = ticket and t.person = (exeat.me()).person
$$;

create or replace function exeat.do_end_download(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  d downloads;
  p text;
begin
  select * into d from downloads where ticket = (q->>'ticket')::uuid and person = me.person for no key update;
  if d.id is null then return no_such('download', q->>'ticket'); end if;
  p := (select pr.name from file_versions v join projects pr on pr.id = v.project where v.id = d.version);
  if d.ended_at is not null then
    return refuse('not_pending', 'This download has already ended.', 'version:' || d.version, p);
  elsif coalesce(q->>'sha256', repeat('0', 64)) !~ '^[0-9a-fA-F]{64}$' or coalesce((q->>'bytes')::bigint, 0) < 0 then
    return refuse('invalid', 'A sha256 is not 64 hexadecimal digits, or the number of bytes is negative.', 'version:' || d.version, p);
  end if;
  update downloads set ended_at = clock_timestamp(), bytes = (q->>'bytes')::bigint, sha256 = decode(q->>'sha256', 'hex'),
    completed = coalesce((q->>'completed')::bool, false) where id = d.id;
  return done(case when (q->>'completed')::bool then 'Download complete.' else 'Download ended before its end.' end, null, null, 'version:' || d.version, p);
end $$;

create or replace function exeat.do_ask_refresh(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p projects;
  made bigint;
begin
  if q->>'project' is not null then
    select * into p from projects where name = q->>'project' and id = any (projects_of(me.person));
    if p.id is null then return no_such('project', q->>'project'); end if;
  elsif cardinality(projects_of(me.person)) = 0 then
    return refuse('forbidden', 'You are in no project, so there is nothing to refresh.');
  end if;
  insert into refreshes (project, person) values (p.id, me.person) returning id into made;
  perform changed(null, me.person, 'refresh', made, 'asked');
  return done('Asked for a new look at the store.', null, jsonb_build_object('refresh', made), 'refresh:' || made, p.name);
end $$;

create or replace function exeat.refresh_answer(id bigint) returns table (done bool, found int)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select r.finished_at is not null, r.found from refreshes r where r.id = refresh_answer.id and r.person = (exeat.me()).person $$;

-- What became of a submission's files: no version yet means intake has not found those bytes.
create or replace function exeat.submission_state(submission bigint)
returns table (registration bigint, key bytea, sha256 text, version bigint)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.id, r.key, encode(r.sha256, 'hex'), r.version from registrations r join submissions s on s.id = r.submission
  where s.id = submission_state.submission and s.project = any ((select exeat.my_projects())::int[]) order by r.id
$$;

create or replace function exeat.register_submission(command_id uuid, project text, destination text, purpose text, files jsonb) returns exeat.answer
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.run(command_id, 'register_submission', jsonb_build_object('project', project, 'destination', destination, 'purpose', purpose, 'files', files)) $$;

create or replace function exeat.ask_upload(command_id uuid, registration bigint) returns exeat.answer
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.run(command_id, 'ask_upload', jsonb_build_object('registration', registration)) $$;

create or replace function exeat.ask_ticket(command_id uuid, version bigint, use text) returns exeat.answer
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.run(command_id, 'ask_ticket', jsonb_build_object('version', version, 'use', use)) $$;

create or replace function exeat.end_download(command_id uuid, ticket uuid, bytes bigint, sha256 text, completed bool) returns exeat.answer
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.run(command_id, 'end_download', jsonb_build_object('ticket', ticket, 'bytes', bytes, 'sha256', sha256, 'completed', completed)) $$;

create or replace function exeat.ask_refresh(command_id uuid, project text default null) returns exeat.answer
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.run(command_id, 'ask_refresh', jsonb_build_object('project', project)) $$;
reset role;
