-- What stewards and requesters read of requests and grants. A requester's rows lack internal_note and changed_by:
-- the keys are not there, not merely empty.
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
    case grant_state(g, p_at) when 'upcoming' then -extract(epoch from g.valid_from) else extract(epoch from coalesce(g.revoked_at, g.valid_until)) end desc, g.id limit 1;
  if last.id is null then
    return row(false, null, 'no_grant', 'There is no grant of this dataset to this person.', '{}')::exeat.access;
  end if;
  return row(false, null, case grant_state(last, p_at) when 'active' then 'iva_missing' else grant_state(last, p_at) end,
    case grant_state(last, p_at) when 'active' then format('Grant %s has no verified IVA.', last.id)
      when 'upcoming' then format('Access begins at %s (grant %s).', said(last.valid_from), last.id)
      when 'revoked' then format('Grant %s was revoked at %s.', last.id, said(last.revoked_at))
      else format('Grant %s expired at %s.', last.id, said(last.valid_until)) end, '{}')::exeat.access;
end $$;

-- The same for answers and for the command line.
create or replace function exeat.access_json(a exeat.access) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('access', a.access, 'until', a.until, 'why_not', case when a.code is not null then jsonb_build_object('code', a.code, 'message', a.message) end,
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

-- One request as this reader may know it (contracts B). The text is cut in lists, whole where one is asked for by id.
create or replace function exeat.request_item(p_reader int, r exeat.access_requests, p_whole bool) returns jsonb
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  denying refusal := deny_why_not(p_reader, r);
  editing refusal := edit_why_not(p_reader, r, '{"note_to_requester": ""}');
begin
  return (select jsonb_build_object('id', r.id::text, 'row_version', r.row_version, 'user_id', p.ext_id, 'login', p.login,
      'full_user_name', concat_ws(' ', p.title, p.full_name), 'iva_id', r.iva, 'dataset_id', d.accession, 'dataset_title', r.dataset_title,
      'dataset_description', r.dataset_description, 'dataset_removed', d.removed_at is not null, 'dac_alias', r.dac_alias, 'dac_email', r.dac_email,
      'email', r.email, 'request_text', case when p_whole then r.request_text else left(r.request_text, 500) end,
      'request_text_length', length(r.request_text), 'access_starts', r.access_starts, 'access_ends', r.access_ends, 'request_created', r.created_at,
      'status', r.status, 'status_changed', r.status_changed, 'ticket_id', r.ticket_id, 'note_to_requester', r.note_to_requester, 'due', exeat.days_after(r.created_at, exeat.setting_days('access.turnaround_days')),
      'grant', (select g.id::text from grants g where g.request = r.id))
    || case when exeat.reads_all_access(p_reader) and r.person <> p_reader then
      jsonb_build_object('changed_by', exeat.login_of(r.changed_by),
        'internal_note', (select n.body from request_internal_notes n where n.request = r.id),
        'claimed_by', case when r.claimed_until > clock_timestamp() then exeat.login_of(r.claimed_by) end,
        'claimed_until', case when r.claimed_until > clock_timestamp() then r.claimed_until end,
        'ivas', (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'kind', i.kind, 'verified', i.verified) order by i.updated_at), '[]') from ivas i where i.person = r.person))
      else '{}' end
    || jsonb_build_object('why_not', jsonb_build_object('allow', to_jsonb(exeat.allow_why_not(p_reader, r, r.iva)), 'deny', to_jsonb(denying),
        'edit', to_jsonb(editing), 'claim', to_jsonb(exeat.request_claim_why_not(p_reader, r)),
        -- Among themselves stewards may note something on what was decided, too.
        'note', to_jsonb(case when r.status = 'pending' then editing else exeat.edit_why_not(p_reader, r, '{"internal_note": ""}') end),
        'comment', to_jsonb(exeat.not_steward(p_reader, 'comment on access requests'))))
  from people p, datasets d where p.id = r.person and d.id = r.dataset);
end $$;

