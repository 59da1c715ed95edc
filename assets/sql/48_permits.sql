-- The life of a data permit as data (design section 7, contracts D): what moves it, who may, what follows. The command, the reasons why not,
-- the tab's map and its next steps all read these rows. Anything that is not in them is a conflict: nothing changes, and no event goes out.
set role exeat_owner;

-- From where a move leads where to, who may (any of the roles), whether a reason is needed, whose doing of which move excludes them (four
-- eyes: neither who ever did that, nor who was ever one of `never`), how many persons it takes, the event beside permit.status.updated,
-- who is told, what one does in words, and whose doing that is; which way it leads (on, back to who did it, aside of the way, or to its end),
-- and what it is called in few words.
create or replace function exeat.permit_moves() returns setof exeat.permit_move
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query
  select m.status, m.move, m.becomes, m.roles::text[], m.reason, m.not_after, m.never::text[], m.persons, m.events::text[], m.told::text[], m.says, m.whose,
    m.way, m.short
  from (values
    ('AWAITING_INGRESS', 'initiate_ingress', 'INGRESS_IN_PROGRESS', '{permit_manager}', false, null, '{}', 1,
      '{permit.ingress.initiated}', '{data_holder}', 'initiate ingress', 'permit manager', 'on', 'initiate ingress'),
    ('INGRESS_IN_PROGRESS', 'confirm_upload', 'DATA_PREPARATION_PENDING', '{data_holder,permit_manager}', false, null, '{}', 1,
      '{permit.ingress.confirmed}', '{preparator,investigator,member}', 'confirm the upload', 'data holder or permit manager', 'on', 'confirm upload'),
    ('DATA_PREPARATION_PENDING', 'submit_preparation', 'DATA_PREPARATION_REVIEW_PENDING', '{preparator}', false, null, '{}', 1,
      '{}', '{data_reviewer}', 'submit the preparation for review', 'data preparator', 'on', 'submit for review'),
    ('DATA_PREPARATION_REWORK', 'submit_preparation', 'DATA_PREPARATION_REVIEW_PENDING', '{preparator}', false, null, '{}', 1,
      '{}', '{data_reviewer}', 'submit the preparation for review', 'data preparator', 'on', 'submit for review'),
    ('DATA_PREPARATION_REVIEW_PENDING', 'approve_preparation', 'WORKSPACE_SETUP_PENDING', '{data_reviewer}', false, 'submit_preparation', '{preparator}', 1,
      '{permit.preparation.approved}', '{investigator,member,setup_engineer}', 'approve the preparation', 'data reviewer', 'on', 'approve'),
    ('DATA_PREPARATION_REVIEW_PENDING', 'rework_preparation', 'DATA_PREPARATION_REWORK', '{data_reviewer}', true, null, '{}', 1,
      '{permit.preparation.rework_requested}', '{preparator}', 'request rework of the preparation', 'data reviewer', 'back', 'request rework'),
    ('WORKSPACE_SETUP_PENDING', 'submit_setup', 'WORKSPACE_SETUP_REVIEW_PENDING', '{investigator,member,setup_engineer}', false, null, '{}', 1,
      '{}', '{setup_reviewer}', 'submit the workspace for review',
      'principal investigator, member of the research team or setup engineer', 'on', 'submit for review'),
    ('WORKSPACE_SETUP_REWORK', 'submit_setup', 'WORKSPACE_SETUP_REVIEW_PENDING', '{investigator,member,setup_engineer}', false, null, '{}', 1,
      '{}', '{setup_reviewer}', 'submit the workspace for review',
      'principal investigator, member of the research team or setup engineer', 'on', 'submit for review'),
    ('WORKSPACE_SETUP_REVIEW_PENDING', 'approve_setup', 'ANALYSIS_ACTIVE', '{setup_reviewer}', false, 'submit_setup', '{}', 1,
      '{permit.setup.approved,permit.analysis.approved}', '{investigator,member}', 'approve the workspace', 'setup reviewer', 'on', 'approve'),
    ('WORKSPACE_SETUP_REVIEW_PENDING', 'rework_setup', 'WORKSPACE_SETUP_REWORK', '{setup_reviewer}', true, null, '{}', 1,
      '{permit.setup.rework_requested}', '{investigator,member,setup_engineer}', 'request rework of the workspace', 'setup reviewer',
      'back', 'request rework'),
    ('ANALYSIS_ACTIVE', 'pause', 'ANALYSIS_PAUSED', '{permit_manager}', false, null, '{}', 1,
      '{permit.analysis.paused}', '{investigator,member}', 'pause the analysis', 'permit manager', 'aside', 'pause'),
    ('ANALYSIS_PAUSED', 'resume', 'ANALYSIS_ACTIVE', '{permit_manager}', false, null, '{}', 1,
      '{permit.analysis.resumed}', '{investigator,member}', 'resume the analysis', 'permit manager', 'on', 'resume'),
    ('ANALYSIS_ACTIVE', 'archive', 'ARCHIVED', '{permit_manager}', false, null, '{}', 1, '{permit.archived}', '{all}',
      'archive the permit', 'permit manager', 'aside', 'archive'),
    ('ANALYSIS_PAUSED', 'archive', 'ARCHIVED', '{permit_manager}', false, null, '{}', 1, '{permit.archived}', '{all}',
      'archive the permit', 'permit manager', 'aside', 'archive'),
    ('ARCHIVED', 'delete', 'DELETED', '{administrator}', false, null, '{}', 2, '{permit.deleted}', '{data_holder}', 'delete the permit',
      'administrator', 'aside', 'delete'),
    ('REVOKED', 'delete', 'DELETED', '{administrator}', false, null, '{}', 2, '{permit.deleted}', '{data_holder}', 'delete the permit',
      'administrator', 'aside', 'delete'))
    m (status, move, becomes, roles, reason, not_after, never, persons, events, told, says, whose, way, short)
  union all
  -- Any that is not final.
  select s.status, 'revoke', 'REVOKED', '{permit_manager}', true, null, '{}', 2, '{permit.revoked}', '{all}', 'revoke the permit', 'permit manager',
    'end', 'revoke'
  from unnest('{AWAITING_INGRESS,INGRESS_IN_PROGRESS,DATA_PREPARATION_PENDING,DATA_PREPARATION_REVIEW_PENDING,DATA_PREPARATION_REWORK,
    WORKSPACE_SETUP_PENDING,WORKSPACE_SETUP_REVIEW_PENDING,WORKSPACE_SETUP_REWORK,ANALYSIS_ACTIVE,ANALYSIS_PAUSED}'::text[]) s (status);
