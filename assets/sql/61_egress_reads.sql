-- The area `egress`: file versions with their cases, as whoever may see them reads them. Paging applies the project filter itself so that
-- every index is of use (under row security free text cannot use one); its SQL is put together from known parts and parameters only.
-- It looks at few rows however high the planner's estimate: compiling such a statement (jit) takes longer than running it.
set role exeat_owner;

-- What its requests may name: fields of the filter, orders with the kinds of what a cursor holds, and the usual order.
create or replace function exeat.egress_asks() returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select '{"filter": {"state": "text[]", "not_state": "text[]", "project": "text[]", "destination": "text[]", "by": "text[]", "kind": "text[]",
      "size_min": "int", "size_max": "int", "after": "time", "before": "time", "words": "text[]", "mine": "bool", "claimed": "bool",
      "submission": "int[]", "id": "int[]", "sha256": "hex[]", "seen": "text[]", "inside": "text[]", "finding": "text[]"},
    "sort": {"submitted_at": ["time"], "waits": ["time"], "key": ["bytes"], "size": ["int"], "state": ["text"]}, "usual": "submitted_at"}'::jsonb
$$;

-- What is known of a file's inside, in one of three words: `findings` where a rule found more than notes, `not_checked` where none reads
-- what it holds, with why, `clean` where they read it and found nothing else. What somebody waived counts no more.
create or replace function exeat.inside(p_findings jsonb, p_media text, p_read bool) returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('state', case when found.weigh > 0 then 'findings' when not_read.why is not null then 'not_checked' else 'clean' end,
    'why', not_read.why, 'notes', found.notes)
  from (select split_part(coalesce(p_media, ''), ';', 1) as kind) m,
    (select count(*) filter (where f->>'severity' <> 'note' and f->>'rule' not in ('cannot_be_checked', 'not_scanned')) as weigh,
        count(*) filter (where f->>'severity' = 'note') as notes, coalesce(bool_or(f->>'rule' = 'not_scanned'), false) as broke,
        coalesce(bool_or(f->>'rule' = 'cannot_be_checked'), false) as opaque
      from jsonb_array_elements(case jsonb_typeof(p_findings) when 'array' then p_findings else '[]' end) f where f->>'state' is distinct from 'waived') found,
    lateral (select case when not p_read then 'it was never read' when found.broke then 'the rules could not read it'
      when m.kind like 'image/%' then 'a picture' when m.kind = 'application/pdf' then 'a PDF'
      when m.kind like 'audio/%' or m.kind like 'video/%' then 'a recording'
      when m.kind = 'application/zip' or m.kind ~ '(tar|gzip|bzip2|xz|zstd|7z|rar)' then 'an archive'
      when m.kind like 'application/vnd.openxmlformats-officedocument.%' or m.kind like 'application/vnd.oasis.%' then 'an office document'
      when m.kind = 'application/x-r-data' then 'an R object' when m.kind = 'application/x-pickle' then 'a pickle'
      when m.kind = 'application/x-empty' then null when found.opaque then 'no rule reads it'
      when m.kind in ('text/csv', 'text/tab-separated-values') then null
      when m.kind like 'text/%' or m.kind ~ '(json|xml)$' then 'only identifiers' else 'no rule reads it' end as why) not_read
$$;

