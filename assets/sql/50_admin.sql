-- Administrators' commands: people, logins, memberships, policies.
set role exeat_owner;

create or replace function exeat.not_admin(p_person int) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return not exeat.has_role(p_person, null, 'administrator');
end $$;

create or replace function exeat.only_admins() returns exeat.outcome
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exeat.refuse('forbidden', 'Only administrators may do this.');
end $$;

-- Why an administrator is not the second one that a proposal needs; null where they are.
create or replace function exeat.second_why_not(me exeat.caller, p_proposer int) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when p_proposer = me.person or not has_role(p_proposer, null, 'administrator') then
    because('second_person_needed', 'Two administrators are needed: one who proposed it and is one still, and another who confirms.') end;
end $$;

-- Executable by the owner only: the first administrator, while there is none. Their database login is named as they are.
create or replace function exeat.bootstrap_admin(login text, full_name text) returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  made int;
begin
  if exists (select from memberships where role = 'administrator') then
    raise exception 'There is an administrator already; administrators add people with exeat.add_person.';
  end if;
  insert into people (login, full_name) values (bootstrap_admin.login, bootstrap_admin.full_name) returning id into made;
  insert into logins (role, person) values (bootstrap_admin.login, made);
  insert into memberships (person, role) values (made, 'administrator');
  perform write_journal(null, 'bootstrap_admin', null, jsonb_build_object('login', bootstrap_admin.login, 'full_name', bootstrap_admin.full_name),
    exeat.done('The first administrator is there.', null, null, 'person:' || bootstrap_admin.login));
  return made;
end $$;

