-- What people read of the site beside the lists of the areas: the change feed, projects, people, policies, state.
set role exeat_owner;

-- A place in the change feed, or a mistake.
create or replace function exeat.feed_place(p_after text) returns pg_snapshot
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return p_after::pg_snapshot;
exception when data_exception then
  perform misread('This is no place in the change feed: give what last_change said.');
end $$;

-- Exactly what has committed since a snapshot (of last_change), however late: its transaction was not over then and is now. At most 10,000.
drop function if exists exeat.changes_since(bigint);
create or replace function exeat.changes_of(p_person int, p_all bool, p_after text) returns table (area text, row_id bigint, what text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select c.area, c.row_id, c.what from changes c
  where c.xid >= pg_snapshot_xmin((select exeat.feed_place(p_after))) and not pg_visible_in_snapshot(c.xid, (select exeat.feed_place(p_after)))
    -- Restored from another cluster's backup, a row may have a number of the future.
    and c.xid < pg_snapshot_xmax(pg_current_snapshot())
    -- Without a row it concerns no list.
    and c.row_id is not null
    and (p_all or c.project = any ((select exeat.projects_of(p_person))::int[]) or c.person = p_person
      -- Of people's roles in the whole site only they themselves hear.
      or (c.project is null and c.person is null and p_person is not null and c.area <> 'membership'))
  order by c.id limit 10000
$$;

create or replace function exeat.changes_since(after text) returns table (area text, row_id bigint, what text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select c.* from exeat.changes_of((exeat.me()).person, pg_has_role(session_user, 'exeat_worker', 'member'), after) c $$;

create or replace function exeat.changes_since_for(person text, after text) returns table (area text, row_id bigint, what text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select c.* from exeat.changes_of(exeat.reader(person), false, after) c $$;

-- Where the feed ends now: what the statement that asks sees.
do $$ begin if to_regprocedure('exeat.last_change()') is not null then drop function exeat.last_change(); end if; end $$;
create function exeat.last_change() returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select pg_current_snapshot()::text $$;

create or replace function exeat.sees_people() returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exeat.has_role((exeat.me()).person, null, 'administrator') or exeat.has_role((exeat.me()).person, null, 'auditor');
end $$;

drop function if exists exeat.list_projects();
create function exeat.list_projects()
returns table (id text, title text, purpose text, location text, shared_location text, destinations text[], created_at timestamptz, standing text, waits text,
  paused text, fault text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.name, p.title, p.purpose, exeat.url(p.bucket, p.prefix), exeat.url(p.shared_bucket, p.shared_prefix),
    array(select destination from policies where project = p.id and state = 'active' order by 1), p.created_at,
    case when p.opened_at is null then 'proposed' when p.closed_at is null then 'open' else 'closed' end,
    (select format('change %s by %s since %s: %s', c.id, a.login, exeat.said(c.proposed_at), case c.kind when 'open' then 'it opens' when 'close' then
        format('it closes for good, %s', exeat.quoted(c.reason)) else format('its files lie in %s and go to %s, %s', exeat.url(c.bucket, c.prefix),
        exeat.url(c.shared_bucket, c.shared_prefix), exeat.quoted(c.reason)) end)
      from project_changes c join people a on a.id = c.proposed_by where c.project = p.id and c.state = 'proposed'),
    'since ' || exeat.said(p.paused_at) || ' by ' || (select login from people where people.id = p.paused_by) || ': ' || p.paused_reason, exeat.fault_of(p.id)
  from projects p where p.id = any ((select exeat.my_projects())::int[]) order by p.name
$$;

-- Administrators and auditors see everyone, others themselves.
create or replace function exeat.list_people()
returns table (login text, full_name text, mail text, roles text[], created_at timestamptz, removed_at timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.login, p.full_name, p.mail, array(select l.role from logins l where l.person = p.id order by 1), p.created_at, p.removed_at
  from people p where (select exeat.sees_people()) or p.id = (select (exeat.me()).person) order by p.login
$$;

create or replace function exeat.list_memberships(login text default null)
returns table (login text, project text, role text, valid_from timestamptz, valid_until timestamptz, valid_now bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.login, pr.name, m.role, m.valid_from, least(m.ended_at, m.valid_until), exists (select from held_memberships h where h.id = m.id)
  from memberships m join people p on p.id = m.person left join projects pr on pr.id = m.project
  where (list_memberships.login is null or p.login = list_memberships.login)
    and ((select exeat.sees_people()) or p.id = (select (exeat.me()).person))
  order by p.login, pr.name nulls first, m.role, m.valid_from
$$;

create or replace function exeat.list_keys() returns table (key bigint, login text, public_key text, fingerprint text, added_at timestamptz,
  confirmed_by text, confirmed_at timestamptz, ended_at timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select k.id, p.login, k.public_key, k.fingerprint, k.added_at, c.login, k.confirmed_at, k.ended_at
  from signing_keys k join people p on p.id = k.person left join people c on c.id = k.confirmed_by
  where (select exeat.sees_people()) or p.id = (select (exeat.me()).person) order by p.login, k.id
$$;

drop function if exists exeat.list_policies(text);
create function exeat.list_policies(project text)
returns table (policy bigint, destination text, number int, state text, approvals int, largest_file bigint, hold_seconds int,
  rejection_vetoes bool, inspection_downloads bool, votes_via_services bool, signatures text, unseen text, checks jsonb,
  proposed_by text, proposed_at timestamptz,
    confirmed_by text, active_from timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select o.id, o.destination, o.number, o.state, o.approvals, o.largest_file, o.hold_seconds, o.rejection_vetoes, o.inspection_downloads,
    o.votes_via_services, o.signatures, o.unseen, exeat.readable(o.checks),
    a.login, o.proposed_at, b.login, o.active_from
  from policies o join projects pr on pr.id = o.project left join people a on a.id = o.proposed_by left join people b on b.id = o.confirmed_by
  where pr.name = list_policies.project and pr.id = any ((select exeat.my_projects())::int[]) order by o.destination, o.number
$$;

drop function if exists exeat.system_status();
create or replace function exeat.system_status()
returns table (worker_alive bool, worker_seen timestamptz, waiting bigint, unsealed bigint, schema_number int, fault text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select coalesce(max(w.seen_at) > clock_timestamp() - interval '10 seconds', false), max(w.seen_at),
    (select count(*) from tickets t where t.state = 'open'), (select count(*) from exeat.unsealed), exeat.schema_number(),
    (select x.fault from workers x where x.fault is not null and x.seen_at > clock_timestamp() - interval '1 minute' order by x.seen_at desc limit 1)
  from workers w
$$;
reset role;
