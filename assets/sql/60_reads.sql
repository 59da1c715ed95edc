-- What people read. Paging functions apply the project filter themselves so that every index is of use
-- (under row security free text cannot use one); their SQL is put together from known parts and parameters only.
-- They look at few rows however high the planner's estimate: compiling such a statement (jit) takes longer than running it.
set role exeat_owner;

-- The cases of versions with what this person may do, as one JSON object a version.
create or replace function exeat.destinations_of(p_person int, p_versions bigint[]) returns table (version bigint, destinations jsonb, too_large text)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select f.version, jsonb_object_agg(f.destination, jsonb_build_object('state', f.state, 'required', coalesce(f.required, 0), 'count', f.count,
      'by', to_jsonb(f.by), 'changes', to_jsonb(f.changes), 'my_vote', f.my_vote, 'held_until', f.held_until, 'state_by', f.state_by,
      'state_at', f.state_at, 'restore_by', f.restore_login, 'why_not', exeat.why_nots(f),
      'against', (select coalesce(jsonb_agg(x.login order by vo.first_at, vo.id), '[]') from votes vo join people x on x.id = vo.voter
        where vo.case_id = f.case_id and vo.standing and vo.kind = 'reject'),
      -- Each person's newest asking, of twenty people at most: a list is read by everybody.
      'asked', (select coalesce(jsonb_agg(jsonb_build_object('submission', a.submission::text, 'by', a.login, 'purpose', a.purpose) order by a.id), '[]')
        from (select r.id, r.submission, x.login, left(s.purpose, 2000) as purpose from registrations r
          join submissions s on s.id = r.submission and s.destination = f.destination join people x on x.id = r.person
          where r.version = f.version and r.withdrawn_at is null order by r.id limit 20) a),
      -- Asked for only where the next approval starts the hold: a tally costs.
      'hold_seconds', case when f.state = 'pending' and f.count + 1 >= f.required and exeat.may_release(f.project) then (exeat.tally(f.case_id)).hold_seconds end)) filter (where f.case_id is not null),
    min(format('Larger than the policy allows (%s bytes).', f.largest_file)) filter (where f.state = 'blocked' and f.size > f.largest_file)
  from exeat.facts_of(p_person, p_versions) f group by f.version;
end $$;

