-- Projects and their places. What opens one, moves its places or closes it is proposed by one administrator and done by another: who
-- could do it alone could lead what is approved to a place of their own. Pausing, which lets nothing out, needs one (51_pause.sql).
set role exeat_owner;

-- 's3://bucket/prefix/' in two; the prefix ends in a slash, for 'heart' would also mean 'heart2/'.
create or replace function exeat.location(p_url text, out bucket text, out prefix text)
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select m[1], coalesce(m[2], '') from regexp_match(p_url, '^s3://([a-z0-9][a-z0-9.-]{1,62})/((?:[^/]+/)*)$') m $$;

create or replace function exeat.url(p_bucket text, p_prefix text) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select 's3://' || p_bucket || '/' || p_prefix $$;

-- Whether one of two locations lies in the other, or they are the same.
create or replace function exeat.overlap(p_bucket text, p_prefix text, q_bucket text, q_prefix text) returns bool
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select p_bucket = q_bucket and (starts_with(p_prefix, q_prefix) or starts_with(q_prefix, p_prefix)) $$;

-- Both places of a project as they are asked for, or what is wrong with them. The caller holds the lock on projects: two administrators
-- at once must not both find their places free.
create or replace function exeat.places_asked(p_project int, p_location text, p_shared text, out c exeat.project_changes, out why exeat.refusal)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  from_where record;
  to_where record;
  other text;
begin
  select * into from_where from location(p_location);
  select * into to_where from location(p_shared);
  if from_where.bucket is null or to_where.bucket is null then
    why := because('invalid', 'A location is written s3://bucket/prefix/ and ends with a slash.');
  elsif octet_length(from_where.prefix) > 512 or octet_length(to_where.prefix) > 256 then
    why := because('invalid', 'The prefix of a location is too long to leave room for keys.');
  elsif overlap(from_where.bucket, from_where.prefix, to_where.bucket, to_where.prefix) then
    why := because('invalid', 'The shared location overlaps with the egress location: what lies there would count as released.');
  end if;
  if why is not null then return; end if;
  c.bucket := from_where.bucket;
  c.prefix := from_where.prefix;
  c.shared_bucket := to_where.bucket;
  c.shared_prefix := to_where.prefix;
  -- Shared locations may be the same, for the project's name tells apart what lies there; one inside another would make keys meet.
  other := (select name from projects p where p.id is distinct from p_project
    and (p.opened_at is not null or exists (select from project_changes x where x.project = p.id and x.state = 'proposed'))
    and (overlap(p.bucket, p.prefix, c.bucket, c.prefix)
    or overlap(p.shared_bucket, p.shared_prefix, c.bucket, c.prefix) or overlap(p.bucket, p.prefix, c.shared_bucket, c.shared_prefix)
    or (p.shared_prefix <> c.shared_prefix and overlap(p.shared_bucket, p.shared_prefix, c.shared_bucket, c.shared_prefix))) order by 1 limit 1);
  if other is not null then
    why := because('invalid', format('The location overlaps with one of %s. Choose places that lie in no other; the shared one may be the same.', other));
    return;
  end if;
  -- Where released copies lie, or lay: researchers write in the egress location.
  if exists (select from releases r where r.state <> 'failed' and r.shared_bucket = c.bucket
      and substr(r.shared_key, 1, octet_length(c.prefix)) = convert_to(c.prefix, 'UTF8')) then
    why := because('invalid', 'Released copies lie in the location. Choose another.');
    return;
  end if;
  -- Where a worker puts together what it checks: nobody reads or writes there. One that has not been seen for a month is gone.
  other := (select w.staging from workers w cross join lateral location(w.staging) s where w.seen_at > clock_timestamp() - interval '30 days'
    and (overlap(s.bucket, s.prefix, c.bucket, c.prefix) or overlap(s.bucket, s.prefix, c.shared_bucket, c.shared_prefix)) order by 1 limit 1);
  if other is not null then
    why := because('invalid', format('The location overlaps with %s, where the worker puts releases together. Choose another.', other));
  end if;
end $$;

-- Writes a proposal down; an earlier one of the project is dropped. The number of it.
create or replace function exeat.propose_change(me exeat.caller, p_project int, p_kind text, c exeat.project_changes, p_reason text) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  made bigint;
begin
  update project_changes set state = 'dropped' where project = p_project and state = 'proposed';
  insert into project_changes (project, kind, bucket, prefix, shared_bucket, shared_prefix, reason, proposed_by)
  values (p_project, p_kind, c.bucket, c.prefix, c.shared_bucket, c.shared_prefix, p_reason, me.person) returning id into made;
  perform changed(p_project, null, 'project', p_project, 'proposed');
  return made;