end $$;

-- A status as sentences have it.
create or replace function exeat.status_words(p_status text) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return lower(replace(p_status, '_', ' ')); end $$;

-- The table as one value, which a session works out once: lists ask every row of it for every permit.
create or replace function exeat.moves_table() returns exeat.permit_move[]
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select array_agg(m) from exeat.permit_moves() m $$;

-- Where each move can be made, in words.
create or replace function exeat.moves_places() returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_object_agg(x.move, exeat.any_of(x.places))
  from (select m.move, array_agg(exeat.status_words(m.status)) as places from exeat.permit_moves() m group by m.move) x
$$;

-- The roles on a permit, what each rests on in the directory of people (who no longer has that holds it no more), and what it is called.
create or replace function exeat.permit_roles() returns table (role text, rests_on text, says text)
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query
  values ('investigator', 'researcher', 'principal investigator'), ('member', 'researcher', 'member of the research team'),
    ('manager', 'permit_manager', 'manager'), ('preparator', 'data_preparator', 'data preparator'), ('data_reviewer', 'data_reviewer', 'data reviewer'),
    ('setup_engineer', 'setup_engineer', 'setup engineer'), ('setup_reviewer', 'setup_reviewer', 'setup reviewer'),
    ('egress_reviewer', 'checker', 'egress reviewer'), ('data_holder', 'data_holder', 'data holder');
end $$;