-- The cases of versions with what this person may do, as one JSON object a version.
create or replace function exeat.destinations_json(p_person int, p_versions bigint[]) returns table (version bigint, destinations json, too_large text)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select f.version, json_object_agg(f.destination, json_build_object('state', f.state, 'required', coalesce(f.required, 0), 'count', coalesce(f.count, 0),
      'by', coalesce(to_json(f.by), '[]'), 'held_until', f.held_until, 'restore_by', f.restore_login, 'why_not', exeat.why_not_json(f),
      'against', (select coalesce(json_agg(x.login order by vo.first_at, vo.id), '[]') from votes vo join people x on x.id = vo.voter
        where vo.case_id = f.case_id and vo.standing and vo.kind = 'reject'),
      -- Each person's newest asking, of twenty people at most: a list is read by everybody.
      'asked', (select coalesce(json_agg(json_build_object('submission', a.submission::text, 'by', a.login, 'purpose', a.purpose) order by a.id), '[]')
        from (select r.id, r.submission, x.login, left(s.purpose, 2000) as purpose from registrations r
          join submissions s on s.id = r.submission and s.destination = f.destination join people x on x.id = r.person
          where r.version = f.version and r.withdrawn_at is null order by r.id limit 20) a),
      -- What a signed vote names beside what was seen; nothing where no signatures are asked for.
      'signing', (select json_build_object('site', exeat.site_id(), 'policy', o.number, 'required', o.signatures = 'required') from policies o
        where o.project = f.project and o.destination = f.destination and o.state = 'active' and o.signatures <> 'off'),
      'unseen', exeat.unseen_policy(f.project, f.destination),
      -- Asked for only where the next approval starts the hold: a tally costs.
      'hold_seconds', case when f.state = 'pending' and f.count + 1 >= f.required and exeat.may_release(f.project)
        then (exeat.tally(f.case_id)).hold_seconds end)) filter (where f.case_id is not null),
    min(format('Larger than the policy allows (%s bytes).', f.largest_file)) filter (where f.state = 'blocked' and f.size > f.largest_file)
  from exeat.facts_of(p_person, p_versions) f group by f.version;
end $$;

-- Items by id, in the order of the ids, for a person who may see them.
create or replace function exeat.egress_items(p_person int, p_ids bigint[], p_sort text) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select v.id, json_build_object('id', v.id::text, 'row_version', v.row_version, 'submission', v.submission::text, 'turn', s.turn, 'project', pr.name,
      'project_title', pr.title, 'key', k.said, 'key_hex', case when convert_to(k.said, 'UTF8') <> v.key then encode(v.key, 'hex') end,
      'version_id', v.store_version, 'etag', v.etag, 'sha256', encode(v.sha256, 'hex'), 'size', v.size, 'media_type', v.media_type,
      'modified_at', v.modified_at, 'submitted_at', v.submitted_at, 'submitted_by', p.login, 'submitted_by_name', p.full_name,
      'purpose', coalesce(s.purpose, ''), 'state', v.state,
      'blocked_reason', coalesce(v.blocked_reason, case when v.state = 'blocked' then coalesce(d.too_large, 'The project has no policy yet.') end),
      'version', v.number, 'newest', v.newest, 'destinations', coalesce(d.destinations, '{}'), 'findings', coalesce(v.findings, '[]'),
      'inside', exeat.inside(v.findings, v.media_type, v.sha256 is not null),
      'opened', l.version is not null, 'seen', exeat.share_json(l),
      'claimed_by', case when v.claimed_until > clock_timestamp() then c.login end,
      'claimed_until', case when v.claimed_until > clock_timestamp() then v.claimed_until end),
    json_build_object('id', v.id, 'v', json_build_array(case p_sort when 'key' then encode(v.key, 'hex') when 'state' then v.state
      when 'size' then v.size::text else sortable(v.submitted_at) end), 'by', p_sort)
  from unnest(p_ids) with ordinality i (id, n)
  join file_versions v on v.id = i.id and v.project = any ((select exeat.projects_of(p_person))::int[])
  join projects pr on pr.id = v.project join submissions s on s.id = v.submission cross join lateral (select exeat.key_text(v.key)) k (said)
  left join people p on p.id = v.submitted_by left join people c on c.id = v.claimed_by
  left join looks l on l.version = v.id and l.person = p_person
  left join exeat.destinations_json(p_person, p_ids) d on d.version = v.id
  order by i.n;
end $$;

-- The conditions a filter asks for, over `v`, but for `mine` (see below). $1 is the filter, $2 the person: values never become SQL. Who
-- sees every project has all indexes (p_all). For anybody else an index over every project's files would tell of the rest: EXPLAIN
-- (BUFFERS) of the call, the statistics of one's own transaction and the clock say how many rows it gave before the projects were looked
-- at. So what asks for content is written as no index has it, and is asked of the person's own projects' rows.
create or replace function exeat.filter_sql(p_filter jsonb, p_all bool) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  k text;
  sql text := '';
