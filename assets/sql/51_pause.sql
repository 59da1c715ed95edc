-- Projects that stand still: paused by an administrator, or stopped by a fault a worker found. One project's trouble is its own.
--
-- Paused means that no bytes move: no release is claimed, renewed or tried again, no address is given out, and those given out are
-- withdrawn (a store honours one that somebody holds already until it expires). People go on deciding and writing, what was released
-- can be recalled, and intake goes on looking. Any administrator pauses, at once; another one resumes.
set role exeat_owner;

-- Why no bytes of a project move now; null where they may.
create or replace function exeat.paused_why(p_project int) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p projects;
  stopped text;
begin
  select * into p from projects where id = p_project;
  if not_open_why(p) is not null then return not_open_why(p); end if;
  if p.paused_at is not null then
    return because('paused', format('%s is paused since %s, until another administrator than %s resumes it: %s', p.name, said(p.paused_at),
      (select login from people where id = p.paused_by), quoted(p.paused_reason)));
  end if;
  select f.fault into stopped from project_faults f where f.project = p_project and f.closes order by f.since, f.worker limit 1;
  if stopped is not null then
    return because('paused', format('%s stands still until an administrator has mended it: %s', p.name, stopped));
  end if;
  return null;
end $$;

-- Whether releases of a project may be begun: it is open and not paused, and no worker found a fault in it.
create or replace function exeat.may_release(p_project int) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from projects p where p.id = p_project and p.paused_at is null and not_open_why(p) is null)
    and not exists (select from project_faults where project = p_project);
end $$;

-- The oldest fault of a project as people read it; null where it has none.
create or replace function exeat.fault_of(p_project int) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select format('since %s: %s', said(f.since), f.fault) from project_faults f where f.project = p_project order by f.since, f.worker limit 1);
end $$;

-- What a worker says keeps it from working on a project; null: nothing does. Whether anything changed, which is journalled: the same words
-- again change nothing. Words of workers that are gone go with the first one that has nothing to say.
create or replace function exeat.project_fault(project text, worker text, fault text, closes bool default false) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  p projects;
  o outcome;
begin
  -- Without a lock: no administrator's open transaction stops a worker.
  select * into p from projects x where x.name = project_fault.project;
  if p.id is null then return false; end if;
  if fault is null then
    delete from project_faults f where f.project = p.id and (f.worker = project_fault.worker
      or not exists (select from workers w where w.name = f.worker and w.seen_at > clock_timestamp() - interval '1 minute'));
    if not found then return false; end if;
    o := done('The worker works on the project again.', null, null, 'project:' || p.name, p.name);
  else
    insert into project_faults as f (project, worker, closes, fault) values (p.id, project_fault.worker, project_fault.closes, left(project_fault.fault, 2000))
    on conflict on constraint project_faults_pkey do update set closes = excluded.closes, fault = excluded.fault
      where (f.closes, f.fault) is distinct from (excluded.closes, excluded.fault);
    if not found then return false; end if;
    o := done(format('The worker leaves the project out: %s', quoted(fault)), null, null, 'project:' || p.name, p.name);
  end if;
  perform worker_journal('project_fault', jsonb_build_object('project', p.name, 'worker', worker, 'fault', left(fault, 2000), 'closes', closes), o);
  perform changed(p.id, null, 'project', p.id, case when fault is null then 'mended' else 'stopped' end);
  return true;
end $$;

create or replace function exeat.do_pause_project(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := project_to_change(me, q, 'Say why: everybody in the project reads it.');
  p projects := got.p;
  why refusal := got.why;
  subject text := 'project:' || p.name;
begin
  if why is null and p.paused_at is not null then why := because('not_pending', (paused_why(p.id)).message); end if;
  if why is not null then return refuse(why, subject, p.name); end if;
  update projects set paused_by = me.person, paused_at = clock_timestamp(), paused_reason = q->>'reason' where id = p.id;
  why := paused_why(p.id);
  -- What waits is answered with the reason; what was answered is shown no more.
  update tickets t set state = 'refused', url = null, refused = why.message where t.state in ('open', 'answered') and p.id = coalesce(
    (select v.project from file_versions v where v.id = t.version), (select r.project from registrations r where r.id = t.registration));
  perform changed(p.id, null, 'project', p.id, 'paused');
  return done(format('Paused %s: no release leaves and nobody reads or uploads a file until another administrator resumes it.', p.name), null, null,
    subject, p.name);
end $$;

create or replace function exeat.do_resume_project(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := project_to_change(me, q, 'Say why: everybody in the project reads it.');
  p projects := got.p;
  why refusal := got.why;
  subject text := 'project:' || p.name;
begin
  if why is null and p.paused_at is null then
    why := because('not_pending', format('%s is not paused; there is nothing to resume.', p.name));
  elsif why is null and p.paused_by = me.person then
    why := because('second_person_needed', 'You paused it. Another administrator has to resume it.');
  end if;
  if why is not null then return refuse(why, subject, p.name); end if;
  update projects set paused_by = null, paused_at = null, paused_reason = null where id = p.id;
  perform changed(p.id, null, 'project', p.id, 'resumed');
  return done(format('Resumed %s: what is approved leaves again, and files are read.', p.name), null, null, subject, p.name);
end $$;
reset role;