-- What the workspaces of a permit should be in each status: kind, running or not, network, volumes with how they are mounted. A kind
-- that is not named should not be there. What is archived keeps its volumes; what is revoked is evidence (see want_workspaces).
create or replace function exeat.permit_wants() returns table (status text, kind text, state text, network text, volumes jsonb)
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query
  select w.status, w.kind, w.state, w.network, w.volumes::jsonb from (values
    ('INGRESS_IN_PROGRESS', 'ingress', 'running', 'none', '[]'),  -- with an upload area for each data holder
    ('DATA_PREPARATION_PENDING', 'preprocessing', 'running', 'none', '[{"path": "/raw", "mode": "read-only"}, {"path": "/prepared", "mode": "writable"}]'),
    ('DATA_PREPARATION_REWORK', 'preprocessing', 'running', 'none', '[{"path": "/raw", "mode": "read-only"}, {"path": "/prepared", "mode": "writable"}]'),
    ('DATA_PREPARATION_REVIEW_PENDING', 'preprocessing', 'stopped', 'none',
      '[{"path": "/raw", "mode": "read-only"}, {"path": "/prepared", "mode": "writable"}]'),
    ('DATA_PREPARATION_REVIEW_PENDING', 'review', 'running', 'none', '[{"path": "/prepared", "mode": "read-only"}]'),
    ('WORKSPACE_SETUP_PENDING', 'workspace', 'running', 'proxied', '[]'),
    ('WORKSPACE_SETUP_REWORK', 'workspace', 'running', 'proxied', '[]'),
    ('WORKSPACE_SETUP_REVIEW_PENDING', 'workspace', 'frozen', 'none', '[]'),
    ('ANALYSIS_ACTIVE', 'workspace', 'running', 'none', '[{"path": "/prepared_data", "mode": "read-only"}, {"path": "/outputs", "mode": "writable"}]'),
    ('ANALYSIS_PAUSED', 'workspace', 'stopped', 'none', '[{"path": "/prepared_data", "mode": "read-only"}, {"path": "/outputs", "mode": "writable"}]'),
    ('ARCHIVED', 'workspace', 'absent', 'none', '[{"path": "/prepared_data", "mode": "kept"}, {"path": "/outputs", "mode": "kept"}]'))
    w (status, kind, state, network, volumes);
end $$;

-- The stages of the life of a permit and the statuses of each, in order, with what a status is called in few cells.
do $$ begin if to_regprocedure('exeat.permit_stages()') is not null then drop function exeat.permit_stages(); end if; end $$;
create function exeat.permit_stages() returns table (status text, stage text, short text)
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query
  values ('AWAITING_INGRESS', 'ingress', 'awaiting ingress'), ('INGRESS_IN_PROGRESS', 'ingress', 'upload'),
    ('DATA_PREPARATION_PENDING', 'preparation', 'preparation'), ('DATA_PREPARATION_REWORK', 'preparation', 'prep rework'),
    ('DATA_PREPARATION_REVIEW_PENDING', 'preparation', 'prep review'), ('WORKSPACE_SETUP_PENDING', 'setup', 'setup'),
    ('WORKSPACE_SETUP_REWORK', 'setup', 'setup rework'), ('WORKSPACE_SETUP_REVIEW_PENDING', 'setup', 'setup review'),
    ('ANALYSIS_ACTIVE', 'analysis', 'analysis'), ('ANALYSIS_PAUSED', 'analysis', 'paused'),
    ('ARCHIVED', 'over', 'archived'), ('REVOKED', 'over', 'revoked'), ('DELETED', 'over', 'deleted');
end $$;

-- For whom a permit of a status waits: who makes its next step, but for managers where it is somebody's on the team.
create or replace function exeat.permit_waits() returns table (status text, move text, roles text[])
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query
  select m.status, m.move, case when m.roles = '{permit_manager}' then m.roles else array_remove(m.roles, 'permit_manager') end from exeat.permit_moves() m
  where m.move in ('initiate_ingress', 'confirm_upload', 'submit_preparation', 'approve_preparation', 'submit_setup', 'approve_setup');
end $$;

-- A role as sentences have it.
create or replace function exeat.role_words(p_role text) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return coalesce((select r.says from permit_roles() r where r.role = p_role), replace(p_role, '_', ' ')); end $$;

