-- The areas `request` and `grant`: what stewards and requesters read. A requester's rows lack internal_note and changed_by: the keys are not
-- there, not merely empty.
set role exeat_owner;

create or replace function exeat.access_of(p_person int, p_dataset int, p_at timestamptz) returns exeat.access
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  valid bigint[];
  ends timestamptz;
  last grants;
begin
  select array_agg(g.id order by g.valid_until desc, g.id), max(g.valid_until) into valid, ends from grants g
  where g.person = p_person and g.dataset = p_dataset and grant_state(g, p_at) = 'active'
    and (exeat.setting('access.iva_required') <> 'true' or exists (select from ivas i where i.id = g.iva and i.verified));
  if (select removed_at <= p_at from people where id = p_person) then
    return row(false, null, 'person_removed', 'The person is no longer active.', '{}')::exeat.access;
  elsif valid is not null then
    -- Several grants may overlap: access lasts until the latest end among those valid at that moment (GHGA claims repository).
    return row(true, ends, null, null, valid)::exeat.access;
  end if;
  select g.* into last from grants g where g.person = p_person and g.dataset = p_dataset
  order by array_position('{active,upcoming,revoked,expired}'::text[], grant_state(g, p_at)),
    case grant_state(g, p_at) when 'upcoming' then -extract(epoch from g.valid_from)
      else extract(epoch from coalesce(g.revoked_at, g.valid_until)) end desc, g.id limit 1;
  if last.id is null then
    return row(false, null, 'no_grant', 'There is no grant of this dataset to this person.', '{}')::exeat.access;
  end if;
  return row(false, null, case grant_state(last, p_at) when 'active' then 'iva_missing' else grant_state(last, p_at) end,
    case grant_state(last, p_at) when 'active' then format('Grant %s has no verified IVA.', last.id)
      when 'upcoming' then format('Access begins at %s (grant %s).', said(last.valid_from), last.id)
      when 'revoked' then format('Grant %s was revoked at %s.', last.id, said(last.revoked_at))
      else format('Grant %s expired %s.', last.id, said_when_over(last.valid_until)) end, '{}')::exeat.access;
end $$;

-- The same for answers and for the command line.
create or replace function exeat.access_json(a exeat.access) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('access', a.access, 'until', a.until, 'why_not', case when a.code is not null
    then jsonb_build_object('code', a.code, 'message', a.message) end,
    'grants', (select coalesce(jsonb_agg(g::text order by n), '[]') from unnest(a.grants) with ordinality x (g, n)))
$$;

-- Stewards, administrators and auditors ask for anyone, others for themselves; a person one may not ask for does not exist.
create or replace function exeat.access_check(login text, dataset text, at timestamptz default null) returns exeat.access
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := (exeat.me()).person;
  who int := (select p.id from people p where p.login = access_check.login and (p.id = me or exeat.reads_all_access(me)));
  what int := (select d.id from datasets d where d.accession = access_check.dataset);
begin
  if who is null then
    return row(false, null, 'not_found', format('There is no person %s, or you may not ask for them.', access_check.login), '{}')::exeat.access;
  elsif what is null then
    return row(false, null, 'not_found', format('Dataset not found: there is none with the accession %s.', access_check.dataset), '{}')::exeat.access;
  end if;
  return exeat.access_of(who, what, coalesce(access_check.at, clock_timestamp()));
end $$;

create or replace function exeat.reads_all_access(p_person int) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return exeat.is_steward(p_person) or exeat.has_role(p_person, null, 'auditor') or exeat.has_role(p_person, null, 'administrator'); end $$;

-- What their requests may name.
create or replace function exeat.request_asks() returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select '{"filter": {"state": "text[]", "dataset": "text[]", "by": "text[]", "dac": "text[]", "ticket": "text[]", "id": "int[]", "after": "time",
      "before": "time", "period_from": "time", "period_until": "time", "overdue": "bool", "mine": "bool", "claimed": "bool", "words": "text[]"},
    "sort": {"created": ["time"], "waits": ["bool", "time"], "starts": ["time"], "ends": ["time"], "dataset": ["text"], "login": ["text"]},
    "usual": "created"}'::jsonb
$$;

