-- Moving a permit: why not, stated once for every move, and the one command that does it. The permit's row is the lock.
set role exeat_owner;

-- What one must hold for a move beyond role, status and four eyes; null where it holds.
create or replace function exeat.permit_guard_why_not(v exeat.permit_view, m exeat.permit_move) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits := v.p;
  kept int;
begin
  case m.move
    when 'initiate_ingress' then
      if not exists (select from permit_team t where t.permit = p.id and t.role = 'data_holder' and t.ended_at is null) then
        return because('no_holder', 'No data holder is named on it. A permit manager has to name one first.');
      end if;
    when 'confirm_upload' then
      if 'permit_manager' <> all (v.roles) and not exists (select from permit_team t where t.permit = p.id and t.person = v.person
          and t.role = 'data_holder' and t.ended_at is null and t.confirmed_at is null) then
        return because('decided', format('You confirmed it already. It waits for %s.', holders_left(p.id)));
      end if;
    when 'resume' then
      if p.valid_until <= clock_timestamp() then
        return because('permit_ended', format('It ended %s, so its analysis cannot go on.', said_when_over(p.valid_until)));
      elsif not grants_hold(p.id) then
        return because('no_grant', 'None of the grants it was issued on is live. Its analysis goes on when one is again.');
      end if;
    when 'archive' then
      if exists (select from permit_outputs o where o.permit = p.id and o.decided_at is null) then
        return because('output_pending', format('Output %s is still under review. Archive it once it is decided.',
          (select min(o.number) from permit_outputs o where o.permit = p.id and o.decided_at is null)));
      end if;
    when 'delete' then
      kept := setting_days('permits.retention_days');
      if clock_timestamp() < days_after(p.status_since, kept) then
        return because('retention', format('It is kept for %s days, until %s.', kept, said(days_after(p.status_since, kept))));
      end if;
    else null;
  end case;
  if p.second_move = m.move and p.second_by = v.person and second_waits(p) then
    return because('second_person_needed', format('You asked for it at %s. A second person has to confirm it (%s), or you take it back.', said(p.second_at),
      who_on(v.holders, m.roles, v.login)));
  end if;
  return null;
end $$;

-- Data holders whose upload is not confirmed, by login.
create or replace function exeat.holders_left(p_permit bigint) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select string_agg(x.login, ', ' order by x.login) from permit_team t join people x on x.id = t.person
    where t.permit = p_permit and t.role = 'data_holder' and t.ended_at is null and t.confirmed_at is null);
end $$;

-- Whether what one person asked for still waits for a second: the first must still be who may ask for it.
create or replace function exeat.second_waits(p exeat.permits) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return p.second_move is not null and exists (select from permit_moves() m where m.move = p.second_move and m.status = p.status
    and m.roles && roles_on(p.second_by, p.id, p.project));
end $$;

-- Why a person cannot make a move; m is the table's row of the permit's status, or any of the move where its status has none.
create or replace function exeat.step_why_not(v exeat.permit_view, m exeat.permit_move) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits := v.p;
begin
  if not v.roles && m.roles then
    return because('not_on_team', format('Only the %s of this permit may %s (%s).', m.whose, m.says, who_on(v.holders, m.roles, v.login)));
  elsif m.status <> p.status then
    return because('not_pending', format('It is %s. One can %s where it is %s.', v.last, m.says, moves_places()->>m.move));
  elsif exists (select from permit_states s where s.permit = p.id and s.move = m.not_after and s.actor = v.person)
      or exists (select from permit_team t where t.permit = p.id and t.role = any (m.never) and t.person = v.person) then
    return because('own_submission', format('You cannot %s: you had a hand in it yourself. Another %s has to (%s).', m.says, m.whose,
      who_on(v.holders, m.roles, v.login)));
  end if;
  return permit_guard_why_not(v, m);
end $$;

-- Taking back what waits for a second person: for who asked for it.
create or replace function exeat.take_back_why_not(v exeat.permit_view) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits := v.p;
begin
  return case when p.second_move is null then because('not_held', 'Nothing waits for a second person.')
    when p.second_by <> v.person then because('forbidden', format('%s asked for it, and only they can take it back.', login_of(p.second_by))) end;
end $$;

