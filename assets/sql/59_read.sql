-- The one way rows leave: for every area the same four reads, each row as (id, item, cursor). An area is a word of exeat.areas(), the one
-- of the change feed, and a file with five functions: AREA_asks, what its requests may name, and AREA_count, AREA_page, AREA_rows and
-- AREA_facts of a person and a request. Who reads is found at the door and handed down; nothing below it asks who calls.
-- Items are made with json_* from the leaves up (jsonb, or a whole page as one value, costs more); bytes leave as hex, moments in UTC.
set role exeat_owner;

create or replace function exeat.areas() returns text[]
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select '{egress,request,grant,permit}'::text[] $$;

-- Whether a value is of a type, as of commands; `text[]` is a list of at most a thousand texts, `hex` the beginning of a digest, `bytes` those of a key.
create or replace function exeat.fits(p_value jsonb, p_type text) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return coalesce(case
    when right(p_type, 2) = '[]' then
      case when jsonb_typeof(p_value) = 'array' and jsonb_array_length(p_value) <= 1000
        then not exists (select from jsonb_array_elements(p_value) x where not fits(x, left(p_type, -2))) end
    when p_type = 'hex' then jsonb_typeof(p_value) = 'string' and p_value#>>'{}' ~ '^[0-9a-fA-F]{1,64}$'
    when p_type = 'bytes' then jsonb_typeof(p_value) = 'string' and p_value#>>'{}' ~ '^([0-9a-f]{2})*$'
    when p_type = 'days' then case when is_of_type('int', p_value) then (p_value#>>'{}')::bigint between 0 and 100000 end
    else is_of_type(p_type, p_value) end, false);
end $$;

-- A mistake in a request, by the name of the part: nothing is cast before, so that none ends deep inside.
create or replace function exeat.misread(p_what text, p_part text default '') returns void
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'invalid_parameter_value', message = format(p_what, quoted(p_part));
end $$;

-- The request with what is null left out, or a mistake: a part that is not known would silently ask for too much.
create or replace function exeat.checked_request(p_area text, p_what text, p_request jsonb) returns jsonb
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  kinds jsonb := case p_what when 'count' then '{"filter": "filter"}' when 'rows' then '{"ids": "int[]"}' when 'facts' then '{"id": "int"}'
    when 'page' then '{"filter": "filter", "sort": "text", "descending": "bool", "after": "after", "page": "int"}' end;
  q jsonb := jsonb_strip_nulls(coalesce(p_request, '{}'));
  why exeat.refusal := bounds_why_not('read', q);
  asks jsonb;
  part text;
  order_of jsonb;
begin
  if (p_area = any (areas())) is not true then perform misread('There is no area %s.', p_area); end if;
  if kinds is null then perform misread('There is no read %s: there are count, page, rows and facts.', p_what); end if;
  if why is not null then perform misread(why.message); end if;
  if jsonb_typeof(q) <> 'object' or coalesce(jsonb_typeof(q->'filter'), 'object') <> 'object' then
    perform misread('The request and its filter have to be JSON objects.');
  end if;
  execute format('select exeat.%I()', p_area || '_asks') into asks;
  for part in select jsonb_object_keys(q) loop
    if (kinds->>part in ('filter', 'after') or fits(q->part, kinds->>part)) is not true then
      perform misread('The request has an unknown or malformed part: %s.', part);
    end if;
  end loop;
  for part in select jsonb_object_keys(q->'filter') where q ? 'filter' loop
    if fits(q->'filter'->part, asks->'filter'->>part) is not true then
      perform misread('The filter has an unknown or malformed part: %s.', part);
    end if;
  end loop;
  if p_what in ('rows', 'facts') then
    if q = '{}' then perform misread('The request names no id.'); end if;
  elsif p_what = 'page' then
    q := jsonb_build_object('sort', asks->'usual', 'descending', true, 'page', 100, 'filter', '{}'::jsonb) || q;
    order_of := asks->'sort'->(q->>'sort');
    if order_of is null then perform misread('There is no order by %s.', q->>'sort'); end if;
    if q ? 'after' and (fits(q->'after'->'id', 'int') and coalesce(q->'after'->>'by' = q->>'sort', true) and jsonb_typeof(q->'after'->'v') = 'array'
        and jsonb_array_length(q->'after'->'v') = jsonb_array_length(order_of)
        and not exists (select from jsonb_array_elements(q->'after'->'v') with ordinality x (v, n) where not fits(x.v, order_of->>(x.n::int - 1))))
          is not true then
      perform misread('This is no place in the order by %s: give the cursor of an earlier page of it.', q->>'sort');
    end if;
  end if;
  return q;
end $$;

create or replace function exeat.read_as(p_person int, p_area text, p_what text, p_request jsonb) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set timezone = 'UTC' set jit = off
as $$
declare
  q jsonb := checked_request(p_area, p_what, p_request);
begin
  return query execute format('select r.id, r.item, r.cursor from exeat.%I($1, $2) r', p_area || '_' || p_what) using p_person, q;
end $$;

-- Whoever reads in more than two sessions at once rests after each read for twice as long as it took, two seconds at most: searches without a
-- pause in all four sessions of a login take little more of the machine than in one. A read of a few milliseconds is not looked at.
create or replace function exeat.rest_of_many(p_begun timestamptz) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  took interval := clock_timestamp() - p_begun;
begin
  if took > interval '3 milliseconds' and (select count(*) from pg_stat_activity a where a.datname = current_database() and a.usename = session_user) > 2 then
    perform pg_sleep(least(2 * extract(epoch from took), 2)::float8);
  end if;
end $$;

-- The door for people: count {"filter"}, page {"filter", "sort", "descending", "after", "page"}, rows {"ids"}, facts {"id"}.
create or replace function exeat.read(area text, what text, request jsonb default '{}') returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  begun timestamptz := clock_timestamp();
begin
  return query select r.* from exeat.read_as((exeat.me()).person, area, what, request) r;
  perform exeat.rest_of_many(begun);
end $$;

-- The same door for services, for a person.
create or replace function exeat.read_for(person text, area text, what text, request jsonb default '{}', credential text default null)
returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return query select r.* from exeat.read_as(exeat.reader(person, credential), area, what, request) r; end $$;

-- How many, as the one row of a count: exact up to 10,000.
create or replace function exeat.total_row(p_counted bigint) returns table (id bigint, item json, cursor json)
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select null::bigint, json_build_object('counted', least(p_counted, 10000), 'more', p_counted > 10000), null::json $$;

-- The ids of a request, at most a thousand, in its order.
create or replace function exeat.ids_of(p_request jsonb) returns bigint[]
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select array(select x.id::bigint from jsonb_array_elements_text(p_request->'ids') with ordinality x (id, n) order by x.n limit 1000) $$;

create or replace function exeat.page_size(p_request jsonb) returns int
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select least(greatest((p_request->>'page')::numeric, 1), 1000)::int $$;

-- A moment as a cursor has it: to the microsecond, whatever the time zone.
create or replace function exeat.sortable(p_at timestamptz) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'); end $$;

-- One page of ids in an order, each with what asks for the page behind it; p_found is the end of a statement over `x`, in which $1 is the
-- filter and $2 the reader, p_keys says by what. A plan made for few rows: compiling it (jit) would take longer than running it.
create or replace function exeat.page_of(p_found text, p_reader int, p_request jsonb, p_asks jsonb, p_keys text[]) returns table (id bigint, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set jit = off
as $$
declare
  kinds text[] := array(select jsonb_array_elements_text(p_asks->'sort'->(p_request->>'sort')));
  down bool := (p_request->>'descending')::bool;
  way text := case when down then ' desc' else ' asc' end;
  beyond text := '';
begin
  if p_request ? 'after' then
    beyond := format(' and (%s, x.id) %s (%s, ($3->>''id'')::bigint)', array_to_string(p_keys, ', '), case when down then '<' else '>' end,
      (select string_agg(format('($3->''v''->>%s)::%s', n - 1, case kind when 'time' then 'timestamptz' when 'bool' then 'bool' when 'int' then 'bigint'
        else 'text' end), ', ' order by n) from unnest(kinds) with ordinality k (kind, n)));
  end if;
  return query execute format('select x.id, json_build_object(''id'', x.id, ''v'', json_build_array(%s), ''by'', %L) %s%s order by %s, x.id%s limit %s',
    (select string_agg(case kind when 'time' then format('exeat.sortable(%s)', key) else key end, ', ' order by n)
      from unnest(p_keys, kinds) with ordinality k (key, kind, n)),
    p_request->>'sort', p_found, beyond, array_to_string(p_keys, way || ', ') || way, way, page_size(p_request))
  using p_request->'filter', p_reader, p_request->'after';
end $$;

create or replace function exeat.count_of(p_found text, p_reader int, p_request jsonb) returns table (id bigint, item json, cursor json)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set jit = off
as $$
declare
  n bigint;
begin
  execute format('select count(*) from (select%s limit 10001) y', p_found) into n using coalesce(p_request->'filter', '{}'), p_reader;
  return query select t.* from total_row(n) t;
end $$;

-- A LIKE pattern for a text that contains the word as it is written. chr(92) is the backslash: a caller may change what it means in literals.
create or replace function exeat.containing(p_word text) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select '%' || replace(replace(replace(lower(p_word), chr(92), chr(92) || chr(92)), '%', chr(92) || '%'), '_', chr(92) || '_') || '%'
$$;

-- A JSON object with the keys of both; neither may be empty.
create or replace function exeat.joined(p_one json, p_other json) returns json
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select (left(p_one::text, -1) || ', ' || substr(p_other::text, 2))::json $$;

-- What readers of JSON can take: one that is nested deeper than they go, or has a number beyond theirs, would end the whole list it stands in.
create or replace function exeat.readable(p_value jsonb) returns jsonb
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when jsonb_path_exists(p_value, 'strict $.**{64}')
    or jsonb_path_exists(p_value, 'strict $.** ? (@.type() == "number" && (@ > 1e300 || @ < -1e300))')
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

-- What an entry weighs in a history. Each person's newest half megabyte is shown: nobody's flood hides the words of others, nor fills a desk.
create or replace function exeat.told_size(p_command text, p_request text, p_sentence text) returns bigint
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return 200::bigint + octet_length(p_sentence) + case when octet_length(p_request) > exeat.plain_bytes() then 10000
    else coalesce(octet_length(p_request), 0) end;
end $$;

create or replace function exeat.left_out(p_entries bigint) returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select jsonb_build_object('reason', format('%s of them are left out here; the journal has them all.', p_entries)) $$;

-- Entries of the journal as a history, oldest first, each with the number of the file's version it is about. To whom not all of it is open
-- (p_login) nobody else is named, and nothing of what was asked is said.
create or replace function exeat.history_json(p_entries bigint[], p_versions int[], p_open bool, p_login text) returns json
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  with told as (
    select j.*, e.version, case when p_open or j.person = p_login then j.person end as actor,
      case when p_open or j.person = p_login then j.via end as through, exeat.told_size(j.command, j.request, j.sentence) as size,
      sum(exeat.told_size(j.command, j.request, j.sentence)) over (partition by j.person order by j.id desc rows unbounded preceding) as upto
    from unnest(p_entries, p_versions) e (id, version) join journal j on j.id = e.id)
  select coalesce(json_agg(json_build_object('at', x.at, 'actor', x.actor, 'actor_name', coalesce(p.full_name, ''), 'via', x.through,
    'version', x.version, 'command', x.command,
    'ok', x.ok, 'code', x.code, 'sentence', x.sentence, 'detail', x.detail) order by x.id), '[]')
  from (
    select t.id, t.at, t.actor, t.through, t.version, t.command, t.ok, t.code, t.sentence,
      case when p_open then exeat.told(t.command, t.subject, t.request) - '{coverage,text}'::text[] else '{}' end as detail
    from told t where t.upto - t.size < 524288
    union all
    select max(t.id), max(t.at), t.actor, null, null, 'earlier_entries', true, 'done', '', exeat.left_out(count(*))
    from told t where t.upto - t.size >= 524288 group by t.actor) x
  left join people p on p.login = x.actor
$$;

-- What was read in other ways before.
do $$
declare
  f text;
begin
  for f in select x from regexp_split_to_table('list_egress(jsonb,text,bool,jsonb,int) count_egress(jsonb) egress_rows(bigint[]) rows_of(int,bigint[],text)
      destinations_of(int,bigint[]) why_nots(exeat.facts) filter_sql(jsonb) parts_sql(jsonb,bool) mine_sql() sees(bigint) told(text,text)
      egress_votes(bigint) egress_comments(bigint) egress_history(bigint) list_requests(jsonb,text,bool,jsonb,int) count_requests(jsonb)
      request_rows(bigint[]) list_grants(jsonb,text,bool,jsonb,int) count_grants(jsonb) grant_rows(bigint[]) access_history(text)
      request_comments_of(bigint) page_of(text,jsonb,int,text[],text[],bool,jsonb,int) count_of(text,jsonb,int) known_filter(jsonb,text[])
      request_item(int,exeat.access_requests,bool) grant_item(int,exeat.grants) matching_requests(int,jsonb) matching_grants(int,jsonb)',
    '[[:space:]]+') x where to_regprocedure('exeat.' || x) is not null
  loop
    execute 'drop function exeat.' || f;
  end loop;
  if to_regtype('exeat.egress_row') is not null then drop type exeat.egress_row; end if;
  if to_regtype('exeat.access_row') is not null then drop type exeat.access_row; end if;
end $$;
reset role;