-- Rows by id, in the order of the ids, for a person who may see them.
create or replace function exeat.rows_of(p_person int, p_ids bigint[], p_sort text) returns setof exeat.egress_row
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select v.id, v.row_version, v.submission, s.turn, pr.name, pr.title, v.key, v.store_version, v.etag, encode(v.sha256, 'hex'), v.size, v.media_type,
    v.modified_at, v.submitted_at, p.login, p.full_name, s.purpose, v.state,
    coalesce(v.blocked_reason, case when v.state = 'blocked' then coalesce(d.too_large, 'The project has no policy yet.') end),
    coalesce(d.destinations, '{}'), v.findings, case when v.claimed_until > clock_timestamp() then c.login end,
    case when v.claimed_until > clock_timestamp() then v.claimed_until end, v.number, v.newest,
    jsonb_build_object('id', v.id, 'v', case p_sort when 'key' then encode(v.key, 'hex') when 'size' then v.size::text when 'state' then v.state
      else to_char(v.submitted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end)
  from unnest(p_ids) with ordinality i (id, n)
  join file_versions v on v.id = i.id and v.project = any ((select exeat.projects_of(p_person))::int[])
  join projects pr on pr.id = v.project join submissions s on s.id = v.submission
  left join people p on p.id = v.submitted_by left join people c on c.id = v.claimed_by
  left join exeat.destinations_of(p_person, p_ids) d on d.version = v.id
  order by i.n;
end $$;

-- A LIKE pattern for a text that contains the word as it is written. chr(92) is the backslash: a caller may change what it means in literals.
create or replace function exeat.containing(p_word text) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select '%' || replace(replace(replace(lower(p_word), chr(92), chr(92) || chr(92)), '%', chr(92) || '%'), '_', chr(92) || '_') || '%'
$$;

-- The conditions a filter asks for, over `v`, but for `mine` (see below). $1 is the filter, $2 the person: values never become SQL. Who
-- sees every project has all indexes (p_all). For anybody else an index over every project's files would tell of the rest: EXPLAIN
-- (BUFFERS) of the call, the statistics of one's own transaction and the clock say how many rows it gave before the projects were looked
-- at. So what asks for content is written as no index has it, and is asked of the person's own projects' rows.
do $$ begin if to_regprocedure('exeat.filter_sql(jsonb)') is not null then drop function exeat.filter_sql(jsonb); end if; end $$;
create or replace function exeat.filter_sql(p_filter jsonb, p_all bool) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  k text;
  sql text := '';
begin
  for k in select jsonb_object_keys(coalesce(p_filter, '{}')) loop
    continue when p_filter->k = 'null' or p_filter->k = '[]' or p_filter->k = 'false' or k = 'mine';
    sql := sql || ' and ' || case k
      -- Written out: only so does the planner know that an index over these states has the order. What is no state matches nothing.
      when 'state' then coalesce((select 'v.state in (' || string_agg(quote_literal(x), ', ') || ')'
        from jsonb_array_elements_text(p_filter->'state') x where x ~ '^[a-z_]+$'), 'false')
      when 'not_state' then 'v.state <> all (array(select jsonb_array_elements_text($1->''not_state'')))'
      when 'project' then 'v.project = any (array(select id from exeat.projects where name in (select jsonb_array_elements_text($1->''project''))))'
      when 'destination' then 'exists (select from exeat.cases c where c.version = v.id and c.destination in (select jsonb_array_elements_text($1->''destination'')))'
      when 'by' then case when p_all then 'v.submitted_by' else '(v.submitted_by + 0)' end || ' = any (array(select id from exeat.people where login in (select jsonb_array_elements_text($1->''by''))))'
      when 'kind' then 'exists (select from jsonb_array_elements_text($1->''kind'') k where starts_with(lower(v.media_type), lower(k))
        or right(lower(exeat.key_text(v.key)), length(k) + 1) = ''.'' || lower(k) or right(lower(v.media_type), length(k) + 1) = ''/'' || lower(k))'
      when 'size_min' then 'v.size >= ($1->>''size_min'')::numeric'
      when 'size_max' then 'v.size <= ($1->>''size_max'')::numeric'
      when 'after' then 'v.submitted_at >= ($1->>''after'')::timestamptz'
      when 'before' then 'v.submitted_at <= ($1->>''before'')::timestamptz'
      when 'words' then coalesce((select string_agg(format(case when p_all then 'v.search_text like exeat.containing($1->''words''->>%s)'
        else 'strpos(v.search_text, lower($1->''words''->>%s)) > 0' end, n), ' and ')
        from generate_series(0, jsonb_array_length(p_filter->'words') - 1) n), 'true')
      when 'claimed' then 'v.claimed_until > clock_timestamp()'
      when 'submission' then '(v.submission = any (array(select jsonb_array_elements_text($1->''submission'')::bigint))
        or v.id in (select r.version from exeat.registrations r where r.submission = any (array(select jsonb_array_elements_text($1->''submission'')::bigint))))'
      when 'id' then 'v.id = any (array(select jsonb_array_elements_text($1->''id'')::bigint))'
      when 'sha256' then '(' || (select string_agg(case when p_all then format('encode(v.sha256, ''hex'') like %L', lower(x) || '%')
        else format('left(encode(v.sha256, ''hex''), %s) = %L', length(x), lower(x)) end, ' or ')
        from jsonb_array_elements_text(p_filter->'sha256') x where x ~ '^[0-9a-fA-F]{1,64}$' ) || ')'
      else null end;
    if sql is null then raise exception 'The filter has an unknown or malformed part: %', k using errcode = 'invalid_parameter_value'; end if;
  end loop;
  return sql;
end $$;