create or replace function exeat.do_add_person(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  made int;
begin
  if not_admin(me.person) then return only_admins(); end if;
  if q->>'login' !~ '^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}$' then
    return refuse('invalid', 'A login begins with a letter, digit or _ and has letters, digits and _ . @ + - only, at most 128.');
  elsif length(q->>'full_name') not between 1 and 200 then
    return refuse('invalid', 'A full name has 1 to 200 characters.');
  elsif q->>'mail' is not null and mail_why_not(q->>'mail') is not null then
    return refuse('invalid', 'The mail address is not one: write name@host, at most 320 characters.');
  end if;
  insert into people (login, full_name, mail) values (q->>'login', q->>'full_name', q->>'mail') on conflict do nothing returning id into made;
  if made is null then return refuse('invalid', format('There is a person %s already.', q->>'login'), 'person:' || (q->>'login')); end if;
  return done(format('Added %s.', q->>'login'), null, jsonb_build_object('person', made), 'person:' || (q->>'login'));
end $$;

create or replace function exeat.do_add_login(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p people;
  holder text;
begin
  if not_admin(me.person) then return only_admins(); end if;
  select * into p from people where login = q->>'login' and removed_at is null;
  if p.id is null then return no_such('person', q->>'login'); end if;
  if octet_length(q->>'role') not between 1 and 63 then
    return refuse('invalid', 'A database login has 1 to 63 bytes; PostgreSQL cuts longer ones, and two people would become one.', 'person:' || p.login);
  elsif exists (select from services where role = q->>'role') or in_group(q->>'role', 'exeat_service') then
    return refuse('invalid', format('The database login %s is a service''s, or in their group: it can be nobody''s own.', q->>'role'), 'person:' || p.login);
  end if;
  insert into logins (role, person) values (q->>'role', p.id) on conflict do nothing;
  if not found then
    holder := (select x.login from logins l join people x on x.id = l.person where l.role = q->>'role');
    if holder = p.login then return done('It is theirs already.', null, null, 'person:' || p.login); end if;
    return refuse('invalid', format('The database login %s belongs to %s.', q->>'role', holder), 'person:' || p.login);
  end if;
  return done(format('The database login %s is %s.', q->>'role', p.login), null, null, 'person:' || p.login);
end $$;

create or replace function exeat.do_add_membership(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p people;
  pr projects;
  subject text;
  starts timestamptz := coalesce((q->>'valid_from')::timestamptz, clock_timestamp());
  ends timestamptz := (q->>'valid_until')::timestamptz;
  made bigint;
begin
  if not_admin(me.person) then return only_admins(); end if;
  -- The lock keeps a release of what the person voted on from being decided beside this (hold_still).
  select * into p from people where login = q->>'login' and removed_at is null for no key update;
  if p.id is null then return no_such('person', q->>'login'); end if;
  subject := 'person:' || p.login;
  if q->>'project' is not null then
    select * into pr from projects where name = q->>'project';
    if pr.id is null then return no_such('project', q->>'project'); end if;
  end if;
  if q->>'role' is null or q->>'role' not in ('researcher', 'checker', 'steward', 'permit_manager', 'data_preparator', 'data_reviewer',
      'setup_engineer', 'setup_reviewer', 'data_holder', 'administrator', 'auditor') then
    return refuse('invalid', format('There is no role %s.', coalesce(quoted(q->>'role'), '(none named)')), subject, pr.name);
  elsif q->>'role' in ('administrator', 'auditor') and pr.id is not null then
    return refuse('invalid', format('An %s is one for all projects; name none.', q->>'role'), subject, pr.name);
  elsif starts not between '1900-01-01' and '9999-12-31' or ends not between '1900-01-01' and '9999-12-31' then
    return refuse('invalid', 'A membership begins and ends between the years 1900 and 9999; without an end it lasts.', subject, pr.name);
  elsif ends <= starts then
    return refuse('invalid', 'A membership ends after it begins.', subject, pr.name);
  elsif p.id = me.person then
    return refuse('second_person_needed', 'You cannot give yourself a role. Another administrator has to.', subject, pr.name);
  end if;
  insert into memberships (person, project, role, valid_from, valid_until) values (p.id, pr.id, q->>'role', starts, ends) returning id into made;
  perform changed(pr.id, null, 'membership', made, 'added');
  perform changed(null, p.id, 'membership', made, 'added');
  return done(format('%s is %s of %s.', p.login, q->>'role', coalesce(pr.name, 'all projects')), null,
    jsonb_build_object('membership', made, 'valid_from', journal_time(starts), 'valid_until', journal_time(ends)), subject, pr.name);
end $$;

create or replace function exeat.do_end_membership(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p people;
  pr projects;
  subject text;
  n int;
begin
  if not_admin(me.person) then return only_admins(); end if;
  select * into p from people where login = q->>'login';
  if p.id is null then return no_such('person', q->>'login'); end if;
  subject := 'person:' || p.login;
  if q->>'project' is not null then
    select * into pr from projects where name = q->>'project';
    if pr.id is null then return no_such('project', q->>'project'); end if;
  end if;
  if p.id = me.person and q->>'role' = 'administrator' then
    return refuse('second_person_needed', 'You cannot end your own administration. Another administrator has to.', subject, pr.name);
  end if;
  -- One that has not begun ends before it would begin: it never holds.
  update memberships m set ended_at = clock_timestamp()
  where m.person = p.id and m.role = q->>'role' and m.project is not distinct from pr.id and m.ended_at is null
    and (m.valid_until is null or m.valid_until > clock_timestamp());
  get diagnostics n = row_count;
  if n = 0 then
    return refuse('not_held', format('%s is not %s of %s.', p.login, coalesce(quoted(q->>'role'), '(no role named)'), coalesce(pr.name, 'all projects')),
      subject, pr.name);
  end if;
  perform changed(pr.id, null, 'membership', null, 'ended');
  perform changed(null, p.id, 'membership', null, 'ended');
  return done(format('%s is no longer %s of %s.', p.login, q->>'role', coalesce(pr.name, 'all projects')), null, null, subject, pr.name);
end $$;

-- Every value of a policy at least as strict as in another? Numbers of the checks have no common direction: any change counts as weaker.
create or replace function exeat.as_strict(n exeat.policies, o exeat.policies) returns bool
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select n.approvals >= o.approvals and n.largest_file <= o.largest_file and n.hold_seconds >= o.hold_seconds
    and n.rejection_vetoes >= o.rejection_vetoes and n.inspection_downloads <= o.inspection_downloads
    and n.votes_via_services <= o.votes_via_services and exeat.signatures_rank(n.signatures) >= exeat.signatures_rank(o.signatures)
    and exeat.unseen_rank(n.unseen) >= exeat.unseen_rank(o.unseen) and n.checks = o.checks
$$;

create or replace function exeat.activate_policy(p_policy bigint, p_confirmer int) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  pol policies;
begin
  select * into pol from policies where id = p_policy;
  update policies set state = 'replaced' where project = pol.project and destination = pol.destination and state = 'active';
  update policies set state = 'active', active_from = clock_timestamp(), confirmed_by = p_confirmer where id = p_policy;
  -- Older proposals compared themselves with another policy.
  update policies set state = 'dropped' where project = pol.project and destination = pol.destination and state = 'proposed';
  perform changed(pol.project, null, 'policy', p_policy, 'active');
end $$;

-- All of a policy that decides, as the journal keeps it.
create or replace function exeat.policy_values(n exeat.policies) returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('approvals', n.approvals, 'largest_file', n.largest_file, 'hold_seconds', n.hold_seconds, 'rejection_vetoes', n.rejection_vetoes,
    'inspection_downloads', n.inspection_downloads, 'votes_via_services', n.votes_via_services, 'signatures', n.signatures, 'unseen', n.unseen,
    'checks', n.checks)
$$;

create or replace function exeat.do_set_policy(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p projects;
  now_active policies;
  n policies;
  v jsonb := q->'values';
  subject text;
  bad text;
begin
  if not_admin(me.person) then return only_admins(); end if;
  -- The lock puts two changes of one project's policies in a row.
  select * into p from projects where name = q->>'project' for no key update;
  if p.id is null then return no_such('project', q->>'project'); end if;
  subject := 'project:' || p.name;
  if q->>'destination' !~ '^[a-z0-9][a-z0-9_-]{0,62}$' then
    return refuse('invalid', 'A destination has small letters, digits, _ and - only, at most 63.', subject, p.name);
  elsif jsonb_typeof(v) is distinct from 'object' then
    return refuse('invalid', 'The values of a policy are a JSON object.', subject, p.name);
  end if;
  bad := (select k from jsonb_object_keys(v) k where k not in ('approvals', 'largest_file', 'hold_seconds', 'rejection_vetoes', 'inspection_downloads',
    'votes_via_services', 'signatures', 'unseen', 'checks') limit 1);
  if bad is null then
    select k into bad from jsonb_each(v) e(k, x) where case
      when k in ('rejection_vetoes', 'inspection_downloads', 'votes_via_services') then jsonb_typeof(x) <> 'boolean'
      when k = 'checks' then jsonb_typeof(x) <> 'object'
      when k = 'signatures' then x not in ('"off"', '"wanted"', '"required"')
      when k = 'unseen' then x not in ('"ask"', '"allow"', '"refuse"')
      when jsonb_typeof(x) <> 'number' or x::text::numeric <> trunc(x::text::numeric) then true
      when k = 'approvals' then x::text::numeric not between 1 and 20
      when k = 'hold_seconds' then x::text::numeric not between 0 and 31536000
      else x::text::numeric not between 0 and 9223372036854775807 end limit 1;
  end if;
  if bad is not null then
    return refuse('invalid', format('The value %s of a policy is unknown or out of range.', quoted(bad)), subject, p.name);
  end if;
  select * into now_active from policies where project = p.id and destination = q->>'destination' and state = 'active';
  insert into policies (project, destination, number, approvals, largest_file, hold_seconds, rejection_vetoes, inspection_downloads,
    votes_via_services, signatures, unseen, checks, state, proposed_by)
  select p.id, q->>'destination', 1 + coalesce((select max(number) from policies where project = p.id and destination = q->>'destination'), 0),
    coalesce((v->>'approvals')::numeric::int, now_active.approvals, 2), coalesce((v->>'largest_file')::numeric::bigint, now_active.largest_file, 10737418240),
    coalesce((v->>'hold_seconds')::numeric::int, now_active.hold_seconds, 30), coalesce((v->>'rejection_vetoes')::bool, now_active.rejection_vetoes, false),
    coalesce((v->>'inspection_downloads')::bool, now_active.inspection_downloads, false),
    coalesce((v->>'votes_via_services')::bool, now_active.votes_via_services, false), coalesce(v->>'signatures', now_active.signatures, 'off'),
    coalesce(v->>'unseen', now_active.unseen, 'ask'), coalesce(v->'checks', now_active.checks, '{}'), 'proposed', me.person
  returning * into n;
  -- A first policy for a destination is another way out.
  if as_strict(n, now_active) then
    perform activate_policy(n.id, null);
    return done(format('The policy of %s for %s is active.', p.name, n.destination), null,
      jsonb_build_object('policy', n.id, 'proposed', false, 'values', policy_values(n)), subject, p.name);
  end if;
  perform changed(p.id, null, 'policy', n.id, 'proposed');
  return done(format(case when now_active.id is null
    then 'Proposed. It opens a way out, so another administrator has to confirm policy %s.'
      else 'Proposed. It is weaker than the policy of now, so another administrator has to confirm policy %s.' end, n.id), null,
    jsonb_build_object('policy', n.id, 'proposed', true, 'values', policy_values(n)), subject, p.name);
end $$;

create or replace function exeat.do_confirm_policy(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  n policies;
  p projects;
  subject text;
begin
  if not_admin(me.person) then return only_admins(); end if;
  select pr.* into p from projects pr join policies po on po.project = pr.id where po.id = (q->>'policy')::bigint for no key update of pr;
  if p.id is null then return no_such('policy', q->>'policy'); end if;
  select * into n from policies where id = (q->>'policy')::bigint;
  subject := 'project:' || p.name;
  if n.state <> 'proposed' then
    return refuse('not_pending', format('Policy %s is %s; there is nothing to confirm.', n.id, n.state), subject, p.name);
  elsif second_why_not(me, n.proposed_by) is not null then
    return refuse(second_why_not(me, n.proposed_by), subject, p.name);
  end if;
  perform activate_policy(n.id, me.person);
  return done(format('The policy of %s for %s is active.', p.name, n.destination), null, jsonb_build_object('policy', n.id), subject, p.name);
end $$;
reset role;