-- Every move and every other command with null or why not, for the lists.
create or replace function exeat.permit_why_nots(v exeat.permit_view) returns json
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  standing text := (v.p).status;
begin
  return (select json_object_agg(x.move, x.why) from (
    select (y.m).move, step_why_not(v, y.m) as why
    from (select distinct on (m.move) m from unnest(moves_table()) m order by m.move, (m.status = standing) desc) y
    union all select 'take_back', take_back_why_not(v)
    union all select 'team', team_why_not(v)
    union all select 'submit_output', output_why_not(v)
    union all select 'switch_workspace', switch_why_not(v)
    union all select 'report_workspace', report_why_not(v)) x);
end $$;

-- Locks a permit the person may see. Unseen and unknown are the same: nothing.
create or replace function exeat.lock_permit(p_person int, p_permit bigint) returns exeat.permits
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits;
begin
  perform from permits x where x.id = p_permit and reads_permit(p_person, x.id, x.project);
  if not found then return null; end if;
  select * into p from permits x where x.id = p_permit for no key update;
  return p;
end $$;

-- The permit a command means, locked, as the person stands to it, with its project's name; or why not.
create or replace function exeat.the_permit(p_person int, q jsonb, out p exeat.permits, out v exeat.permit_view, out of_project text,
  out why exeat.refusal)
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  p := lock_permit(p_person, (q->>'permit')::bigint);
  if p.id is null then
    why := no_such_thing('permit', q->>'permit');
    return;
  end if;
  v := view_of(p_person, p);
  of_project := (select name from projects where id = p.project);
end $$;

-- Moves the row on and tells everybody who reads it.
create or replace function exeat.touch_permit(p_permit bigint, p_person int, p_what text) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits;
begin
  update permits x set row_version = x.row_version + 1, touched_by = p_person, touched_what = p_what, touched_at = clock_timestamp()
  where x.id = p_permit returning * into p;
  perform tell_of_permit(p, p_what);
  return p.row_version;
end $$;

-- A change that concerns everybody who reads the permit; whoever was on its team is told of a changed team, and of nothing after.
create or replace function exeat.tell_of_permit(p exeat.permits, p_what text) returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.changed(null, r.person, 'permit', p.id, p_what) from (
    select t.person from permit_team t where t.permit = p.id and (t.ended_at is null or p_what = 'team changed')
    union select h.person from held_memberships h where h.role in ('permit_manager', 'auditor', 'administrator')
      and (h.project is null or h.project = p.project)) r
$$;

-- Whom a message is mailed to: everybody who is told and still holds that role on the permit, once; and the words of the mail.
create or replace function exeat.permit_mail(p exeat.permits, p_told text[], p_note text) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('title', p.title, 'status_words', exeat.status_words((select x.status from permits x where x.id = p.id)), 'note', p_note,
    'mail_to', (select coalesce(jsonb_agg(distinct x.mail), '[]') from held_roles t join people x on x.id = t.person and x.mail <> ''
      where t.permit = p.id and (t.role = any (p_told) or 'all' = any (p_told))))
$$;

-- What every message about a permit names.
create or replace function exeat.permit_message(p exeat.permits) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select jsonb_build_object('permit_id', p.id::text, 'reference', p.reference, 'project', pr.name) from projects pr where pr.id = p.project $$;

-- Makes a move that nothing speaks against: status, log, workspaces, events. By itself where there is no actor.
create or replace function exeat.make_move(p exeat.permits, m exeat.permit_move, p_actor int, p_second int, p_reason text, p_for text) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  now timestamptz := clock_timestamp();
  moved bigint;
  event text;
  message jsonb;
begin
  update permits x set status = m.becomes, status_since = now, stopped = false, second_move = null, second_by = null, second_at = null, second_reason = null,
    paused_for = case when m.becomes = 'ANALYSIS_PAUSED' then p_for end where x.id = p.id;
  perform want_workspaces(p.id);
  moved := touch_permit(p.id, p_actor, m.says);
  insert into permit_states (permit, at, previous, status, move, actor, second, reason, version)
  values (p.id, now, p.status, m.becomes, m.move, p_actor, p_second, p_reason, moved);
  message := permit_message(p) || jsonb_build_object('previous_status', p.status, 'new_status', m.becomes,
    'actor_id', (select x.ext_id from people x where x.id = p_actor), 'reason', p_reason, 'version', moved);
  foreach event in array m.events loop
    perform enqueue(event, 'permit:' || p.id, message);
  end loop;
  perform enqueue('permit.status.updated', 'permit:' || p.id, message || permit_mail(p, m.told, p_reason));
  return moved;
end $$;

