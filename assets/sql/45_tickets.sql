-- Tickets, downloads, refreshes: what people ask the worker for.
set role exeat_owner;

-- Fifty of a person's tickets may wait at once: a desk has one or two, a download of many files asks for one after the other.
create or replace function exeat.tickets_why_not(p_person int) returns exeat.refusal
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  perform one_at_a_time(p_person);
  if (select count(*) >= 50 from (select from tickets where person = p_person and state = 'open' limit 50) x) then
    return because('too_many', 'Fifty of your tickets wait for the worker, and no more may. Wait a moment; exeat doctor says whether a worker is alive.');
  end if;
  return null;
end $$;

create or replace function exeat.do_ask_upload(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r registrations;
  p projects;
  there file_versions;
  why refusal;
  made uuid;
begin
  select x.* into r from registrations x join submissions s on s.id = x.submission
  where x.id = (q->>'registration')::bigint and s.submitted_by = me.person and x.withdrawn_at is null;
  if r.id is null then return no_such('registered file', q->>'registration'); end if;
  select * into p from projects where id = r.project;
  if not has_role(me.person, p.id, 'researcher') then
    return refuse('forbidden', format('Only researchers of %s may submit files.', p.name), 'submission:' || r.submission, p.name);
  elsif r.version is not null then
    return refuse('not_pending', 'These bytes are already there and bound to your submission.', 'submission:' || r.submission, p.name);
  end if;
  why := paused_why(p.id);
  if why is null then why := tickets_why_not(me.person); end if;
  if why is not null then return refuse(why, 'submission:' || r.submission, p.name); end if;
  -- Uploading replaces what lies at the key: one's own, never what someone else waits for.
  select v.* into there from files f join file_versions v on v.file = f.id and v.newest and v.gone_at is null
  where f.project = p.id and f.key = r.key and v.sha256 is distinct from r.sha256
    and exists (select from registrations x where x.version = v.id and x.withdrawn_at is null and x.person <> me.person)
    and exists (select from cases c where c.version = v.id and c.state in ('pending', 'approved', 'changes_requested', 'blocked', 'releasing'));
  if there.id is not null then
    return refuse('key_taken', format('%s submitted another file under this name (version %s) and it is not decided yet. Choose another name for yours.',
      (select full_name from people where id = there.submitted_by), there.id), 'submission:' || r.submission, p.name);
  end if;
  insert into tickets (person, use, registration, bucket, key, sha256, size)
  values (me.person, 'upload', r.id, p.bucket, convert_to(p.prefix, 'UTF8') || r.key, r.sha256, r.size) returning id into made;
  perform wake_worker();
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
  -- Who looks decides: what is not released leaves through a service only where votes through one count.
  if why is null and f.state is distinct from 'released' then why := via_why_not(me, f); end if;
  if why is null then why := tickets_why_not(me.person); end if;
  if why is not null then return refuse(why, subject, f.project_name, f.row_version); end if;
  select * into v from file_versions where id = target;
  select * into p from projects where id = v.project;
  if q->>'use' = 'download' and f.state = 'released' then
    select * into rel from releases where case_id = f.case_id and state = 'done' order by number desc limit 1;
  end if;
  -- A released file is read from the copy that was compared and released, not from where anyone may write.
  insert into tickets (person, use, version, case_id, bucket, key, store_version, etag, sha256, size, media_type)
  values (me.person, q->>'use', target, f.case_id, coalesce(rel.shared_bucket, p.bucket),
    coalesce(rel.shared_key, convert_to(p.prefix, 'UTF8') || v.key), case when rel.id is null then v.store_version else rel.shared_version end,
    case when rel.id is null then v.etag end, v.sha256, v.size, v.media_type) returning id into made;
  perform opened(me.person, target);
  if q->>'use' = 'download' then
    insert into downloads (ticket, version, person, released) values (made, target, me.person, rel.id is not null);
  end if;
  perform wake_worker();
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
    return (select case when r.withdrawn_at is not null then because('not_pending', 'You have taken this registration back. Submit the file again.')
        when not has_role(t.person, p.id, 'researcher') then because('forbidden', format('Only researchers of %s may submit files.', p.name))
        else paused_why(p.id) end
      from registrations r join projects p on p.id = r.project where r.id = t.registration);
  end if;
  select * into f from facts_of(t.person, array[t.version]) x order by x.case_id is not distinct from t.case_id desc limit 1;
  return case t.use when 'download' then download_why_not(f) else preview_why_not(f) end;
end $$;

create or replace function exeat.ticket_answer_of(p_person int, p_ticket uuid) returns table (url text, expires_at timestamptz, refused text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select case when t.state = 'answered' and t.expires_at > clock_timestamp() and (w.why).code is null then t.url end, t.expires_at,
    case when t.state = 'refused' then t.refused when t.state = 'expired' or t.expires_at <= clock_timestamp() then 'The ticket has expired. Ask for another.'
      else (w.why).message end
  from tickets t cross join lateral (select exeat.ticket_why_not(t) as why) w where t.id = p_ticket and t.person = p_person
$$;

create or replace function exeat.ticket_answer(ticket uuid) returns table (url text, expires_at timestamptz, refused text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select a.* from exeat.ticket_answer_of((exeat.me()).person, ticket) a $$;

create or replace function exeat.ticket_answer_for(person text, ticket uuid) returns table (url text, expires_at timestamptz, refused text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select a.* from exeat.ticket_answer_of(exeat.reader(person), ticket) a $$;

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
  perform one_at_a_time(me.person);
  -- One that no pass has begun for answers this one too; the eighth that passes work on is the last.
  select id into made from refreshes where person = me.person and project is not distinct from p.id and finished_at is null and begun_at is null limit 1;
  if made is not null then
    perform slow_down();
    return done('Asked for a new look at the store.', null, jsonb_build_object('refresh', made), 'refresh:' || made, p.name);
  elsif (select count(*) >= 8 from refreshes where person = me.person and finished_at is null and project is not distinct from p.id) then
    return refuse('too_many', 'Eight of your refreshes are being worked on, and no more may. Wait until one is over.', null, p.name);
  end if;
  insert into refreshes (project, person) values (p.id, me.person) returning id into made;
  perform wake_worker();
  return done('Asked for a new look at the store.', null, jsonb_build_object('refresh', made), 'refresh:' || made, p.name);
end $$;

create or replace function exeat.refresh_answer_of(p_person int, p_refresh bigint) returns table (done bool, found int)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select r.finished_at is not null, r.found from refreshes r where r.id = p_refresh and r.person = p_person $$;

create or replace function exeat.refresh_answer(id bigint) returns table (done bool, found int)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select a.* from exeat.refresh_answer_of((exeat.me()).person, id) a $$;

create or replace function exeat.refresh_answer_for(person text, id bigint) returns table (done bool, found int)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select a.* from exeat.refresh_answer_of(exeat.reader(person), id) a $$;
reset role;
