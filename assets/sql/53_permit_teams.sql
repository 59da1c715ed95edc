-- Issuing a permit and who is on its teams.
set role exeat_owner;

create or replace function exeat.team_why_not(v exeat.permit_view) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits := v.p;
begin
  return case when 'permit_manager' <> all (v.roles) then because('not_on_team', format('Only permit managers may change its teams (%s).',
      who_on(v.holders, '{permit_manager}', v.login)))
    when not exists (select from permit_moves() m where m.status = p.status and m.move <> 'delete') then
      because('not_pending', format('It is %s; its teams stay as they are.', status_words(p.status))) end;
end $$;

-- Why a person cannot have a role on a permit of the project; null where they can. Nobody names themselves: a second person has to.
create or replace function exeat.named_why_not(p_by int, p_login text, p_role text, p_project int) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  base text := (select r.rests_on from permit_roles() r where r.role = p_role);
  who int := (select x.id from people x where x.login = p_login and x.removed_at is null);
  name text := (select x.name from projects x where x.id = p_project);
begin
  return case
    when base is null then because('invalid', format('There is no role %s on a permit; there are %s.', coalesce(quoted(p_role), '(none named)'),
      any_of(array(select r.role from permit_roles() r))))
    when who is null then because('not_found', format('There is no person %s.', coalesce(quoted(p_login), '(none named)')))
    when who = p_by then because('second_person_needed', 'You cannot name yourself. Another permit manager has to.')
    when not has_role(who, p_project, base) then because('not_held', format('%s is not %s of %s, so they cannot be %s here. An administrator gives that role.',
      p_login, replace(base, '_', ' '), name, role_words(p_role))) end;
end $$;