create or replace function exeat.grant_asks() returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select '{"filter": {"state": "text[]", "dataset": "text[]", "by": "text[]", "dac": "text[]", "request": "int[]", "id": "int[]", "after": "time",
      "before": "time", "period_from": "time", "period_until": "time", "expiring_days": "days", "words": "text[]"},
    "sort": {"created": ["time"], "starts": ["time"], "ends": ["time"], "dataset": ["text"], "login": ["text"]}, "usual": "created"}'::jsonb
$$;

-- One request as this reader may know it (contracts B). The text is cut in lists, whole where one is asked for by id.
create or replace function exeat.request_json(p_reader int, r exeat.access_requests, p_whole bool) returns json
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  editing refusal := edit_why_not(p_reader, r, '{"note_to_requester": ""}');
  item json := (select json_build_object('id', r.id::text, 'row_version', r.row_version, 'user_id', p.ext_id, 'login', p.login,
      'full_user_name', concat_ws(' ', p.title, p.full_name), 'iva_id', r.iva, 'dataset_id', d.accession, 'dataset_title', r.dataset_title,
      'dataset_description', r.dataset_description, 'dataset_removed', d.removed_at is not null, 'dac_alias', r.dac_alias, 'dac_email', r.dac_email,
      'email', r.email, 'request_text', case when p_whole then r.request_text else left(r.request_text, 500) end,
      'request_text_length', length(r.request_text), 'access_starts', r.access_starts, 'access_ends', r.access_ends,
      'last_day', last_day(r.access_ends), 'request_created', r.created_at,
      'due', exeat.days_after(r.created_at, exeat.setting_days('access.turnaround_days')),
      'status', r.status, 'status_changed', r.status_changed, 'ticket_id', r.ticket_id, 'note_to_requester', r.note_to_requester,
      'grant', (select g.id::text from grants g where g.request = r.id),
      'why_not', json_build_object('allow', exeat.allow_why_not(p_reader, r, r.iva), 'deny', exeat.deny_why_not(p_reader, r), 'edit', editing,
        'claim', exeat.request_claim_why_not(p_reader, r),
        -- Among themselves stewards may note something on what was decided, too.
        'note', case when r.status = 'pending' then editing else exeat.edit_why_not(p_reader, r, '{"internal_note": ""}') end,
        'comment', exeat.not_steward(p_reader, 'comment on access requests')))
    from people p, datasets d where p.id = r.person and d.id = r.dataset);
begin
  if r.person = p_reader or not reads_all_access(p_reader) then return item; end if;
  return joined(item, json_build_object('changed_by', login_of(r.changed_by), 'internal_note',
    (select n.body from request_internal_notes n where n.request = r.id),
    'claimed_by', case when r.claimed_until > clock_timestamp() then login_of(r.claimed_by) end,
    'claimed_until', case when r.claimed_until > clock_timestamp() then r.claimed_until end,
    'ivas', (select coalesce(json_agg(json_build_object('id', i.id, 'kind', i.kind, 'verified', i.verified) order by i.updated_at), '[]')
      from ivas i where i.person = r.person)));
end $$;

create or replace function exeat.grant_json(p_reader int, g exeat.grants) returns json
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  item json := (select json_build_object('id', g.id::text, 'row_version', g.row_version, 'user_id', p.ext_id, 'login', p.login, 'user_name', p.full_name,
      'user_email', p.mail, 'user_title', p.title, 'user_removed', p.removed_at is not null, 'iva_id', g.iva, 'dataset_id', d.accession,
      'dataset_title', d.title, 'dataset_removed', d.removed_at is not null, 'dac_alias', d.dac_alias, 'dac_email', d.dac_email, 'created', g.created_at,
      'valid_from', g.valid_from, 'valid_until', g.valid_until, 'last_day', last_day(g.valid_until),
      'state', exeat.grant_state(g, clock_timestamp()), 'request', g.request::text,
      'request_status', (select r.status from access_requests r where r.id = g.request), 'revoked_at', g.revoked_at,
      'why_not', json_build_object('amend', exeat.amend_why_not(p_reader, g), 'revoke', exeat.revoke_why_not(p_reader, g)))
    from people p, datasets d where p.id = g.person and d.id = g.dataset);
begin
  if g.person = p_reader or not reads_all_access(p_reader) then return item; end if;
  return joined(item, json_build_object('created_by', login_of(g.created_by), 'revoked_by', login_of(g.revoked_by), 'revoke_class', g.revoke_class,
    'revoke_reason', g.revoke_reason));
end $$;

