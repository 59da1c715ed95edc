-- What portals of the field ask for in their own shapes (contracts A to C), for the person a service reads for: people by UUID and by login, the
-- files of a project with what was said about them, and until when somebody has access. The rules are those of the other reads.
set role exeat_owner;

-- Whether the session is a service's.
create or replace function exeat.is_service() returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return exists (select from services s where s.role = session_user::text and s.ended_at is null); end $$;

-- People by login or by the UUID portals know them by, at most a thousand; those who left too.
create or replace function exeat.portal_people(ids text[])
returns table (login text, ext_id uuid, full_name text, title text, mail text, active bool)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query select p.login, p.ext_id, p.full_name, coalesce(p.title, ''), coalesce(p.mail, ''), p.removed_at is null from people p
    where is_service() and (p.login = any (ids[:1000]) or p.ext_id = any (array(
      select x::uuid from unnest(ids[:1000]) x where x ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')));
end $$;

-- The roles a person holds now: [{"role", "project"}], project null for all.
create or replace function exeat.portal_roles(person text, credential text) returns jsonb
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := reader(person, credential);
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('role', m.role, 'project', pr.name) order by m.role, pr.name), '[]')
    from held_memberships m left join projects pr on pr.id = m.project where m.person = me);
end $$;

-- Where a project's files lie, for who may see them.
create or replace function exeat.portal_location(person text, project text, credential text) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := reader(person, credential);
begin
  return (select 's3://' || pr.bucket || '/' || pr.prefix from projects pr where pr.name = portal_location.project and pr.id = any (projects_of(me)));
end $$;

-- The files of a project as the store had them at the last look, in the order of their keys, each with the approvals that count, first ones first.
create or replace function exeat.portal_files(person text, project text, credential text)
returns table (version bigint, key text, size bigint, approvals json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := reader(person, credential);
begin
  return query select v.id, key_text(v.key), v.size, (
      select coalesce(json_agg(json_strip_nulls(json_build_object('user_id', p.login, 'destination', c.destination, 'comment', nullif(o.comment, '')))
        order by o.first_at, o.id), '[]')
      from cases c cross join lateral (select (tally(c.id)).by as counted) t join votes o on o.case_id = c.id and o.standing and o.kind = 'approve'
      join people p on p.id = o.voter and p.login = any (t.counted) where c.version = v.id)
    from projects pr join file_versions v on v.project = pr.id and v.newest and v.gone_at is null
    where pr.name = portal_files.project and pr.id = any (projects_of(me)) order by v.key;
end $$;

-- What happened to the files of a project, in the order of time: votes, downloads with how they ended.
create or replace function exeat.portal_events(person text, project text, credential text)
returns table (at timestamptz, version bigint, login text, action text, destination text, comment text)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := reader(person, credential);
begin
  return query select e.at, e.version, p.login, e.action, e.destination, nullif(e.comment, '')
    from projects pr cross join lateral (
      select o.id, o.at, o.version, o.voter as who, case o.kind when 'approve' then 'Approval' when 'reject' then 'Rejection' end as action, c.destination,
        o.comment from votes o join cases c on c.id = o.case_id where o.project = pr.id
      union all
      select d.id, coalesce(d.ended_at, d.started_at), d.version, d.person, case when d.completed then 'Download' end, c.destination,
        case when d.ended_at is null then 'The download began.' when not d.completed then 'The download ended before its end.' end
      from file_versions v join downloads d on d.version = v.id left join tickets t on t.id = d.ticket left join cases c on c.id = t.case_id
      where v.project = pr.id and d.released) e
    join people p on p.id = e.who
    where pr.name = portal_events.project and pr.id = any (projects_of(me)) order by e.at, e.id;
end $$;

-- The datasets a person has access to now, each with the latest end among the grants valid now. For those who may ask for the person.
create or replace function exeat.portal_access(person text, of_login text, credential text) returns table (dataset text, until timestamptz)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := reader(person, credential);
begin
  return query select d.accession, (x.a).until from people p join (select distinct g.person, g.dataset from grants g) g on g.person = p.id
    join datasets d on d.id = g.dataset cross join lateral (select access_of(p.id, d.id, clock_timestamp()) as a) x
    where p.login = of_login and (p.id = me or reads_all_access(me)) and (x.a).access order by d.accession;
end $$;

-- What a form for a new request starts from, and its bounds; null where the dataset is not offered.
create or replace function exeat.portal_defaults(person text, dataset text, credential text) returns jsonb
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := reader(person, credential);
begin
  return (select to_jsonb(d) from request_defaults_of(me, dataset) d);
end $$;

-- The files of an output of a permit, for who may see them.
create or replace function exeat.portal_output(person text, permit bigint, output int, credential text) returns bigint[]
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := reader(person, credential);
begin
  return array(select f.version from permit_outputs o join permit_output_files f on f.output = o.id join file_versions v on v.id = f.version
    where o.permit = portal_output.permit and o.number = portal_output.output and v.project = any (projects_of(me)) order by f.version);
end $$;
reset role;
