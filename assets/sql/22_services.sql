-- Services: programs that act for people who have no login of the database at hand, each as one row and one login of the group exeat_service.
-- Whom a service acts for is an argument of every call, never a setting of its session: that would outlive a transaction in a pool. A service
-- may do nothing by itself, nothing a person may not, and nothing of what the list keeps for people with logins of their own.
set role exeat_owner;

-- For whom a service asks. The database knows the service by its session and takes its word for the person. No service of now, or a
-- credential that is none of it: nothing; a login that is a person's or the worker's too is none. Nobody active of that login, or none the
-- credential acts for: no person.
do $$ begin
  if to_regprocedure('exeat.acting(text)') is not null then
    drop function exeat.command_for(text, uuid, text, jsonb);
    drop function exeat.read_for(text, text, text, jsonb);
    drop function exeat.reader(text);
    drop function exeat.acting(text);
  end if;
end $$;
create or replace function exeat.acting(p_login text, p_credential text default null) returns exeat.caller
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select row(p.id, p.login, s.name, null, p_credential)::caller from services s left join people p on p.login = p_login and p.removed_at is null
      and (p_credential is null or credential_acts_for(s.name, p_credential, p.id, p.login))
    where s.role = session_user::text and s.ended_at is null
      and not pg_has_role(session_user, 'exeat_person', 'member') and not pg_has_role(session_user, 'exeat_worker', 'member'));
end $$;

-- The same for a read, which refuses nothing in a row: for nobody there is a mistake, never an empty list.
create or replace function exeat.reader(p_login text, p_credential text default null) returns int
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me caller := acting(p_login, p_credential);
begin
  if me.via is null then
    perform misread('The database login %s is no service here. An administrator has to add it (exeat services add).', session_user);
  end if;
  if me.person is null then perform misread('There is no active person %s to read for.', p_login); end if;
  return me.person;
end $$;

-- The way in for a service, for a person; credential: the program behind it that asked, where it serves several.
create or replace function exeat.command_for(person text, id uuid, name text, request jsonb, credential text default null) returns exeat.answer
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.run(exeat.acting(person, credential), id, name, request) $$;

-- Why a command is not for who asks; null where it is.
create or replace function exeat.audience_why_not(me exeat.caller, p_command text) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when me.via is not null and command_specs()->p_command->>'for' = 'person'
    then because('not_by_service', format('%s is for people with a login of their own: %s may not do it for %s.', p_command, me.via, me.login)) end;
end $$;

-- Why a person's vote cannot be cast or undone through a service, nor bytes be read that are not released; null where they can.
create or replace function exeat.via_why_not(me exeat.caller, f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when me.via is not null and not coalesce((select o.votes_via_services from policies o
      where o.project = f.project and o.destination = f.destination and o.state = 'active'), false)
    then because('not_by_service', format('The policy of %s for %s lets nobody look or vote through services such as %s. Use a login of your own.',
      f.project_name, coalesce(f.destination, 'any destination'), me.via)) end;
end $$;

-- Whether a login of the database is in one of exeat's groups, by itself or through another.
create or replace function exeat.in_group(p_role text, p_group name) returns bool
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exists (select from pg_roles r where r.rolname = p_role and not r.rolsuper and pg_has_role(r.oid, p_group, 'member')) $$;

create or replace function exeat.do_add_service(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  subject text := 'service:' || quoted(q->>'name');
  holder text := (select p.login from logins l join people p on p.id = l.person where l.role = q->>'role');
begin
  if not_admin(me.person) then return only_admins(); end if;
  if q->>'name' !~ '^[a-z0-9][a-z0-9_-]{0,62}$' then
    return refuse('invalid', 'The name of a service has small letters, digits, _ and - only, at most 63.');
  elsif octet_length(q->>'role') not between 1 and 63 then
    return refuse('invalid', 'A database login has 1 to 63 bytes; PostgreSQL cuts longer ones, and two would become one.', subject);
  elsif holder is not null then
    return refuse('invalid', format('The database login %s belongs to %s: a service has one of its own.', q->>'role', holder), subject);
  elsif in_group(q->>'role', 'exeat_person') or in_group(q->>'role', 'exeat_worker')
      or exists (select from pg_roles where rolname = q->>'role' and rolsuper) then
    return refuse('invalid', format('The database login %s is of people, of the worker or of the database''s administrators: '
      'a service has one of its own.', q->>'role'), subject);
  end if;
  insert into services (name, role, added_by) values (q->>'name', q->>'role', me.person) on conflict do nothing;
  if not found then
    return refuse('invalid', format('There is a service %s already, or one with the database login %s; one that has ended does not '
      'begin again.', q->>'name', q->>'role'), subject);
  end if;
  return done(format('%s acts for people from now on, with the database login %s.', q->>'name', q->>'role'), null, null, subject);
end $$;

create or replace function exeat.do_end_service(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not_admin(me.person) then return only_admins(); end if;
  update services set ended_at = clock_timestamp() where name = q->>'name' and ended_at is null;
  if not found then return no_such('active service', q->>'name'); end if;
  return done(format('%s acts for nobody any more.', q->>'name'), null, null, 'service:' || (q->>'name'));
end $$;

create or replace function exeat.list_services() returns table (name text, role text, since timestamptz, added_by text, ended_at timestamptz)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query select s.name, s.role, s.since, p.login, s.ended_at from services s join people p on p.id = s.added_by
  where sees_people() order by s.name;
end $$;
reset role;
