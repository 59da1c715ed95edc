-- The area `permit`: where each permit of a reader stands, for whom it waits, what may be done. A data holder alone hears nothing of outputs
-- and workspaces: the keys are there and empty.
set role exeat_owner;

create or replace function exeat.permit_asks() returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select '{"filter": {"status": "text[]", "stage": "text[]", "project": "text[]", "team": "text[]", "by": "text[]", "dataset": "text[]", "waits": "text[]",
      "id": "int[]", "after": "time", "before": "time", "ends_days": "days", "mine": "bool", "late": "bool", "second": "bool", "words": "text[]"},
    "sort": {"created": ["time"], "waits": ["bool", "time"], "ends": ["time"], "reference": ["text"], "title": ["text"]}, "usual": "created"}'::jsonb
$$;

-- Permits that wait for this person: for a step of theirs, for their word as the second person, or with an output to review or to rework.
-- Each part begins at the statuses that wait for what the person is, so that its index has few rows.
create or replace function exeat.permits_waiting(p_person int) returns setof bigint
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  managed int[] := array(select p.id from projects p where has_role(p_person, p.id, 'permit_manager'));
  by_managers text[] := array(select w.status from permit_waits() w where w.roles = '{permit_manager}');
  by_mine text[] := array(select w.status from permit_waits() w where exists (select from permit_roles() r join held_memberships h on h.role = r.rests_on
    where r.role = any (w.roles) and h.person = p_person));
begin
  return query select x.id from permits x where x.status = any (by_managers) and x.project = any (managed);
  return query select x.id from unnest(moves_table()) m join permit_waits() w on w.status = m.status and w.move = m.move
      join permits x on x.status = m.status
    where m.status = any (by_mine) and exists (select from held_roles t where t.permit = x.id and t.person = p_person and t.role = any (w.roles)
        and (m.move <> 'confirm_upload' or t.confirmed_at is null))
      and not exists (select from permit_states s where s.permit = x.id and s.move = m.not_after and s.actor = p_person)
      and not exists (select from permit_team e where e.permit = x.id and e.role = any (m.never) and e.person = p_person);
  return query select x.id from permits x join permit_moves() m on m.move = x.second_move and m.status = x.status
    where x.second_move is not null and x.second_by <> p_person and second_waits(x) and m.roles && roles_on(p_person, x.id, x.project);
  return query select x.id from held_roles t join permits x on x.id = t.permit and x.status = 'ANALYSIS_ACTIVE'
    join permit_outputs o on o.permit = x.id and o.status = case when t.role = 'egress_reviewer' then 'EGRESS_REVIEW_PENDING' else 'EGRESS_REWORK' end
    where t.person = p_person and t.role in ('investigator', 'member', 'egress_reviewer');
end $$;

-- Where the permits are that a filter means, as requests_sql has it.
create or replace function exeat.permits_sql(p_reader int, p_filter jsonb) returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select ' from ' || r.rows || ' x where ' || concat_ws(' and ', 'true',
    exeat.asked(q, 'status', 'x.status = any (%s)'),
    exeat.asked(q, 'stage', 'x.status = any (array(select s.status from exeat.permit_stages() s where s.stage = any (%s)))'),
    exeat.asked(q, 'project', 'x.project = any (array(select id from exeat.projects where name = any (%s)))'),
    exeat.asked(q, 'team', 'x.id = any (array(select t.permit from exeat.permit_team t join exeat.people p on p.id = t.person
      where t.ended_at is null and p.login = any (%s)))'),
    exeat.asked(q, 'by', 'x.created_by = any (array(select id from exeat.people where login = any (%s)))'),
    exeat.asked(q, 'dataset', 'x.id = any (array(select t.permit from exeat.permit_datasets t join exeat.datasets d on d.id = t.dataset
      where d.accession = any (%s)))'),
    exeat.asked(q, 'waits', 'x.status = any (array(select w.status from exeat.permit_waits() w where w.roles && %s))'),
    exeat.asked(q, 'id', 'x.id::text = any (%s)'),
    case when q->>'after' is not null then 'x.status_since >= ($1->>''after'')::timestamptz' end,
    case when q->>'before' is not null then 'x.status_since <= ($1->>''before'')::timestamptz' end,
    case when q->>'ends_days' is not null then 'x.status <> all (array(select s.status from exeat.permit_stages() s where s.stage = ''over''))
      and x.valid_until <= (select exeat.days_after(clock_timestamp(), ($1->>''ends_days'')::int))' end,
    case when q->'mine' = 'true' then 'x.id in (select w from exeat.permits_waiting($2) w)' end,
    case when q->'second' = 'true' then 'x.second_move is not null and exeat.second_waits(x.whole)' end,
    case when q->'late' = 'true' then 'x.status = any (array(select w.status from exeat.permit_waits() w))
      and x.status_since < (select exeat.days_after(clock_timestamp(), -exeat.setting_days(''permits.turnaround_days'')))' end,
    exeat.words_sql(q, 'x.reference, x.title, x.purpose'))
  from (select coalesce(p_filter, '{}') as q) f,
    -- Who reads no project's touches the rows they are named on; who reads one, these and whatever else they are named on.
    (select case when cardinality(m.managed) = (select count(*) from projects) then '(select p as whole, p.* from exeat.permits p)'
      when m.managed = '{}' then format('(select p as whole, p.* from exeat.permits p where %s)', m.named)
      else format('(select p as whole, p.* from exeat.permits p where p.project = any (%1$L::int[])
        union all select p as whole, p.* from exeat.permits p where p.project <> all (%1$L::int[]) and %2$s offset 0)', m.managed, m.named) end as rows
      from (select exeat.permit_projects(p_reader) as managed, 'exists (select from exeat.held_roles t where t.permit = p.id and t.person = $2)' as named) m) r