-- What needs this person, one condition each, for an index has the order of each alone: open cases they could vote on and have not,
-- and what they submitted and is not over. `walk`: read in an index's order until a page is full, so a few open versions are asked
-- about their cases (`offset 0` keeps the planner from asking all open cases first). `sort`: all open versions are looked at.
-- `count`: it begins with the cases, for a version with a pending one is open anyway, and said twice the planner takes it for rare.
create or replace function exeat.parts_sql(p_filter jsonb, p_way text) returns text[]
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select case when p_filter->'mine' = 'true' then array[
    case when p_way <> 'count' then ' and v.state in (''pending'', ''approved'', ''changes_requested'')' else '' end
    || replace(' and v.project = any ((select exeat.checked_by($2))::int[])
      and not exists (select from exeat.own_versions o where o.person = $2 and o.version = v.id{walk})
      and not (v.origin_unknown and exeat.was_researcher($2, v.project))
      and exists (select from exeat.cases c where c.version = v.id and c.project = any ($3) and c.state = ''pending''
        and not exists (select from exeat.votes o where o.case_id = c.id and o.voter = $2 and o.standing){walk})',
      '{walk}', case p_way when 'walk' then ' offset 0' else '' end),
    ' and v.submitted_by = $2 and v.state not in (''withdrawn'', ''superseded'')'] else '{""}' end
$$;
do $$ begin if to_regprocedure('exeat.parts_sql(jsonb, bool)') is not null then drop function exeat.parts_sql(jsonb, bool); end if; end $$;
do $$ begin if to_regprocedure('exeat.mine_sql()') is not null then drop function exeat.mine_sql(); end if; end $$;

create or replace function exeat.checked_by(p_person int) returns int[]
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select coalesce(array_agg(id), '{}') from projects where exeat.has_role(p_person, id, 'checker'));
end $$;

create or replace function exeat.list_egress(filter jsonb default '{}', sort text default 'submitted_at', descending bool default true,
  after jsonb default null, page int default 100) returns setof exeat.egress_row
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set jit = off
as $$
declare
  who int := (me()).person;
  mine int[] := projects_of(who);
  every bool := cardinality(mine) = (select count(*) from projects);
  col text := case sort when 'submitted_at' then 'submitted_at' when 'waits' then 'submitted_at' when 'key' then 'key' when 'size' then 'size' when 'state' then 'state' end;
  -- Longest waiting is earliest submitted.
  down bool := case when sort = 'waits' then not descending else descending end;
  kind text := case col when 'key' then 'bytea' when 'size' then 'bigint' when 'state' then 'text' else 'timestamptz' end;
  way text := case when down then ' desc' else ' asc' end;
  beyond text := '';
  -- With few projects each one's own index gives the order.
  each bool;
  found text;
  ids bigint[];
  n int := least(greatest(coalesce(page, 100), 1), 1000);
begin
  if who is null or cardinality(mine) = 0 then return; end if;
  if col is null then raise exception 'There is no order by %', sort using errcode = 'invalid_parameter_value'; end if;
  if after is not null then
    beyond := format(' and (v.%1$I, v.id) %2$s ((%3$s), ($4->>''id'')::bigint)', col, case when down then '<' else '>' end,
      case kind when 'bytea' then 'decode($4->>''v'', ''hex'')' else '($4->>''v'')::' || kind end);
  end if;
  if filter->'project' is not null and jsonb_typeof(filter->'project') = 'array' and filter->'project' <> '[]' then
    mine := array(select id from projects where id = any (mine) and name in (select jsonb_array_elements_text(filter->'project')));
  end if;
  each := cardinality(mine) <= 8;
  select string_agg(format('(select v.id, v.%1$I as k from exeat.file_versions v where v.project %2$s%3$s%4$s%5$s order by v.%1$I%6$s, v.id%6$s limit %7$s)',
      col, case when each then '= p.id' else '= any ($3)' end, filter_sql(filter, every), beyond, part, way, n), ' union ')
  into found from unnest(parts_sql(filter, case col when 'submitted_at' then 'walk' else 'sort' end)) part;
  if each then found := format('select x.id, x.k from unnest($3) p(id) cross join lateral (%s) x', found); end if;
  execute format('select array_agg(y.id order by y.k%1$s, y.id%1$s) from (select x.id, x.k from (%2$s) x order by x.k%1$s, x.id%1$s limit %3$s) y', way, found, n)
  into ids using filter, who, mine, after;
  return query select * from rows_of(who, ids, sort);
end $$;

create or replace function exeat.count_egress(filter jsonb default '{}') returns table (total bigint, more bool)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set jit = off
as $$
declare
  who int := (me()).person;
  mine int[] := projects_of(who);
  found text;
  n bigint;