create or replace function exeat.grant_item(p_reader int, g exeat.grants) returns jsonb
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select jsonb_build_object('id', g.id::text, 'row_version', g.row_version, 'user_id', p.ext_id, 'login', p.login, 'user_name', p.full_name,
      'user_email', p.mail, 'user_title', p.title, 'user_removed', p.removed_at is not null, 'iva_id', g.iva, 'dataset_id', d.accession, 'dataset_title', d.title,
      'dataset_removed', d.removed_at is not null, 'dac_alias', d.dac_alias, 'dac_email', d.dac_email, 'created', g.created_at, 'valid_from', g.valid_from,
      'valid_until', g.valid_until, 'state', exeat.grant_state(g, clock_timestamp()), 'request', g.request::text,
      'request_status', (select r.status from access_requests r where r.id = g.request), 'revoked_at', g.revoked_at)
    || case when exeat.reads_all_access(p_reader) and g.person <> p_reader then
      jsonb_build_object('created_by', exeat.login_of(g.created_by), 'revoked_by', exeat.login_of(g.revoked_by), 'revoke_class', g.revoke_class, 'revoke_reason', g.revoke_reason)
      else '{}' end
    || jsonb_build_object('why_not', jsonb_build_object('amend', to_jsonb(exeat.amend_why_not(p_reader, g)), 'revoke', to_jsonb(exeat.revoke_why_not(p_reader, g))))
  from people p, datasets d where p.id = g.person and d.id = g.dataset);
end $$;

create or replace function exeat.texts_of(p_filter jsonb, p_key text) returns text[]
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select array(select jsonb_array_elements_text(p_filter->p_key)) where jsonb_typeof(p_filter->p_key) = 'array' and p_filter->p_key <> '[]' $$;

-- The filter as it is, if every part of it is known: one that is not would silently ask for too much.
create or replace function exeat.known_filter(p_filter jsonb, p_known text[]) returns jsonb
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  k text;
begin
  for k in select jsonb_object_keys(coalesce(p_filter, '{}')) loop
    if k <> all (p_known) then raise exception 'The filter has an unknown part: %', k using errcode = 'invalid_parameter_value'; end if;
  end loop;
  return coalesce(p_filter, '{}');
end $$;

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
  select ' from ' || r.rows || ' x left join exeat.people p on p.id = x.person left join exeat.datasets d on d.id = x.dataset where ' || concat_ws(' and ', 'true',
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
    case when q->'claimed' = 'true' then case when exeat.reads_all_access(p_reader) then 'x.claimed_until > clock_timestamp() and x.person <> $2' else 'false' end end,
    case when q->'mine' = 'true' then 'x.status = ''pending'' and x.person ' || case when exeat.is_steward(p_reader) then '<> $2' else '= $2' end end,
    exeat.words_sql(q, 'x.request_text, x.dataset_title, d.accession, p.full_name, p.login, x.ticket_id'))
  from exeat.known_filter(p_filter, '{state,dataset,by,dac,ticket,id,after,before,period_from,period_until,overdue,mine,claimed,words}') q,
    (select case when exeat.reads_all_access(p_reader) then 'exeat.access_requests' else '(select * from exeat.access_requests where person = $2 offset 0)' end as rows) r
$$;