create or replace function exeat.do_issue_permit(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  pr projects;
  r access_requests;
  accessions text[] := '{}';
  granted bigint[] := '{}';
  team jsonb := coalesce(q->'team', '[]');
  starts timestamptz := coalesce((q->>'from')::timestamptz, clock_timestamp());
  ends timestamptz := (q->>'until')::timestamptz;
  named text := q->>'reference';
  subject text := null;
  why refusal;
  e jsonb;
  made permits;
  numbered bigint;
  message jsonb;
begin
  select * into pr from projects where name = q->>'project';
  -- Whoever manages no permits there does not hear whether there is such a project.
  if pr.id is null or not has_role(me.person, pr.id, 'permit_manager') then
    return refuse('not_on_team', format('Only permit managers of %s may issue a permit there.', quoted(q->>'project')));
  end if;
  if q ? 'request' then
    select * into r from access_requests where id = (q->>'request')::bigint and status = 'allowed';
    if r.id is null then return no_such('allowed access request', q->>'request'); end if;
    accessions := array(select accession from datasets where id = r.dataset);
    granted := array(select id from grants where request = r.id);
    ends := coalesce(ends, r.access_ends);
    if not team @> '[{"role": "investigator"}]' then
      team := team || jsonb_build_object('login', login_of(r.person), 'role', 'investigator');
    end if;
  end if;
  why := case when not fits(coalesce(q->'datasets', '[]'), 'text[]') or not fits(coalesce(q->'grants', '[]'), 'int[]')
      then because('invalid', 'datasets is a list of accessions, and grants one of their numbers.') else entries_why_not(team, '{login:text,role:text}') end;
  if why is not null then return refuse(why); end if;
  accessions := accessions || array(select x from jsonb_array_elements_text(coalesce(q->'datasets', '[]')) x where x <> all (accessions));
  granted := granted || array(select x::bigint from jsonb_array_elements_text(coalesce(q->'grants', '[]')) x where x::bigint <> all (granted));
  why := case
    when length(coalesce(q->>'title', r.dataset_title, '')) not between 1 and 500 then because('invalid', 'A permit has a title of 1 to 500 characters.')
    when length(q->>'purpose') > 10000 then because('too_large', 'A purpose has at most 10,000 characters.')
    when named !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' or named ilike 'PRM-%' then
      because('invalid', 'A reference has letters, digits, and . _ - only, at most 64; PRM- begins those that are given here.')
    when exists (select from permits x where x.reference = named) then because('key_taken', format('There is a permit %s already.', named))
    when ends is null or not isfinite(ends) or ends > '9999-12-31' or starts < '1900-01-01' or ends <= greatest(starts, clock_timestamp())
      then because('ends_invalid', 'Say until when it is valid: later than now, and than its beginning.')
    when cardinality(accessions) not between 1 and 100 then because('invalid', 'A permit is for 1 to 100 datasets.')
    when jsonb_array_length(team) > 100 then because('too_large', 'At most 100 people are named at once.')
    when exists (select from unnest(accessions) a where not exists (select from datasets d where d.accession = a and d.removed_at is null))
      then because('not_found', 'Dataset not found: one of them is not offered here.')
    when (select count(*) from jsonb_array_elements(team) x where x->>'role' = 'investigator') <> 1
      then because('invalid', 'A permit has one principal investigator: name them.')
    when (select count(distinct x) from jsonb_array_elements(team) x) <> jsonb_array_length(team)
      then because('invalid', 'Somebody is named twice in the same role.')
    when exists (select from unnest(granted) n where not exists (select from grants g join datasets d on d.id = g.dataset and d.accession = any (accessions)
        join people x on x.id = g.person where g.id = n and grant_state(g, clock_timestamp()) in ('active', 'upcoming')
          and exists (select from jsonb_array_elements(team) y where y->>'login' = x.login and y->>'role' in ('investigator', 'member'))))
      then because('not_found', 'A grant it is issued on has to be live, of one of its datasets, and somebody''s of its research team.') end;
  for e in select * from jsonb_array_elements(team) loop
    if why is null then why := named_why_not(me.person, e->>'login', e->>'role', pr.id); end if;
  end loop;
  if why is not null then return refuse(why, null, pr.name); end if;
  numbered := nextval(pg_get_serial_sequence('exeat.permits', 'id'));
  insert into permits (id, reference, project, title, purpose, request, created_by, valid_from, valid_until, status, touched_by) overriding system value
  values (numbered, coalesce(named, format('PRM-%s-%s', extract(year from clock_timestamp()), lpad(numbered::text, greatest(3, length(numbered::text)), '0'))),
    pr.id, coalesce(q->>'title', r.dataset_title), coalesce(q->>'purpose', ''), r.id, me.person, starts, ends, 'AWAITING_INGRESS', me.person)
  returning * into made;
  subject := 'permit:' || made.id;
  insert into permit_team (permit, person, role, rests_on, added_by) select made.id, x.id, b.role, b.rests_on, me.person
    from jsonb_array_elements(team) t join people x on x.login = t->>'login' join permit_roles() b on b.role = t->>'role'
    union all select made.id, me.person, 'manager', 'permit_manager', me.person where not team @> '[{"role": "manager"}]';
  insert into permit_datasets select made.id, d.id from datasets d where d.accession = any (accessions);
  insert into permit_grants select made.id, g from unnest(granted) g;
  insert into permit_states (permit, status, move, actor, reason, version) values (made.id, made.status, 'issue', me.person, coalesce(q->>'purpose', ''), 1);
  message := permit_message(made) || jsonb_build_object('previous_status', null, 'new_status', made.status, 'reason', '', 'version', 1,
    'actor_id', (select ext_id from people where id = me.person));
  perform enqueue('permit.created', subject, message || jsonb_build_object('title', made.title));
  perform enqueue('permit.status.updated', subject, message || permit_mail(made, '{investigator,member,data_holder}', ''));
  perform tell_of_permit(made, 'issued');
  return done(format('%s is issued: permit %s of %s.', made.reference, made.id, pr.name), 1, jsonb_build_object('permit', made.id::text,
    'reference', made.reference), subject, pr.name);
end $$;

create or replace function exeat.do_add_to_team(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_permit(me.person, q);
  p permits := got.p;
  subject text := 'permit:' || p.id;
  why refusal := got.why;
  who int;
begin
  if why is null then why := team_why_not(got.v); end if;
  if why is null then why := named_why_not(me.person, q->>'login', q->>'role', p.project); end if;
  who := (select x.id from people x where x.login = q->>'login');
  if why is null and q->>'role' = 'investigator'
      and exists (select from permit_team t where t.permit = p.id and t.role = 'investigator' and t.ended_at is null) then
    why := because('invalid', 'It has a principal investigator; end theirs first.');
  elsif why is null and (select count(*) >= 200 from permit_team t where t.permit = p.id) then
    why := because('too_many', 'Two hundred people were named on it, and no more may be.');
  end if;
  if why is not null then return refuse(why, subject, got.of_project, p.row_version); end if;
  insert into permit_team (permit, person, role, rests_on, added_by)
  select p.id, who, r.role, r.rests_on, me.person from permit_roles() r where r.role = q->>'role' on conflict do nothing;
  if not found then return done('They are that already.', p.row_version, null, subject, got.of_project); end if;
  -- A holder who comes while uploads go on has an upload area too.
  perform want_workspaces(p.id);
  return done(format('%s is %s of %s.', q->>'login', role_words(q->>'role'), p.reference), touch_permit(p.id, me.person, 'team changed'), null,
    subject, got.of_project);
end $$;

create or replace function exeat.do_end_in_team(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_permit(me.person, q);
  p permits := got.p;
  subject text := 'permit:' || p.id;
  why refusal := got.why;
begin
  if why is null then why := team_why_not(got.v); end if;
  if why is not null then return refuse(why, subject, got.of_project, p.row_version); end if;
  update permit_team t set ended_at = clock_timestamp(), ended_by = me.person from people x
  where t.permit = p.id and x.id = t.person and x.login = q->>'login' and t.role = q->>'role' and t.ended_at is null;
  if not found then
    return refuse('not_held', format('%s is not %s of %s.', quoted(q->>'login'), role_words(quoted(q->>'role')), p.reference), subject, got.of_project,
      p.row_version);
  end if;
  perform want_workspaces(p.id);
  return done(format('%s is no longer %s of %s.', q->>'login', role_words(q->>'role'), p.reference), touch_permit(p.id, me.person, 'team changed'), null,
    subject, got.of_project);
end $$;
reset role;