end $$;

create or replace function exeat.proposed_change(p_change bigint, p_project text, p_what text) returns exeat.outcome
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.done(format('Proposed as change %s: %s. Another administrator has to confirm it.', p_change, p_what), null,
    jsonb_build_object('change', p_change, 'proposed', true), 'project:' || p_project, p_project)
$$;

create or replace function exeat.do_add_project(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p projects;
  asked record;
  c project_changes;
  subject text := 'project:' || (q->>'id');
begin
  if not_admin(me.person) then return only_admins(); end if;
  if q->>'id' !~ '^[a-z0-9][a-z0-9_-]{0,62}$' then
    return refuse('invalid', 'The id of a project has small letters, digits, _ and - only, at most 63.');
  elsif length(q->>'title') not between 1 and 500 or length(q->>'purpose') > 10000 then
    return refuse('invalid', 'A title has 1 to 500 characters, a purpose at most 10,000.', subject);
  end if;
  lock table projects in share row exclusive mode;
  select * into p from projects where name = q->>'id';
  if p.opened_at is not null then
    return refuse('invalid', format('There is a project %s already.', q->>'id'), subject);
  end if;
  asked := places_asked(p.id, q->>'location', q->>'shared_location');
  if asked.why is not null then return refuse(asked.why, subject); end if;
  c := asked.c;
  insert into projects as x (name, title, purpose, bucket, prefix, shared_bucket, shared_prefix)
  values (q->>'id', q->>'title', coalesce(q->>'purpose', ''), c.bucket, c.prefix, c.shared_bucket, c.shared_prefix)
  on conflict (name) do update set title = excluded.title, purpose = excluded.purpose, bucket = excluded.bucket, prefix = excluded.prefix,
    shared_bucket = excluded.shared_bucket, shared_prefix = excluded.shared_prefix
  returning * into p;
  return proposed_change(propose_change(me, p.id, 'open', c, null), p.name, format('%s opens', p.name));
end $$;

-- A project that an administrator wants to change, locked, or why not. p_say: what to do where no reason is given.
create or replace function exeat.project_to_change(me exeat.caller, q jsonb, p_say text, out p exeat.projects, out why exeat.refusal)
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not_admin(me.person) then
    why := because((only_admins()).code, (only_admins()).sentence);
    return;
  end if;
  select * into p from projects where name = q->>'project' for no key update;
  why := case when p.id is null then no_such_thing('project', q->>'project') else coalesce(not_open_why(p), words_why_not(q->>'reason', 'reason', p_say)) end;
end $$;

-- Why a project is not open; null where it is.
create or replace function exeat.not_open_why(p exeat.projects) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case
    when p.opened_at is null then because('paused', format('%s is not open yet: another administrator than who proposed it has to confirm that.', p.name))
    when p.closed_at is not null then because('paused', format('%s is closed since %s: %s', p.name, said(p.closed_at), quoted(p.closed_reason))) end;
end $$;

-- Why the place of a project's files cannot be another one now; null where it can, or where it stays the same.
create or replace function exeat.move_why_not(p exeat.projects, c exeat.project_changes) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  n bigint;
begin
  if (p.bucket, p.prefix) = (c.bucket, c.prefix) then return null; end if;
  n := (select count(distinct v.id) from file_versions v join cases x on x.version = v.id where v.project = p.id and v.newest and v.gone_at is null
    and x.state in ('pending', 'approved', 'releasing'));
  if n = 0 then return null; end if;
  return because('not_pending', format('Of %s, %s undecided or on the way, where its files lie now. Decide or withdraw first.', p.name,
    case n when 1 then '1 file is' else n || ' files are' end));
end $$;

create or replace function exeat.do_move_project(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := project_to_change(me, q, 'Say why: who confirms it reads it.');
  p projects := got.p;
  asked record;
  why refusal := got.why;
  subject text := 'project:' || p.name;
begin
  if why is null and q->>'location' is null and q->>'shared_location' is null then
    why := because('invalid', 'Name what moves: the location, the shared one, or both.');
  end if;
  if why is null then
    -- After the row, as whoever pauses it.
    lock table projects in share row exclusive mode;
    asked := places_asked(p.id, coalesce(q->>'location', url(p.bucket, p.prefix)), coalesce(q->>'shared_location', url(p.shared_bucket, p.shared_prefix)));
    why := coalesce(asked.why, move_why_not(p, asked.c));
  end if;
  if why is not null then return refuse(why, subject, p.name); end if;
  return proposed_change(propose_change(me, p.id, 'move', asked.c, q->>'reason'), p.name, format('the files of %s lie in %s and go to %s', p.name,
    url((asked.c).bucket, (asked.c).prefix), url((asked.c).shared_bucket, (asked.c).shared_prefix)));
end $$;

create or replace function exeat.do_close_project(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := project_to_change(me, q, 'Say why: everybody in the project reads it.');
  p projects := got.p;
  c project_changes;
begin
  if got.why is not null then return refuse(got.why, 'project:' || p.name, p.name); end if;
  c.bucket := p.bucket;
  c.prefix := p.prefix;
  c.shared_bucket := p.shared_bucket;
  c.shared_prefix := p.shared_prefix;
  return proposed_change(propose_change(me, p.id, 'close', c, q->>'reason'), p.name, format('%s closes for good', p.name));
end $$;

-- A closed project is one that nobody opens again: its bytes stay, and none of them move.
create or replace function exeat.do_confirm_project(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  c project_changes;
  p projects;
  asked record;
  why refusal;
  subject text;
begin
  if not_admin(me.person) then return only_admins(); end if;
  select pr.* into p from projects pr join project_changes x on x.project = pr.id where x.id = (q->>'change')::bigint for no key update of pr;
  if p.id is null then return no_such('change', q->>'change'); end if;
  lock table projects in share row exclusive mode;
  select * into c from project_changes where id = (q->>'change')::bigint for no key update;
  subject := 'project:' || p.name;
  if c.state <> 'proposed' then
    why := because('not_pending', format('Change %s is %s; there is nothing to confirm.', c.id, c.state));
  else
    why := second_why_not(me, c.proposed_by);
  end if;
  if why is null and c.kind <> 'close' then
    -- Others may have taken the places since.
    asked := places_asked(p.id, url(c.bucket, c.prefix), url(c.shared_bucket, c.shared_prefix));
    why := coalesce(asked.why, case when c.kind = 'move' then move_why_not(p, c) end);
  end if;
  if why is not null then return refuse(why, subject, p.name); end if;
  update project_changes set state = 'done', confirmed_by = me.person, confirmed_at = clock_timestamp() where id = c.id;
  update projects set bucket = c.bucket, prefix = c.prefix, shared_bucket = c.shared_bucket, shared_prefix = c.shared_prefix,
    opened_at = coalesce(opened_at, clock_timestamp()), closed_at = case when c.kind = 'close' then clock_timestamp() end, closed_reason =
      case when c.kind = 'close' then c.reason end where id = p.id;
  perform changed(p.id, null, 'project', p.id, c.kind);
  return done(format(case c.kind
      when 'open' then '%s is open: its files lie in %s and go to %s.'
      when 'move' then 'The files of %s lie in %s and go to %s now.'
      else 'Closed %s for good.' end, p.name, url(c.bucket, c.prefix), url(c.shared_bucket, c.shared_prefix))
    || coalesce(' Its policies wait to be confirmed too: ' || (select string_agg(format('%s for %s', o.id, o.destination), ', ' order by o.id)
      from policies o where o.project = p.id and o.state = 'proposed' and c.kind = 'open') || '.', ''), null,
    jsonb_build_object('change', c.id, 'kind', c.kind, 'bucket', c.bucket, 'prefix', c.prefix, 'shared_bucket', c.shared_bucket, 'shared_prefix',
      c.shared_prefix), subject, p.name);
end $$;

-- Takes a proposal back, whoever made it: nothing comes of it.
create or replace function exeat.do_drop_project_change(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  c project_changes;
  p text;
begin
  if not_admin(me.person) then return only_admins(); end if;
  select * into c from project_changes where id = (q->>'change')::bigint for no key update;
  if c.id is null then return no_such('change', q->>'change'); end if;
  p := (select name from projects where id = c.project);
  if c.state <> 'proposed' then
    return refuse('not_pending', format('Change %s is %s; there is nothing to take back.', c.id, c.state), 'project:' || p, p);
  end if;
  update project_changes set state = 'dropped' where id = c.id;
  perform changed(c.project, null, 'project', c.project, 'dropped');
  return done(format('Change %s of %s is taken back.', c.id, p), null, jsonb_build_object('change', c.id), 'project:' || p, p);
end $$;
reset role;
