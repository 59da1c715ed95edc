-- Commands on controlled access grants: by hand, amend, revoke. A grant is never deleted.
set role exeat_owner;

-- What every message about a grant names. Mail goes to the address of its request, else to the registered one.
create or replace function exeat.grant_message(p_grant bigint) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('grant', g.id::text, 'request', g.request::text, 'user_id', p.ext_id, 'login', p.login,
    'full_user_name', concat_ws(' ', p.title, p.full_name), 'iva_id', g.iva, 'dataset_id', d.accession, 'dataset_title', d.title,
    'valid_from', g.valid_from, 'valid_until', g.valid_until, 'last_day', last_day(g.valid_until),
    'mail_to', coalesce((select r.email from access_requests r where r.id = g.request), p.mail))
  from grants g join people p on p.id = g.person join datasets d on d.id = g.dataset where g.id = p_grant
$$;

create or replace function exeat.make_grant(p_by int, p_for int, p_dataset int, p_iva uuid, p_from timestamptz, p_until timestamptz,
  p_request bigint, p_reason text) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  made bigint;
begin
  insert into grants (person, iva, dataset, valid_from, valid_until, request, created_by, touched_by)
  values (p_for, p_iva, p_dataset, p_from, p_until, p_request, p_by, p_by) returning id into made;
  insert into grant_events (grant_id, what, by, new_until, reason) values (made, 'created', p_by, p_until, p_reason);
  -- Who asked reads of it in the answer to the request, and not twice.
  perform enqueue('grant.created', 'grant:' || made, grant_message(made) || case when p_request is not null then '{"mail_to": null}' else '{}' end::jsonb);
  perform changed_for_stewards('grant', made, 'created', p_for);
  return made;
end $$;

create or replace function exeat.lock_grant(p_person int, p_grant bigint) returns exeat.grants
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  g grants;
begin
  perform from grants where id = p_grant and (person = p_person or reads_all_access(p_person));
  if not found then return null; end if;
  select * into g from grants where id = p_grant for no key update;
  return g;
end $$;

create or replace function exeat.touch_grant(p_grant bigint, p_person int, p_what text) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  moved grants;
begin
  update grants set row_version = row_version + 1, touched_by = p_person, touched_what = p_what, touched_at = clock_timestamp()
  where id = p_grant returning * into moved;
  perform changed_for_stewards('grant', moved.id, p_what, moved.person);
  return moved.row_version;
end $$;