create or replace function exeat.texts_of(p_filter jsonb, p_key text) returns text[]
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select array(select jsonb_array_elements_text(p_filter->p_key)) where jsonb_typeof(p_filter->p_key) = 'array' and p_filter->p_key <> '[]' $$;

-- A condition over the texts a filter has under a key; none where it has none.
create or replace function exeat.asked(p_filter jsonb, p_key text, p_sql text) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select format(p_sql, format('(select exeat.texts_of($1, %L))::text[]', p_key)) where exeat.texts_of(p_filter, p_key) is not null $$;

create or replace function exeat.words_sql(p_filter jsonb, p_columns text) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select string_agg(format('lower(concat_ws('' '', %s)) like exeat.containing($1->''words''->>%s)', p_columns, n), ' and ')
  from generate_series(0, cardinality(exeat.texts_of(p_filter, 'words')) - 1) n
$$;

-- Where the requests are that a filter means, for a reader: the end of a statement, its conditions over `x`. $1 is the filter, $2 the
-- reader: values never become SQL. Only what is asked is in it, so that the planner can use an index for it. For who reads no
-- others only their own rows are touched (offset 0: before anything else is asked), or the work of the call would tell of the rest.
create or replace function exeat.requests_sql(p_reader int, p_filter jsonb) returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select ' from ' || r.rows || ' x left join exeat.people p on p.id = x.person left join exeat.datasets d on d.id = x.dataset where '
    || concat_ws(' and ', 'true',
    exeat.asked(q, 'state', 'x.status = any (%s)'),
    exeat.asked(q, 'dataset', 'x.dataset = any (array(select id from exeat.datasets where accession = any (%s)))'),
    exeat.asked(q, 'by', 'x.person = any (array(select id from exeat.people where login = any (%s)))'),
    exeat.asked(q, 'dac', 'x.dac_alias = any (%s)'),
    exeat.asked(q, 'ticket', 'x.ticket_id = any (%s)'),
    exeat.asked(q, 'id', 'x.id::text = any (%s)'),
    case when q->>'after' is not null then 'x.created_at >= ($1->>''after'')::timestamptz' end,
    case when q->>'before' is not null then 'x.created_at <= ($1->>''before'')::timestamptz' end,
    case when q->>'period_until' is not null then 'x.access_starts <= ($1->>''period_until'')::timestamptz' end,
    case when q->>'period_from' is not null then 'x.access_ends >= ($1->>''period_from'')::timestamptz' end,
    case when q->'overdue' = 'true' then
      'x.status = ''pending'' and x.created_at < (select exeat.days_after(clock_timestamp(), -exeat.setting_days(''access.turnaround_days'')))' end,
    -- Whoever made a request does not hear who is looking at it.
    case when q->'claimed' = 'true' then
      case when exeat.reads_all_access(p_reader) then 'x.claimed_until > clock_timestamp() and x.person <> $2' else 'false' end end,
    case when q->'mine' = 'true' then 'x.status = ''pending'' and x.person ' || case when exeat.is_steward(p_reader) then '<> $2' else '= $2' end end,
    exeat.words_sql(q, 'x.request_text, x.dataset_title, d.accession, p.full_name, p.login, x.ticket_id'))
  from (select coalesce(p_filter, '{}') as q) f,
    (select case when exeat.reads_all_access(p_reader) then 'exeat.access_requests'
      else '(select * from exeat.access_requests where person = $2 offset 0)' end as rows) r
$$;

create or replace function exeat.grants_sql(p_reader int, p_filter jsonb) returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select ' from ' || r.rows || ' x left join exeat.people p on p.id = x.person left join exeat.datasets d on d.id = x.dataset where '
    || concat_ws(' and ', 'true',
    exeat.asked(q, 'state', 'exeat.grant_state(' || r.whole || ', clock_timestamp()) = any (%s)'),
    exeat.asked(q, 'dataset', 'x.dataset = any (array(select id from exeat.datasets where accession = any (%s)))'),
    exeat.asked(q, 'by', 'x.person = any (array(select id from exeat.people where login = any (%s)))'),
    exeat.asked(q, 'dac', 'd.dac_alias = any (%s)'),
    exeat.asked(q, 'request', 'x.request::text = any (%s)'),
    exeat.asked(q, 'id', 'x.id::text = any (%s)'),
    case when q->>'after' is not null then 'x.created_at >= ($1->>''after'')::timestamptz' end,
    case when q->>'before' is not null then 'x.created_at <= ($1->>''before'')::timestamptz' end,
    case when q->>'period_until' is not null then 'x.valid_from <= ($1->>''period_until'')::timestamptz' end,
    case when q->>'period_from' is not null then 'x.valid_until >= ($1->>''period_from'')::timestamptz' end,
    case when q->>'expiring_days' is not null then 'exeat.grant_state(' || r.whole || ', clock_timestamp()) = ''active''
      and x.valid_until <= (select exeat.days_after(clock_timestamp(), ($1->>''expiring_days'')::int))' end,
    exeat.words_sql(q, 'd.title, d.accession, p.full_name, p.login'))
  from (select coalesce(p_filter, '{}') as q) f,
    (select case when y.every then 'exeat.grants' else '(select g as whole, g.* from exeat.grants g where g.person = $2 offset 0)' end as rows,
      case when y.every then 'x' else 'x.whole' end as whole from (select exeat.reads_all_access(p_reader) as every) y) r