create or replace function exeat.grants_sql(p_reader int, p_filter jsonb) returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select ' from ' || r.rows || ' x left join exeat.people p on p.id = x.person left join exeat.datasets d on d.id = x.dataset where ' || concat_ws(' and ', 'true',
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
  from exeat.known_filter(p_filter, '{state,dataset,by,dac,request,id,after,before,period_from,period_until,expiring_days,words}') q,
    (select case when y.every then 'exeat.grants' else '(select g as whole, g.* from exeat.grants g where g.person = $2 offset 0)' end as rows,
      case when y.every then 'x' else 'x.whole' end as whole from (select exeat.reads_all_access(p_reader) as every) y) r
$$;

create or replace function exeat.sortable(p_at timestamptz) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'); end $$;

-- One page of ids in an order, each with what asks for the page behind it. p_keys says by what, p_types of which type each is. A plan made
-- for few rows: compiling it (jit) would take longer than running it.
create or replace function exeat.page_of(p_found text, p_filter jsonb, p_reader int, p_keys text[], p_types text[], p_descending bool, p_after jsonb, p_page int)
returns table (id bigint, cursor jsonb)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set jit = off
as $$
declare
  way text := case when p_descending then ' desc' else ' asc' end;
  beyond text := '';
begin
  if p_after is not null then
    beyond := format(' and (%s, x.id) %s (%s, ($3->>''id'')::bigint)', array_to_string(p_keys, ', '), case when p_descending then '<' else '>' end,
      (select string_agg(format('($3->''v''->>%s)::%s', n - 1, type), ', ' order by n) from unnest(p_types) with ordinality t (type, n)));
  end if;
  return query execute format('select x.id, jsonb_build_object(''id'', x.id, ''v'', jsonb_build_array(%s)) %s%s order by %s, x.id%s limit %s',
    (select string_agg(case type when 'timestamptz' then format('exeat.sortable(%s)', key) else format('(%s)::text', key) end, ', ' order by n)
      from unnest(p_keys, p_types) with ordinality k (key, type, n)),
    p_found, beyond, array_to_string(p_keys, way || ', ') || way, way, least(greatest(coalesce(p_page, 100), 1), 1000))
  using p_filter, p_reader, p_after;
end $$;

-- Sorts: created (newest first by default), waits (pending first, oldest on top), starts, ends, dataset, login.
create or replace function exeat.list_requests(filter jsonb default '{}', sort text default 'created', descending bool default true,
  after jsonb default null, page int default 100) returns setof exeat.access_row
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := (exeat.me()).person;
  keys text[] := case sort when 'starts' then '{x.access_starts}' when 'ends' then '{x.access_ends}' when 'dataset' then '{"d.accession collate \"C\""}'
    when 'login' then '{"p.login collate \"C\""}' when 'waits' then '{"(x.status <> ''pending'')",x.created_at}' else '{x.created_at}' end;
  types text[] := case when sort in ('dataset', 'login') then '{text}' when sort = 'waits' then '{bool,timestamptz}' else '{timestamptz}' end;
begin
  return query select x.id, request_item(me, r, false), x.cursor
  from page_of(requests_sql(me, filter), filter, me, keys, types, descending, after, page) with ordinality x (id, cursor, n)
  join access_requests r on r.id = x.id order by x.n;
end $$;

create or replace function exeat.list_grants(filter jsonb default '{}', sort text default 'created', descending bool default true,
  after jsonb default null, page int default 100) returns setof exeat.access_row
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := (exeat.me()).person;
  keys text[] := case sort when 'starts' then '{x.valid_from}' when 'ends' then '{x.valid_until}' when 'dataset' then '{"d.accession collate \"C\""}'
    when 'login' then '{"p.login collate \"C\""}' else '{x.created_at}' end;
  types text[] := case when sort in ('dataset', 'login') then '{text}' else '{timestamptz}' end;
begin
  return query select x.id, grant_item(me, g), x.cursor
  from page_of(grants_sql(me, filter), filter, me, keys, types, descending, after, page) with ordinality x (id, cursor, n)
  join grants g on g.id = x.id order by x.n;
end $$;

create or replace function exeat.count_of(p_found text, p_filter jsonb, p_reader int) returns table (total bigint, more bool)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set jit = off
as $$
declare
  n bigint;
begin
  execute format('select count(*) from (select%s limit 10001) y', p_found) into n using p_filter, p_reader;
  return query select least(n, 10000), n > 10000;
end $$;

create or replace function exeat.count_requests(filter jsonb default '{}') returns table (total bigint, more bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select c.* from exeat.me() m, lateral exeat.count_of(exeat.requests_sql(m.person, filter), filter, m.person) c $$;

create or replace function exeat.count_grants(filter jsonb default '{}') returns table (total bigint, more bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select c.* from exeat.me() m, lateral exeat.count_of(exeat.grants_sql(m.person, filter), filter, m.person) c $$;

do $$
begin
  if to_regprocedure('exeat.matching_requests(int, jsonb)') is not null then drop function exeat.matching_requests(int, jsonb); end if;
  if to_regprocedure('exeat.matching_grants(int, jsonb)') is not null then drop function exeat.matching_grants(int, jsonb); end if;
end $$;

create or replace function exeat.request_rows(ids bigint[]) returns setof exeat.access_row
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select row(r.id, exeat.request_item(me.id, r, cardinality(ids) = 1), null)::exeat.access_row
  from (select (exeat.me()).person as id) me, access_requests r
  where r.id = any (ids[:1000]) and (r.person = me.id or exeat.reads_all_access(me.id)) order by array_position(ids, r.id)
$$;

create or replace function exeat.grant_rows(ids bigint[]) returns setof exeat.access_row
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select row(g.id, exeat.grant_item(me.id, g), null)::exeat.access_row
  from (select (exeat.me()).person as id) me, grants g
  where g.id = any (ids[:1000]) and (g.person = me.id or exeat.reads_all_access(me.id)) order by array_position(ids, g.id)
$$;

-- What happened to a request or grant. A requester reads what was done, not by whom, and no internal words.
create or replace function exeat.access_history(subject text)
returns table (at timestamptz, actor text, command text, ok bool, code text, sentence text, detail jsonb)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  with told as (
    select j.*, s.all_of_it, case when s.all_of_it or j.person = (s.me).login then j.person end as actor, exeat.told_size(j.command, j.request, j.sentence) as size,
      sum(exeat.told_size(j.command, j.request, j.sentence)) over (partition by j.person order by j.id desc rows unbounded preceding) as upto
  from (select m as me, exeat.reads_all_access(m.person) and m.person is distinct from o.owner as all_of_it, o.owner
    from (select (exeat.me()).*) m, (select coalesce(
      (select r.person from access_requests r where access_history.subject ~ '^request:[1-9][0-9]{0,17}$' and r.id = n.id),
      (select g.person from grants g where access_history.subject ~ '^grant:[1-9][0-9]{0,17}$' and g.id = n.id)) as owner
      from (select substring(access_history.subject from ':([0-9]{1,18})$')::bigint as id) n) o) s
  join journal j on j.subject = access_history.subject
    -- A grant begins with the decision that made it.
    or (j.command = 'allow_request' and j.ok and j.subject = (select 'request:' || g.request from grants g where access_history.subject = 'grant:' || g.id))
  where s.owner is not null and (s.all_of_it or (s.me).person = s.owner) and (s.all_of_it or ((s.me).person = s.owner and j.ok and j.command not in ('comment_request', 'claim_request', 'unclaim_request', 'edit_request'))))
  select x.at, x.actor, x.command, x.ok, x.code, x.sentence, x.detail from (
    select t.id, t.at, t.actor, t.command, t.ok, t.code, t.sentence,
      case when t.all_of_it then exeat.told(t.command, t.subject, t.request) - 'text' else '{}' end as detail
    from told t where t.upto - t.size < 524288
    union all
    select max(t.id), max(t.at), t.actor, 'earlier_entries', true, 'done', '', exeat.left_out(count(*))
    from told t where t.upto - t.size >= 524288 group by t.actor) x
  order by x.id
$$;

create or replace function exeat.request_comments_of(request bigint) returns table (author text, author_name text, body text, at timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.login, p.full_name, c.body, c.at from (
    select x.*, sum(octet_length(x.body)) over (partition by x.author order by x.id desc rows unbounded preceding) - octet_length(x.body) as newer
    from request_comments x where x.request = request_comments_of.request and exeat.reads_all_access((exeat.me()).person)
      and not exists (select from access_requests r where r.id = request_comments_of.request and r.person = (exeat.me()).person)) c
  join people p on p.id = c.author where c.newer < 524288 order by c.id
$$;

-- What a form for a new request starts from: the dataset's words, the period and mail to pre-fill, and the bounds.
create or replace function exeat.request_defaults(dataset text)
returns table (dataset_id text, dataset_title text, request_text text, email text, access_starts timestamptz, access_ends timestamptz,
  latest_start timestamptz, shortest_days int, longest_days int, text_limit int, zone text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select d.accession, d.title, format(E'Request for access to %s (%s).\n\n', d.title, d.accession), p.mail, now.at,
    exeat.days_after(now.at, exeat.setting_days('access.default_days')), exeat.days_after(now.at, exeat.setting_days('access.lead_days')),
    exeat.setting_days('access.shortest_days'), exeat.setting_days('access.longest_days'), exeat.setting_days('access.text_limit'), exeat.setting('site.zone')#>>'{}'
  from datasets d, people p, (select date_trunc('second', clock_timestamp()) as at) now
  where d.accession = request_defaults.dataset and d.removed_at is null and p.id = (exeat.me()).person
$$;

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