create or replace function exeat.do_move_permit(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_permit(me.person, q);
  p permits := got.p;
  subject text := 'permit:' || p.id;
  said_reason text := coalesce(q->>'reason', '');
  v permit_view := got.v;
  m permit_move;
  why refusal;
  of_project text := got.of_project;
begin
  if got.why is not null then return refuse(got.why); end if;
  select x.* into m from permit_moves() x where x.move = q->>'move' order by (x.status = p.status) desc limit 1;
  if m.move is null then
    return refuse('invalid', format('There is no move %s of a permit; there are %s.', quoted(q->>'move'),
      any_of(array(select distinct x.move from permit_moves() x order by 1))), subject, of_project);
  end if;
  why := step_why_not(v, m);
  if why is null then why := moved_why(me.person, (q->>'seen_row_version')::bigint, p.row_version, p.touched_by, p.touched_what, p.touched_at); end if;
  if why is null then
    why := words_why_not(said_reason, 'reason', case when m.reason and not (second_waits(p) and p.second_move = m.move)
      then format('Say why: a reason is needed to %s.', m.says) end);
  end if;
  if why is not null then return refuse(why, subject, of_project, p.row_version); end if;
  if m.persons = 2 and not (second_waits(p) and p.second_move = m.move) then
    update permits x set second_move = m.move, second_by = me.person, second_at = clock_timestamp(), second_reason = said_reason where x.id = p.id;
    return done(format('It waits for a second person to %s: %s.', m.says, who_on(v.holders, m.roles, v.login)),
      touch_permit(p.id, me.person, 'asked to ' || m.says), jsonb_build_object('permit', p.id::text, 'status', p.status, 'waiting', true), subject, of_project);
  elsif m.move = 'confirm_upload' then
    update permit_team t set confirmed_at = clock_timestamp() where t.permit = p.id and t.role = 'data_holder' and t.ended_at is null
      and t.confirmed_at is null and (t.person = me.person or 'permit_manager' = any (v.roles));
    if holders_left(p.id) is not null then
      return done(format('Confirmed. It waits for %s.', holders_left(p.id)), touch_permit(p.id, me.person, 'confirmed an upload'),
        jsonb_build_object('permit', p.id::text, 'status', p.status, 'waiting', true), subject, of_project);
    end if;
  end if;
  -- Whoever asked first said why.
  if m.persons = 2 and said_reason = '' then said_reason := p.second_reason; end if;
  return done(format('%s is now %s.', p.reference, status_words(m.becomes)),
    make_move(p, m, me.person, case when m.persons = 2 then p.second_by end, said_reason, 'person'),
    jsonb_build_object('permit', p.id::text, 'status', m.becomes, 'waiting', false), subject, of_project);
end $$;

create or replace function exeat.do_take_back_permit(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_permit(me.person, q);
  p permits := got.p;
  subject text := 'permit:' || p.id;
  why refusal := got.why;
begin
  if why is null then why := take_back_why_not(got.v); end if;
  if why is null then why := moved_why(me.person, (q->>'seen_row_version')::bigint, p.row_version, p.touched_by, p.touched_what, p.touched_at); end if;
  if why is not null then return refuse(why, subject, got.of_project, p.row_version); end if;
  update permits x set second_move = null, second_by = null, second_at = null, second_reason = null where x.id = p.id;
  return done(format('Taken back: nobody is asked to %s any more.', replace(p.second_move, '_', ' ')), touch_permit(p.id, me.person, 'took it back'),
    jsonb_build_object('permit', p.id::text, 'status', p.status), subject, got.of_project);
end $$;

-- The worker: an analysis pauses by itself at the permit's end, or when none of the grants it was issued on is live any more. How many.
create or replace function exeat.pause_permits() returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits;
  m permit_move := (select x from permit_moves() x where x.move = 'pause');
  why text;
  n int := 0;
begin
  for p in select * from permits x where x.status = m.status and (x.valid_until <= clock_timestamp() or not grants_hold(x.id))
      for no key update skip locked loop
    why := case when p.valid_until <= clock_timestamp() then format('It ended %s.', said_when_over(p.valid_until))
      else 'None of the grants it was issued on is live any more.' end;
    perform make_move(p, m, null, null, why, case when p.valid_until <= clock_timestamp() then 'ended' else 'grants' end);
    perform worker_journal('pause_permits', jsonb_build_object('permit', p.id), done(format('%s is paused by itself: %s', p.reference, why), null, null,
      'permit:' || p.id, (select name from projects where id = p.project)));
    n := n + 1;
  end loop;
  return n;
end $$;
reset role;