-- Who holds which role on a permit now: what they are named for and still hold in the directory.
select exeat.keep_view('held_roles', 'select t.permit, t.person, t.role, t.confirmed_at, q.login from exeat.permit_team t
  join exeat.permits p on p.id = t.permit join exeat.people q on q.id = t.person and q.removed_at is null
  where t.ended_at is null and exists (select from exeat.held_memberships h where h.person = t.person and h.role = t.rests_on
    and (h.project is null or h.project = p.project))');

-- What the person is on the permit now.
create or replace function exeat.roles_on(p_person int, p_permit bigint, p_project int) returns text[]
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return array(select t.role from held_roles t where t.permit = p_permit and t.person = p_person
    union select h.role from held_memberships h join people q on q.id = h.person and q.removed_at is null
    where h.person = p_person and h.role in ('permit_manager', 'administrator') and (h.project is null or h.project = p_project));
end $$;

-- Permits as a person stands to them. Who manages permits or administers does so by that alone, on every permit of the project.
create or replace function exeat.views_of(p_person int, p_ids bigint[]) returns setof exeat.permit_view
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  named text := login_of(p_person);
begin
  return query
  with by_that_alone as materialized (
    select pr.id, (select coalesce(jsonb_object_agg(y.role, y.logins), '{}') from (
      select h.role, jsonb_agg(distinct q.login) as logins from held_memberships h join people q on q.id = h.person and q.removed_at is null
      where h.role in ('permit_manager', 'administrator') and (h.project is null or h.project = pr.id) group by h.role) y) as holders
    from projects pr)
  select p_person, named, p, array(select k.key from jsonb_each(z.holders) k where k.value ? named), z.holders,
    format('%s since %s%s', status_words(p.status), said(p.status_since), (
      select format(' (%s: %s)', coalesce(w.login, 'by itself'), replace(s.move, '_', ' ')) from permit_states s left join people w on w.id = s.actor
      where s.permit = p.id order by s.id desc limit 1))
  from permits p join by_that_alone b on b.id = p.project
    cross join lateral (select b.holders || coalesce((select jsonb_object_agg(y.role, y.logins) from (
      select t.role, jsonb_agg(distinct t.login) as logins from held_roles t where t.permit = p.id group by t.role) y), '{}') as holders offset 0) z
  where p.id = any (p_ids);
end $$;

create or replace function exeat.view_of(p_person int, p exeat.permits) returns exeat.permit_view
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return (select v from views_of(p_person, array[p.id]) v); end $$;

-- Who holds one of the roles on the permit, for sentences only.
create or replace function exeat.who_on(p_holders jsonb, p_roles text[], p_but text) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  logins text[];
begin
  -- Most moves are of one role.
  if cardinality(p_roles) = 1 then
    logins := array(select x from jsonb_array_elements_text(p_holders->p_roles[1]) x where x is distinct from p_but limit 4);
  else
    logins := array(select distinct x.login from unnest(p_roles) r (role), jsonb_array_elements_text(p_holders->r.role) x (login)
      where x.login is distinct from p_but order by x.login limit 4);
  end if;
  return coalesce(any_of(logins), 'nobody is named yet');
end $$;

-- Projects all of whose permits a person reads: as a permit manager there, as an auditor or administrator.
create or replace function exeat.permit_projects(p_person int) returns int[]
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select coalesce(array_agg(p.id), '{}') from projects p
    where exists (select from held_memberships m join people q on q.id = m.person and q.removed_at is null where m.person = p_person
      and m.role in ('permit_manager', 'auditor', 'administrator') and (m.project is null or m.project = p.id)));
end $$;

-- Whether the person reads the permit: as above, or because they hold a role on it.
create or replace function exeat.reads_permit(p_person int, p_permit bigint, p_project int) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return p_project = any (permit_projects(p_person)) or cardinality(roles_on(p_person, p_permit, p_project)) > 0; end $$;

-- Whether outputs and workspaces are for them: a data holder alone hears of neither.
create or replace function exeat.reads_inside(p_person int, p_permit bigint, p_project int) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return p_project = any (permit_projects(p_person)) or roles_on(p_person, p_permit, p_project) <> '{data_holder}'; end $$;

-- Whether one of the grants it was issued on is live; a permit issued on none is not held to any.
create or replace function exeat.grants_hold(p_permit bigint) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return not exists (select from permit_grants where permit = p_permit)
    or exists (select from permit_grants x join grants g on g.id = x.grant_id where x.permit = p_permit and grant_state(g, clock_timestamp()) = 'active');
end $$;
reset role;