$$;

-- Permits as this reader may know them (contracts D), of those asked for the ones they read. One statement for a whole page: the tables of
-- roles, stages and wants are read once for it. The purpose is cut in lists, whole where one is asked for by id.
create or replace function exeat.permit_items(p_reader int, p_ids bigint[], p_whole bool) returns table (id bigint, item json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  managed int[] := permit_projects(p_reader);
  turnaround int := setting_days('permits.turnaround_days');
begin
  return query
  with stages as materialized (select s.status, s.stage, s.short from permit_stages() s),
    waits as materialized (select w.status, w.roles from permit_waits() w),
    wants as materialized (select w.status, json_agg(json_build_object('kind', w.kind, 'state', w.state, 'network', w.network, 'volumes', w.volumes)) as wanted
      from permit_wants() w group by w.status),
    named as materialized (select r.role, r.says, r.n from permit_roles() with ordinality r (role, rests_on, says, n))
  select p.id, json_build_object('id', p.id::text, 'reference', p.reference, 'row_version', p.row_version, 'status', p.status,
    'stage', stages.stage, 'short', stages.short, 'version', p.row_version, 'status_since', p.status_since,
    'project', pr.name, 'title', p.title, 'purpose', case when p_whole then p.purpose else left(p.purpose, 500) end, 'request', p.request::text,
    'created', p.created_at, 'created_by', issuer.login, 'valid_from', p.valid_from, 'valid_until', p.valid_until,
    'last_day', last_day(p.valid_until),
    'paused_for', p.paused_for, 'stopped', p.stopped, 'waits_for', coalesce(to_json(waits.roles), '[]'),
    'due', case when waits.roles is not null then days_after(p.status_since, turnaround) end,
    'second', case when p.second_move is not null and second_waits(p) then json_build_object('move', p.second_move, 'by', login_of(p.second_by),
      'at', p.second_at, 'reason', coalesce(p.second_reason, '')) end,
    'teams', (select coalesce(json_agg(json_build_object('role', t.role, 'says', r.says, 'login', x.login, 'name', x.full_name,
        'holds', coalesce(v.holders->t.role ? x.login, false), 'since', t.added_at, 'confirmed_at', t.confirmed_at) order by r.n, t.id), '[]')
      from permit_team t join people x on x.id = t.person join named r on r.role = t.role where t.permit = p.id and t.ended_at is null),
    'datasets', (select coalesce(json_agg(json_build_object('id', d.accession, 'title', d.title, 'removed', d.removed_at is not null,
        'grants', (select coalesce(json_agg(json_build_object('id', g.id::text, 'login', q.login, 'state', grant_state(g, clock_timestamp()),
            'until', g.valid_until, 'last_day', last_day(g.valid_until)) order by g.id), '[]')
          from permit_grants y join grants g on g.id = y.grant_id and g.dataset = d.id join people q on q.id = g.person where y.permit = p.id))
        order by d.accession), '[]') from permit_datasets x join datasets d on d.id = x.dataset where x.permit = p.id),
    'outputs', case when inside then (select coalesce(json_agg(output_json(o) order by o.number), '[]') from permit_outputs o where o.permit = p.id)
      else '[]' end,
    'workspaces', case when inside then (select coalesce(json_agg(json_build_object('kind', w.kind, 'state', w.state, 'network', w.network,
        'volumes', w.volumes, 'generation', w.generation, 'reported', case when w.reported_at is not null then json_build_object('state', w.reported_state,
        'generation', w.reported_generation, 'detail', coalesce(w.reported_detail, ''), 'at', w.reported_at) end) order by w.kind), '[]')
      from permit_workspaces w where w.permit = p.id) else '[]' end,
    -- What stands next, as the table of moves has it, and who of whom may do it.
    'next', (select coalesce(json_agg(json_build_object('move', m.move, 'becomes', m.becomes, 'way', m.way, 'says', m.says, 'short', m.short,
        'reason', m.reason, 'persons', m.persons, 'roles', m.roles, 'told', m.told, 'events', m.events || 'permit.status.updated'::text,
        'who', who_on(v.holders, m.roles, null),
        'wants', coalesce((select w.wanted from wants w where w.status = m.becomes), '[]')) order by m.ordinality), '[]')
      from unnest(moves_table()) with ordinality m where m.status = p.status),
    'why_not', permit_why_nots(v))
  from views_of(p_reader, p_ids) v join permits p on p.id = (v.p).id join projects pr on pr.id = p.project join people issuer on issuer.id = p.created_by
    join stages on stages.status = p.status
    left join waits on waits.status = p.status
    cross join lateral (select p.project = any (managed) or v.roles <> '{data_holder}' as inside) i
  where p.project = any (managed) or cardinality(v.roles) > 0;
end $$;

create or replace function exeat.output_json(o exeat.permit_outputs) returns json
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return json_build_object('number', o.number, 'version', o.version, 'status', o.status, 'folder', o.folder, 'description', o.description,
    'submitted_by', login_of(o.submitted_by), 'submitted_at', o.submitted_at, 'decided_at', o.decided_at, 'reason', o.reason,
    'files', (select count(*) from permit_output_files f where f.output = o.id),
    'approved', (select count(*) from permit_output_files f join file_versions v on v.id = f.version where f.output = o.id
      and v.state in ('approved', 'releasing', 'released')));
end $$;

create or replace function exeat.permit_count(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select c.* from exeat.count_of(exeat.permits_sql(p_person, p_request->'filter'), p_person, p_request) c $$;

-- Whether nobody is waited for, as an order has it.
create or replace function exeat.waits_key() returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select format('(x.second_move is null and x.status <> all (%L::text[]))', array(select w.status from exeat.permit_waits() w))
$$;

-- A page of the order `waits`: what somebody is waited for, then the rest, each part by its own index; one after the other, so that the many
-- that wait for nobody are not looked at for the few that do.
create or replace function exeat.waits_page(p_found text, p_reader int, p_request jsonb) returns table (id bigint, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  down bool := (p_request->>'descending')::bool;
  beyond bool := (p_request->'after'->'v'->>0)::bool;
  room int := page_size(p_request);
  idle bool;
  n int;
begin
  foreach idle in array array[down, not down] loop
    continue when idle = down and beyond <> down;
    return query select x.* from page_of(p_found || format(' and %s%s', case when idle then '' else 'not ' end, waits_key())
        || case when idle = beyond then format(' and x.status_since %s ($3->''v''->>1)::timestamptz', case when down then '<=' else '>=' end) else '' end,
      p_reader, p_request || jsonb_build_object('page', room), permit_asks(),
      array[case when idle then '(not false)' else '(not true)' end, 'x.status_since']) x;
    get diagnostics n = row_count;
    room := room - n;
    exit when room = 0;
  end loop;
end $$;

-- Orders: created (newest first by default), waits (what waits for nobody last, longest waiting on top), ends, reference, title.
create or replace function exeat.permit_page(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  found text := permits_sql(p_person, p_request->'filter');
  ids bigint[];
  cursors json[];
begin
  if p_request->>'sort' = 'waits' then
    select array_agg(x.id order by x.n), array_agg(x.cursor order by x.n) into ids, cursors
    from waits_page(found, p_person, p_request) with ordinality x (id, cursor, n);
  else
    select array_agg(x.id order by x.n), array_agg(x.cursor order by x.n) into ids, cursors
    from page_of(found, p_person, p_request, permit_asks(), case p_request->>'sort' when 'ends' then '{x.valid_until}'::text[]
      when 'reference' then '{"x.reference collate \"C\""}' when 'title' then '{"x.title collate \"C\""}' else '{x.created_at}' end::text[])
      with ordinality x (id, cursor, n);
  end if;
  return query select f.id, i.item, f.cursor from unnest(ids, cursors) with ordinality f (id, cursor, n)
    join permit_items(p_person, ids, false) i on i.id = f.id order by f.n;
end $$;

create or replace function exeat.permit_rows(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select x.id, x.item, null::json from unnest(exeat.ids_of(p_request)) with ordinality i (id, n)
    join exeat.permit_items(p_person, exeat.ids_of(p_request), cardinality(exeat.ids_of(p_request)) = 1) x on x.id = i.id order by i.n
$$;

-- The entries about a permit: what was done for everybody on it, refusals for who reads all permits of the project, and one's own.
create or replace function exeat.permit_history(p_reader int, p exeat.permits) returns json
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.history_json(array_agg(j.id), array_agg(null::int), true, null) from journal j
  where j.subject = 'permit:' || p.id and (j.ok or j.person = (select login from people where id = p_reader)
    or p.project = any (exeat.permit_projects(p_reader)))
$$;

-- The files of its outputs with their votes by name, for whoever reads these files.
create or replace function exeat.output_files(p_reader int, p exeat.permits) returns json
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if p.project <> all (projects_of(p_reader)) then return '[]'; end if;
  return (select coalesce(json_agg(json_build_object('output', o.number, 'version', v.id, 'name', key_text(v.key), 'state', v.state,
      'votes', (select coalesce(json_agg(json_build_object('voter', w.login, 'kind', vo.kind, 'at', vo.at, 'via', vo.via) order by vo.at, vo.id), '[]')
        from votes vo join people w on w.id = vo.voter where vo.version = v.id and vo.standing)) order by o.number, v.id), '[]')
    from permit_outputs o join permit_output_files f on f.output = o.id join file_versions v on v.id = f.version where o.permit = p.id);
end $$;

-- Beside the row: the log of its moves, its messages with how far they are, the files of its outputs, its history.
create or replace function exeat.permit_facts(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.id, json_build_object('history', exeat.permit_history(p_person, r),
    'states', (select coalesce(json_agg(json_build_object('at', s.at, 'previous', s.previous, 'status', s.status, 'move', s.move,
        'actor', exeat.login_of(s.actor),
        'second', exeat.login_of(s.second), 'reason', s.reason, 'version', s.version) order by s.id), '[]') from permit_states s where s.permit = r.id),
    'messages', case when exeat.reads_inside(p_person, r.id, r.project) then (select coalesce(json_agg(json_build_object('topic', o.topic, 'at', o.created_at,
        'deliveries', (select coalesce(json_agg(json_build_object('channel', d.channel, 'attempt', d.attempt, 'delivered_at', d.delivered_at,
          'next_try_at', d.next_try_at) order by d.id), '[]') from deliveries d where d.message = o.id)) order by o.id), '[]')
      from (select * from outbox x where x.subject = 'permit:' || r.id order by x.id desc limit 20) o) else '[]' end,
    'files', case when exeat.reads_inside(p_person, r.id, r.project) then exeat.output_files(p_person, r) else '[]' end), null::json
  from permits r where r.id = (p_request->>'id')::bigint and exeat.reads_permit(p_person, r.id, r.project)
$$;

-- What was read one by one before.
do $$
declare
  f text;
begin
  for f in select x from regexp_split_to_table('permit_json(int,exeat.permits,bool,bool) next_json(exeat.permits,jsonb) outputs_json(bigint)
      holders_of(bigint,int)', '[[:space:]]+') x where to_regprocedure('exeat.' || x) is not null
  loop
    execute 'drop function exeat.' || f;
  end loop;
end $$;
reset role;