create or replace function exeat.do_add_grant(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  now timestamptz := clock_timestamp();
  p people;
  d datasets;
  wanted timestamptz := coalesce((q->>'from')::timestamptz, now);
  -- A program behind a service has judged the period itself: it is kept as given.
  as_given bool := coalesce((q->>'as_given')::bool, false);
  starts timestamptz := case when as_given then wanted else greatest(wanted, now) end;
  ends timestamptz := (q->>'until')::timestamptz;
  why refusal := not_steward(me.person, 'grant access');
  made bigint;
begin
  if why is not null then return refuse(why); end if;
  select * into p from people where login = q->>'login' and removed_at is null;
  if p.id is null then return no_such('active person', q->>'login'); end if;
  select * into d from datasets where accession = q->>'dataset' and removed_at is null;
  if d.id is null then return refuse('not_found', 'Dataset not found: nothing with that accession is offered here.'); end if;
  why := grant_add_why_not(me.person, p.id);
  if why is null then why := iva_why_not(p.id, (q->>'iva')::uuid); end if;
  if why is null and as_given and not (isfinite(starts) and isfinite(ends) and starts < ends) then
    why := because('ends_before_start', 'Access end date must be later than access start date.');
  elsif why is null and as_given and (starts < '1900-01-01Z' or ends >= '10000-01-01Z') then
    why := because('invalid', 'Access lies between the years 1900 and 9999.');
  elsif why is null and not as_given then
    why := period_why_not(starts, ends, now, true);
  end if;
  if why is not null then return refuse(why, 'person:' || p.login); end if;
  made := make_grant(me.person, p.id, d.id, (q->>'iva')::uuid, starts, ends, null, 'by hand');
  return done(format('%s has access to %s from %s until %s%s.', p.login, d.accession, said(starts), said_until(ends),
    case when starts > wanted + interval '1 minute' then '; the start had passed, so it is now' else '' end), 1, jsonb_build_object('grant', made::text),
      'grant:' || made);
end $$;

-- As a program behind a service gives it, which has the right to: no person takes the site's bounds away from themselves.
create or replace function exeat.do_register_grant(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not exists (select from credentials c where c.name = me.credential and c.ended_at is null and 'claims:write' = any (c.rights)) then
    return refuse('forbidden', 'Only a program whose credential has the right claims:write takes grants over. Add one by hand instead.');
  end if;
  return do_add_grant(me, q || '{"as_given": true}');
end $$;

create or replace function exeat.do_amend_grant(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  g grants := lock_grant(me.person, (q->>'grant')::bigint);
  subject text := 'grant:' || g.id;
  ends timestamptz := (q->>'until')::timestamptz;
  why refusal;
begin
  if g.id is null then return no_such('grant', q->>'grant'); end if;
  why := amend_why_not(me.person, g);
  if why is null then why := moved_why(me.person, (q->>'seen_row_version')::bigint, g.row_version, g.touched_by, g.touched_what, g.touched_at); end if;
  if why is null then why := words_why_not(q->>'reason', 'reason', 'Say why: a reason is needed to amend a grant.'); end if;
  if why is null and ends <= clock_timestamp() then why := because('ends_invalid',
    'Access end date is invalid: it has passed. Revoke the grant to end it now.');
  elsif why is null and ends = g.valid_until then why := because('invalid', 'Access end date is invalid: it ends then already.'); end if;
  if why is null then why := period_why_not(g.valid_from, ends, clock_timestamp(), true); end if;
  if why is not null then return refuse(why, subject, null, g.row_version); end if;
  update grants set valid_until = ends where id = g.id;
  insert into grant_events (grant_id, what, by, old_until, new_until, reason) values (g.id, 'amended', me.person, g.valid_until, ends, q->>'reason');
  perform enqueue('grant.amended', subject, grant_message(g.id));
  return done(format('%s: it now ends %s.', case when ends < g.valid_until then 'Shortened' else 'Extended' end, said_when_over(ends)),
    touch_grant(g.id, me.person, 'amended'), null, subject);
end $$;

create or replace function exeat.do_revoke_grant(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  g grants := lock_grant(me.person, (q->>'grant')::bigint);
  subject text := 'grant:' || g.id;
  now timestamptz := clock_timestamp();
  why refusal;
  remains exeat.access;
  moved bigint;
begin
  if g.id is null then return no_such('grant', q->>'grant'); end if;
  why := revoke_why_not(me.person, g);
  if why is null then why := moved_why(me.person, (q->>'seen_row_version')::bigint, g.row_version, g.touched_by, g.touched_what, g.touched_at); end if;
  if why is null and q->>'class' not in ('ended', 'mistake', 'misuse')
    then why := because('invalid', 'Say what kind of reason it is: ended, mistake or misuse.'); end if;
  if why is null then why := words_why_not(q->>'reason', 'reason', 'Say why: a reason is needed to revoke a grant.'); end if;
  if why is not null then return refuse(why, subject, null, g.row_version); end if;
  update grants set revoked_at = now, revoked_by = me.person, revoke_class = q->>'class', revoke_reason = q->>'reason' where id = g.id;
  insert into grant_events (grant_id, what, by, old_until, reason)
    values (g.id, 'revoked', me.person, g.valid_until, format('%s: %s', q->>'class', q->>'reason'));
  perform enqueue('grant.revoked', subject, grant_message(g.id) || jsonb_build_object('class', q->>'class'));
  moved := touch_grant(g.id, me.person, 'revoked');
  remains := access_of(g.person, g.dataset, now);
  return done(case when remains.access then format('Revoked. Access remains until %s by grant%s %s.', said_until(remains.until),
      case when cardinality(remains.grants) > 1 then 's' else '' end, array_to_string(remains.grants[:5], ', ') || case when cardinality(remains.grants) > 5
        then ' and others' else '' end)
    else 'Revoked. No access remains.' end, moved, jsonb_build_object('remaining', access_json(remains)), subject);
end $$;
reset role;