begin
  for k in select jsonb_object_keys(p_filter) loop
    continue when p_filter->k = '[]' or p_filter->k = 'false' or k = 'mine';
    sql := sql || ' and ' || case k
      -- Written out: only so does the planner know that an index over these states has the order. What is no state matches nothing.
      when 'state' then coalesce((select 'v.state in (' || string_agg(quote_literal(x), ', ') || ')'
        from jsonb_array_elements_text(p_filter->'state') x where x ~ '^[a-z_]+$'), 'false')
      when 'not_state' then 'v.state <> all (array(select jsonb_array_elements_text($1->''not_state'')))'
      when 'project' then 'v.project = any (array(select id from exeat.projects where name in (select jsonb_array_elements_text($1->''project''))))'
      when 'destination' then 'exists (select from exeat.cases c where c.version = v.id
        and c.destination in (select jsonb_array_elements_text($1->''destination'')))'
      when 'by' then case when p_all then 'v.submitted_by' else '(v.submitted_by + 0)' end
        || ' = any (array(select id from exeat.people where login in (select jsonb_array_elements_text($1->''by''))))'
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
      when 'seen' then 'coalesce((select case when l.unit <> ''facts'' and l.whole and l.drawn >= l.rows * l.columns then ''all'' else ''part'' end
        from exeat.looks l where l.version = v.id and l.person = $2), ''no'') = any (array(select jsonb_array_elements_text($1->''seen'')))'
      when 'inside' then 'exeat.inside(v.findings, v.media_type, v.sha256 is not null)->>''state'' = any (array(select
        jsonb_array_elements_text($1->''inside'')))'
      when 'finding' then 'exists (select from jsonb_array_elements(case jsonb_typeof(v.findings) when ''array'' then v.findings else ''[]'' end) f
        where f->>''rule'' = any (array(select jsonb_array_elements_text($1->''finding''))) and f->>''state'' is distinct from ''waived'')'
      when 'submission' then '(v.submission = any (array(select jsonb_array_elements_text($1->''submission'')::bigint))
        or v.id in (select r.version from exeat.registrations r
          where r.submission = any (array(select jsonb_array_elements_text($1->''submission'')::bigint))))'
      when 'id' then 'v.id = any (array(select jsonb_array_elements_text($1->''id'')::bigint))'
      when 'sha256' then '(' || (select string_agg(case when p_all then format('encode(v.sha256, ''hex'') like %L', lower(x) || '%')
        else format('left(encode(v.sha256, ''hex''), %s) = %L', length(x), lower(x)) end, ' or ')
        from jsonb_array_elements_text(p_filter->'sha256') x where x ~ '^[0-9a-fA-F]{1,64}$' ) || ')'
      end;
    if sql is null then perform misread('The filter has an unknown part: %s.', k); end if;
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

create or replace function exeat.checked_by(p_person int) returns int[]
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select coalesce(array_agg(id), '{}') from projects where exeat.has_role(p_person, id, 'checker'));
end $$;


