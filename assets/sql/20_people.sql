-- Who may what where: memberships as they are at this moment.
set role exeat_owner;

-- The memberships that hold now. One that ended stays ended, whatever the clock says later.
select exeat.keep_view('held_memberships', 'select * from exeat.memberships
  where ended_at is null and valid_from <= clock_timestamp() and (valid_until is null or valid_until > clock_timestamp())');

-- Does the person hold the role in the project (or in every project) now? Removed people hold nothing.
create or replace function exeat.has_role(p_person int, p_project int, p_role text) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from held_memberships m join people p on p.id = m.person and p.removed_at is null
    where m.person = p_person and m.role = p_role and (m.project is null or m.project = p_project));
end $$;

-- Was the person ever a researcher of the project, or is to become one? Ended memberships count, and so does every other: by a clock
-- that was put back since, one may have held and ended before it seems to begin.
create or replace function exeat.was_researcher(p_person int, p_project int) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from memberships m where m.person = p_person and m.role = 'researcher'
    and (m.project is null or m.project = p_project));
end $$;

-- Projects whose files a person may see: researcher or checker of it, or auditor or administrator of all.
create or replace function exeat.projects_of(p_person int) returns int[]
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select coalesce(array_agg(p.id order by p.id), '{}') from projects p
  where exists (select from held_memberships m join people q on q.id = m.person and q.removed_at is null
    where m.person = p_person and m.role in ('researcher', 'checker', 'auditor', 'administrator')
      and (m.project is null or m.project = p.id)));
end $$;

create or replace function exeat.my_projects() returns int[]
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exeat.projects_of((exeat.me()).person);
end $$;

-- Who else could vote: for sentences only.
create or replace function exeat.other_checkers(p_project int, p_but int) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exeat.any_of(array(select distinct p.login from held_memberships m join people p on p.id = m.person and p.removed_at is null
    where m.role = 'checker' and (m.project is null or m.project = p_project) and p.id <> p_but
    order by p.login limit 4));
end $$;

create or replace function exeat.whoami()
returns table (person int, login text, full_name text, roles jsonb, schema_number int)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.id, p.login, p.full_name,
    coalesce((select jsonb_agg(jsonb_build_object('role', m.role, 'project', pr.name) order by m.role, pr.name)
      from held_memberships m left join projects pr on pr.id = m.project where m.person = p.id), '[]'),
    exeat.schema_number()
  from (select exeat.me() as c) x left join people p on p.id = (x.c).person
$$;
reset role;