$$;

-- Orders: created (newest first by default), waits (pending first, oldest on top), starts, ends, dataset, login.
create or replace function exeat.request_page(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query select x.id, request_json(p_person, r, false), x.cursor
  from page_of(requests_sql(p_person, p_request->'filter'), p_person, p_request, request_asks(), case p_request->>'sort' when 'starts' then '{x.access_starts}'
    when 'ends' then '{x.access_ends}' when 'dataset' then '{"d.accession collate \"C\""}' when 'login' then '{"p.login collate \"C\""}'
    when 'waits' then '{"(x.status <> ''pending'')",x.created_at}' else '{x.created_at}' end::text[]) with ordinality x (id, cursor, n)
  join access_requests r on r.id = x.id order by x.n;
end $$;

create or replace function exeat.grant_page(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query select x.id, grant_json(p_person, g), x.cursor
  from page_of(grants_sql(p_person, p_request->'filter'), p_person, p_request, grant_asks(), case p_request->>'sort' when 'starts' then '{x.valid_from}'
    when 'ends' then '{x.valid_until}' when 'dataset' then '{"d.accession collate \"C\""}' when 'login' then '{"p.login collate \"C\""}'
    else '{x.created_at}' end::text[]) with ordinality x (id, cursor, n)
  join grants g on g.id = x.id order by x.n;
end $$;

create or replace function exeat.request_count(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select c.* from exeat.count_of(exeat.requests_sql(p_person, p_request->'filter'), p_person, p_request) c $$;

create or replace function exeat.grant_count(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select c.* from exeat.count_of(exeat.grants_sql(p_person, p_request->'filter'), p_person, p_request) c $$;

-- By id, in the order of the ids; the whole text where it is one.
create or replace function exeat.request_rows(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.id, exeat.request_json(p_person, r, cardinality(exeat.ids_of(p_request)) = 1), null::json
  from unnest(exeat.ids_of(p_request)) with ordinality i (id, n) join access_requests r on r.id = i.id
  where r.person = p_person or exeat.reads_all_access(p_person) order by i.n
$$;

create or replace function exeat.grant_rows(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select g.id, exeat.grant_json(p_person, g), null::json
  from unnest(exeat.ids_of(p_request)) with ordinality i (id, n) join grants g on g.id = i.id
  where g.person = p_person or exeat.reads_all_access(p_person) order by i.n
$$;

-- The entries about a request or grant; a grant begins with the decision that made it. A requester reads what was done, not by whom, and no
-- internal words.
create or replace function exeat.access_history(p_reader int, p_owner int, p_subject text, p_request bigint) returns json
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.history_json(array_agg(j.id), array_agg(null::int), m.open, m.login)
  from (select exeat.reads_all_access(p_reader) and p_reader <> p_owner as open, (select login from people where id = p_reader) as login) m
  left join journal j on (j.subject = p_subject or (j.command = 'allow_request' and j.ok and j.subject = 'request:' || p_request))
    and (m.open or (j.ok and j.command not in ('comment_request', 'claim_request', 'unclaim_request', 'edit_request')))
  group by m.open, m.login
$$;

-- Beside the row: comments (for stewards), history, and all about its person and dataset: requests, grants, whether there is access now.
create or replace function exeat.access_facts(p_reader int, p_owner int, p_dataset int, p_comments json, p_history json, p_text text) returns json
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select json_build_object('comments', p_comments, 'history', p_history, 'text', p_text,
    'requests', (select coalesce(json_agg(exeat.request_json(p_reader, r, false) order by r.created_at desc, r.id desc), '[]') from (
      select * from access_requests x where x.person = p_owner and x.dataset = p_dataset order by x.created_at desc, x.id desc limit 1000) r),
    'grants', (select coalesce(json_agg(exeat.grant_json(p_reader, x.g) order by x.valid_until desc, x.id desc), '[]') from (
      select g, g.id, g.valid_until from grants g where g.person = p_owner and g.dataset = p_dataset order by g.valid_until desc, g.id desc limit 1000) x),
    'check', exeat.access_json(exeat.access_of(p_owner, p_dataset, clock_timestamp())))
$$;

create or replace function exeat.request_facts(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.id, exeat.access_facts(p_person, r.person, r.dataset, (select coalesce(json_agg(json_build_object('author', p.login, 'author_name', p.full_name,
      'body', c.body, 'internal', true, 'at', c.at) order by c.id), '[]') from (
        select x.*, sum(octet_length(x.body)) over (partition by x.author order by x.id desc rows unbounded preceding) - octet_length(x.body) as newer
        from request_comments x where x.request = r.id and exeat.reads_all_access(p_person) and r.person <> p_person) c
      join people p on p.id = c.author where c.newer < 524288),
    exeat.access_history(p_person, r.person, 'request:' || r.id, null), r.request_text), null::json
  from access_requests r where r.id = (p_request->>'id')::bigint and (r.person = p_person or exeat.reads_all_access(p_person))
$$;

create or replace function exeat.grant_facts(p_person int, p_request jsonb) returns table (id bigint, item json, cursor json)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select g.id, exeat.access_facts(p_person, g.person, g.dataset, '[]', exeat.access_history(p_person, g.person, 'grant:' || g.id, g.request), null), null::json
  from grants g where g.id = (p_request->>'id')::bigint and (g.person = p_person or exeat.reads_all_access(p_person))
$$;

-- What a form for a new request starts from: the dataset's words, the period and mail to pre-fill, and the bounds.
create or replace function exeat.request_defaults_of(p_person int, p_dataset text)
returns table (dataset_id text, dataset_title text, request_text text, email text, access_starts timestamptz, access_ends timestamptz,
  latest_start timestamptz, shortest_days int, longest_days int, text_limit int, zone text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select d.accession, d.title, format(E'Request for access to %s (%s).\n\n', d.title, d.accession), p.mail, now.at,
    exeat.day_ends(exeat.wall(exeat.days_after(now.at, exeat.setting_days('access.default_days')))::date),
    exeat.days_after(now.at, exeat.setting_days('access.lead_days')),
    exeat.setting_days('access.shortest_days'), exeat.setting_days('access.longest_days'), exeat.setting_days('access.text_limit'),
      exeat.setting('site.zone')#>>'{}'
  from datasets d, people p, (select date_trunc('second', clock_timestamp()) as at) now
  where d.accession = p_dataset and d.removed_at is null and p.id = p_person
$$;

create or replace function exeat.request_defaults(dataset text)
returns table (dataset_id text, dataset_title text, request_text text, email text, access_starts timestamptz, access_ends timestamptz,
  latest_start timestamptz, shortest_days int, longest_days int, text_limit int, zone text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select d.* from exeat.request_defaults_of((exeat.me()).person, dataset) d $$;

-- Of oneself, or of anybody for who reads all access.
create or replace function exeat.list_ivas(login text default null) returns table (id uuid, kind text, verified bool, updated_at timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select i.id, i.kind, i.verified, i.updated_at from (select (exeat.me()).*) me, ivas i join people p on p.id = i.person
  where p.login = coalesce(list_ivas.login, me.login) and (p.id = me.person or exeat.reads_all_access(me.person))
  order by i.updated_at, i.id
$$;

create or replace function exeat.list_datasets(words text[] default '{}', after text default '', page int default 100)
returns table (accession text, title text, description text, dac_alias text, dac_email text, removed bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select d.accession, d.title, d.description, d.dac_alias, d.dac_email, d.removed_at is not null from datasets d
  where (exeat.me()).person is not null and d.accession > list_datasets.after
    and not exists (select from unnest(words) w where lower(concat_ws(' ', d.accession, d.title, d.dac_alias)) not like exeat.containing(w))
  order by d.accession limit least(greatest(coalesce(page, 100), 1), 1000)
$$;
reset role;