begin
  if who is not null then
    select string_agg(format('(select v.id from exeat.file_versions v where v.project = any ($3)%s%s limit 10001)', filter_sql(filter, cardinality(mine) = (select count(*) from projects)), part), ' union ')
    into found from unnest(parts_sql(filter, 'count')) part;
    execute format('select count(*) from (select from (%s) x limit 10001) y', found) into n using filter, who, mine;
  end if;
  return query select least(coalesce(n, 0), 10000), coalesce(n, 0) > 10000;
end $$;

create or replace function exeat.egress_rows(ids bigint[]) returns setof exeat.egress_row
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select * from exeat.rows_of((exeat.me()).person, ids[:1000], 'submitted_at') $$;

-- May this reader see the version at all?
create or replace function exeat.sees(p_version bigint) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from file_versions where id = p_version and project = any ((select exeat.my_projects())::int[]));
end $$;

create or replace function exeat.egress_votes(version bigint)
returns table (destination text, voter text, voter_name text, kind text, comment text, sha256 text, at timestamptz, counted bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select c.destination, p.login, p.full_name, o.kind, o.comment, encode(o.sha256, 'hex'), o.at,
    o.standing and o.kind = 'approve' and p.login = any ((exeat.tally(c.id)).by)
  from votes o join cases c on c.id = o.case_id join people p on p.id = o.voter
  where o.version = egress_votes.version and o.standing and exeat.sees(egress_votes.version)
  order by c.destination, o.first_at, o.id
$$;

-- Of each person the newest half megabyte; the history tells of the rest. Whether the caller may is asked once and before the notes are: how many there are is told by the work of counting them.
create or replace function exeat.egress_comments(version bigint)
returns table (author text, author_name text, body text, internal bool, at timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.login, p.full_name, y.body, y.internal, y.at from (
    select x.*, sum(octet_length(x.body)) over (partition by x.author, x.internal order by x.at desc rows unbounded preceding) - octet_length(x.body) as newer from (
    select c.author, c.body, false as internal, c.at from comments c where c.version = egress_comments.version and exeat.sees(egress_comments.version)
    union all
    select n.author, n.body, true, n.at from internal_notes n
    where n.version = egress_comments.version
      and (select exeat.has_role((exeat.me()).person, v.project, 'checker') from file_versions v where v.id = egress_comments.version)) x) y
  join people p on p.id = y.author where y.newer < 524288 order by y.at
$$;

-- What readers of JSON can take: one that is nested deeper than they go, or has a number beyond theirs, would end the whole list it stands in.
create or replace function exeat.readable(p_value jsonb) returns jsonb
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when jsonb_path_exists(p_value, 'strict $.**{64}') or jsonb_path_exists(p_value, 'strict $.** ? (@.type() == "number" && (@ > 1e300 || @ < -1e300))')
    then '{"unreadable": "It is nested too deep, or has a number too large, to be shown; the journal has it."}' else p_value end;
end $$;

-- What a history shows of what was asked: the words of a command within its bounds. A refused one may have been megabytes, and so may the
-- list of a submission, whose words are in its own row.
create or replace function exeat.told(p_command text, p_subject text, p_request text) returns jsonb
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when p_command = 'register_submission' and p_subject ~ '^submission:[0-9]{1,18}$'
      then (select jsonb_build_object('destination', s.destination, 'purpose', s.purpose) from submissions s where s.id = split_part(p_subject, ':', 2)::bigint)
    when octet_length(p_request) > exeat.plain_bytes() then jsonb_build_object('bytes', octet_length(p_request))
    else readable(p_request::jsonb) end;
end $$;
do $$ begin if to_regprocedure('exeat.told(text, text)') is not null then drop function exeat.told(text, text); end if; end $$;

-- What an entry weighs in a history. Each person's newest half megabyte is shown: nobody's flood hides the words of others, nor fills a desk.
create or replace function exeat.told_size(p_command text, p_request text, p_sentence text) returns bigint
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return 200::bigint + octet_length(p_sentence) + case when octet_length(p_request) > exeat.plain_bytes() then 10000 else coalesce(octet_length(p_request), 0) end;
end $$;

create or replace function exeat.left_out(p_entries bigint) returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select jsonb_build_object('reason', format('%s of them are left out here; the journal has them all.', p_entries)) $$;

-- What happened to the file, all versions of its key. Checkers see everything; others what was done, their own
-- refusals, and no internal notes.
create or replace function exeat.egress_history(version bigint)
returns table (at timestamptz, actor text, actor_name text, command text, ok bool, code text, sentence text, detail jsonb)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  with told as (
    select j.*, p.full_name, exeat.told_size(j.command, j.request, j.sentence) as size,
      sum(exeat.told_size(j.command, j.request, j.sentence)) over (partition by j.person order by j.id desc rows unbounded preceding) as upto
    from file_versions here
    cross join lateral (select 'version:' || v.id as subject from file_versions v where v.file = here.file
      union select 'submission:' || r.submission from registrations r join file_versions v on v.id = r.version where v.file = here.file) about
    join journal j on j.subject = about.subject and (j.subject like 'version:%' or j.command = 'register_submission')
    left join people p on p.login = j.person
    cross join (select exeat.me() as c) m
    where here.id = egress_history.version and exeat.sees(here.id)
      and (exeat.has_role((m.c).person, here.project, 'checker')
        or ((j.ok or j.person = (m.c).login) and (j.command <> 'add_comment' or exeat.told(j.command, j.subject, j.request)->>'internal' is distinct from 'true'))))
  select x.at, x.person, x.full_name, x.command, x.ok, x.code, x.sentence, x.detail from (
    select t.id, t.at, t.person, t.full_name, t.command, t.ok, t.code, t.sentence, exeat.told(t.command, t.subject, t.request) - 'coverage' as detail
    from told t where t.upto - t.size < 524288
    union all
    select max(t.id), max(t.at), t.person, t.full_name, 'earlier_entries', true, 'done', '', exeat.left_out(count(*))
    from told t where t.upto - t.size >= 524288 group by t.person, t.full_name) x
  order by x.id
$$;

-- Exactly what has committed since a snapshot (of last_change), however late: its transaction was not over then and is now. At most 10,000.
drop function if exists exeat.changes_since(bigint);
create or replace function exeat.changes_since(after text) returns table (area text, row_id bigint, what text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select c.area, c.row_id, c.what from changes c
  where c.xid >= pg_snapshot_xmin(after::pg_snapshot) and not pg_visible_in_snapshot(c.xid, after::pg_snapshot)
    -- Restored from another cluster's backup, a row may have a number of the future.
    and c.xid < pg_snapshot_xmax(pg_current_snapshot())
    -- Without a row it concerns no list.
    and c.row_id is not null
    and (pg_has_role(session_user, 'exeat_worker', 'member')
      or c.project = any ((select exeat.my_projects())::int[]) or c.person = (select (exeat.me()).person)
      or (c.project is null and c.person is null and (select (exeat.me()).person) is not null))
  order by c.id limit 10000
$$;

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
returns table (id text, title text, purpose text, location text, shared_location text, destinations text[], created_at timestamptz, paused text, fault text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.name, p.title, p.purpose, 's3://' || p.bucket || '/' || p.prefix, 's3://' || p.shared_bucket || '/' || p.shared_prefix,
    array(select destination from policies where project = p.id and state = 'active' order by 1), p.created_at,
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

drop function if exists exeat.list_policies(text);
create function exeat.list_policies(project text)
returns table (policy bigint, destination text, number int, state text, approvals int, largest_file bigint, hold_seconds int,
  rejection_vetoes bool, inspection_downloads bool, votes_via_services bool, checks jsonb, proposed_by text, proposed_at timestamptz, confirmed_by text, active_from timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select o.id, o.destination, o.number, o.state, o.approvals, o.largest_file, o.hold_seconds, o.rejection_vetoes, o.inspection_downloads,
    o.votes_via_services, exeat.readable(o.checks),
    a.login, o.proposed_at, b.login, o.active_from
  from policies o join projects pr on pr.id = o.project left join people a on a.id = o.proposed_by left join people b on b.id = o.confirmed_by
  where pr.name = list_policies.project and pr.id = any ((select exeat.my_projects())::int[]) order by o.destination, o.number
$$;

create or replace function exeat.system_status()
returns table (worker_alive bool, worker_seen timestamptz, waiting bigint, unsealed bigint, schema_number int)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select coalesce(max(w.seen_at) > clock_timestamp() - interval '10 seconds', false), max(w.seen_at),
    (select count(*) from tickets t where t.state = 'open'), (select count(*) from exeat.unsealed), exeat.schema_number()
  from workers w
$$;
reset role;