create or replace function exeat.egress_page(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set jit = off
as $$
declare
  q jsonb := p_request->'filter';
  mine int[] := projects_of(p_person);
  every bool := cardinality(mine) = (select count(*) from projects);
  sort text := p_request->>'sort';
  col text := case sort when 'waits' then 'submitted_at' else sort end;
  -- Longest waiting is earliest submitted.
  down bool := (p_request->>'descending')::bool <> (sort = 'waits');
  way text := case when down then ' desc' else ' asc' end;
  beyond text := '';
  -- With few projects each one's own index gives the order.
  each bool;
  found text;
  ids bigint[];
  n int := page_size(p_request);
begin
  if cardinality(mine) = 0 then return; end if;
  if p_request ? 'after' then
    beyond := format(' and (v.%1$I, v.id) %2$s (%3$s, ($4->>''id'')::bigint)', col, case when down then '<' else '>' end,
      case col when 'key' then 'decode($4->''v''->>0, ''hex'')' when 'size' then '($4->''v''->>0)::bigint' when 'state' then '($4->''v''->>0)'
        else '($4->''v''->>0)::timestamptz' end);
  end if;
  if jsonb_array_length(q->'project') > 0 then
    mine := array(select p.id from projects p where p.id = any (mine) and p.name in (select jsonb_array_elements_text(q->'project')));
  end if;
  each := cardinality(mine) <= 8;
  select string_agg(format('(select v.id, v.%1$I as k from exeat.file_versions v where v.project %2$s%3$s%4$s%5$s order by v.%1$I%6$s, v.id%6$s limit %7$s)',
      col, case when each then '= p.id' else '= any ($3)' end, filter_sql(q, every), beyond, part, way, n), ' union ')
  into found from unnest(parts_sql(q, case col when 'submitted_at' then 'walk' else 'sort' end)) part;
  if each then found := format('select x.id, x.k from unnest($3) p(id) cross join lateral (%s) x', found); end if;
  execute format('select array_agg(y.id order by y.k%1$s, y.id%1$s) from (select x.id, x.k from (%2$s) x order by x.k%1$s, x.id%1$s limit %3$s) y', way,
    found, n)
  into ids using q, p_person, mine, p_request->'after';
  return query select i.* from egress_items(p_person, ids, sort) i;
end $$;

create or replace function exeat.egress_count(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set jit = off
as $$
declare
  q jsonb := coalesce(p_request->'filter', '{}');
  mine int[] := projects_of(p_person);
  found text;
  n bigint;
begin
  select string_agg(format('(select v.id from exeat.file_versions v where v.project = any ($3)%s%s limit 10001)',
    filter_sql(q, cardinality(mine) = (select count(*) from projects)), part), ' union ') into found from unnest(parts_sql(q, 'count')) part;
  execute format('select count(*) from (select from (%s) x limit 10001) y', found) into n using q, p_person, mine;
  return query select t.* from total_row(n) t;
end $$;

create or replace function exeat.egress_rows(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select i.id, i.item, null::json from exeat.egress_items(p_person, exeat.ids_of(p_request), 'submitted_at') i $$;

-- The entries about a file, all versions of its key. Checkers see everything; others what was done, their own refusals, and no internal notes.
create or replace function exeat.egress_history(p_person int, p_version bigint) returns json
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.history_json(array_agg(j.id), array_agg(about.number), true, null)
  from file_versions here
  cross join lateral (select 'version:' || v.id as subject, v.number from file_versions v where v.file = here.file
    union all select 'submission:' || r.submission, min(v.number) from registrations r join file_versions v on v.id = r.version
      where v.file = here.file group by r.submission) about
  join journal j on j.subject = about.subject and (j.subject like 'version:%' or j.command = 'register_submission')
  where here.id = p_version and (exeat.has_role(p_person, here.project, 'checker')
    or ((j.ok or j.person = (select login from people where id = p_person))
      and (j.command <> 'add_comment' or exeat.told(j.command, j.subject, j.request)->>'internal' is distinct from 'true')))
$$;

-- Everything beside the row: votes, comments, history. Of each person's comments the newest half megabyte; the history tells of the rest.
-- Whether the person may read notes is asked once and before they are: how many there are is told by the work of counting them.
create or replace function exeat.egress_facts(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  this bigint := (p_request->>'id')::bigint;
  of_project int := (select v.project from file_versions v where v.id = this and v.project = any ((select exeat.projects_of(p_person))::int[]));
begin
  if of_project is null then return; end if;
  return query select this, json_build_object(
    'votes', (select coalesce(json_agg(json_build_object('destination', c.destination, 'voter', p.login, 'voter_name', p.full_name, 'kind', o.kind,
          'comment', coalesce(o.comment, ''), 'sha256', encode(o.sha256, 'hex'), 'at', o.at, 'via', o.via,
          'counted', o.kind = 'approve' and p.login = any ((exeat.tally(c.id)).by)) order by c.destination, o.first_at, o.id), '[]')
      from votes o join cases c on c.id = o.case_id join people p on p.id = o.voter where o.version = this and o.standing),
    'comments', (select coalesce(json_agg(json_build_object('author', p.login, 'author_name', p.full_name, 'body', y.body, 'internal', y.internal, 'at', y.at)
          order by y.at), '[]')
      from (select x.*, sum(octet_length(x.body)) over (partition by x.author, x.internal order by x.at desc rows unbounded preceding)
            - octet_length(x.body) as newer
          from (select o.author, o.body, false as internal, o.at from comments o where o.version = this
            union all
            select n.author, n.body, true, n.at from internal_notes n where n.version = this and (select exeat.has_role(p_person, of_project, 'checker'))) x) y
      join people p on p.id = y.author where y.newer < 524288),
    'looks', looks_json(p_person, of_project, this), 'history', egress_history(p_person, this)), null::json;
end $$;
reset role;
