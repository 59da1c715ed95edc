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
    return row(false, null, 'person_removed', 'The person is no longer active.', '{}'::bigint[]);
  elsif valid is not null then
    -- Several grants may overlap: access lasts until the latest end among those valid at that moment (GHGA claims repository).
    return row(true, ends, null, null, valid);
  end if;
  select g.* into last from grants g where g.person = p_person and g.dataset = p_dataset
  order by array_position('{active,upcoming,revoked,expired}', grant_state(g, p_at)), coalesce(g.revoked_at, g.valid_until) desc limit 1;
  return row(false, null, coalesce(case grant_state(last, p_at) when 'active' then 'iva_missing' else grant_state(last, p_at) end, 'no_grant'),
    case when last.id is null then 'There is no grant of this dataset to this person.'
      when grant_state(last, p_at) = 'active' then format('Grant %s has no verified IVA.', last.id)
      when grant_state(last, p_at) = 'upcoming' then format('Access begins at %s (grant %s).', said(last.valid_from), last.id)
      when grant_state(last, p_at) = 'revoked' then format('%s revoked grant %s at %s (%s).', login_of(last.revoked_by), last.id, said(last.revoked_at), last.revoke_class)
      else format('Grant %s expired at %s.', last.id, said(last.valid_until)) end, '{}'::bigint[]);
end $$;

-- Stewards, administrators and auditors ask for anyone, others for themselves; a person one may not ask for does not exist.
create or replace function exeat.access_check(login text, dataset text, at timestamptz default null) returns exeat.access
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me int := (exeat.me()).person;
  who int := (select p.id from people p where p.login = access_check.login
    and (p.id = me or exeat.is_steward(me) or exeat.has_role(me, null, 'administrator') or exeat.has_role(me, null, 'auditor')));
  what int := (select d.id from datasets d where d.accession = access_check.dataset);
begin
  if who is null then
    return row(false, null, 'not_found', format('There is no person %s, or you may not ask for them.', access_check.login), '{}'::bigint[]);
  elsif what is null then
    return row(false, null, 'not_found', format('There is no dataset %s.', access_check.dataset), '{}'::bigint[]);
  end if;
  return exeat.access_of(who, what, coalesce(access_check.at, clock_timestamp()));
end $$;

create or replace function exeat.reads_all_access(p_person int) returns bool
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.is_steward(p_person) or exeat.has_role(p_person, null, 'auditor') $$;

-- One request as this reader may know it (contracts B). The text is cut in lists, whole where one is asked for by id.
create or replace function exeat.request_item(p_reader int, r exeat.access_requests, p_whole bool) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('id', r.id::text, 'row_version', r.row_version, 'user_id', p.ext_id, 'login', p.login,
      'full_user_name', concat_ws(' ', p.title, p.full_name), 'iva_id', r.iva, 'dataset_id', d.accession, 'dataset_title', r.dataset_title,
      'dataset_description', r.dataset_description, 'dataset_removed', d.removed_at is not null, 'dac_alias', r.dac_alias, 'dac_email', r.dac_email,
      'email', r.email, 'request_text', case when p_whole then r.request_text else left(r.request_text, 500) end,
      'request_text_length', length(r.request_text), 'access_starts', r.access_starts, 'access_ends', r.access_ends, 'request_created', r.created_at,
      'status', r.status, 'status_changed', r.status_changed, 'note_to_requester', r.note_to_requester, 'due', exeat.days_after(r.created_at, exeat.setting_days('access.turnaround_days')),
      'grant', (select g.id::text from grants g where g.request = r.id))
    || case when exeat.reads_all_access(p_reader) and r.person <> p_reader then
      jsonb_build_object('ticket_id', r.ticket_id, 'changed_by', exeat.login_of(r.changed_by),
        'internal_note', (select n.body from request_internal_notes n where n.request = r.id),
        'claimed_by', case when r.claimed_until > clock_timestamp() then exeat.login_of(r.claimed_by) end,
        'claimed_until', case when r.claimed_until > clock_timestamp() then r.claimed_until end,
        'ivas', (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'kind', i.kind, 'verified', i.verified) order by i.updated_at), '[]') from ivas i where i.person = r.person))
      else '{}' end
    || jsonb_build_object('why_not', jsonb_build_object('allow', to_jsonb(exeat.allow_why_not(p_reader, r, r.iva)), 'deny', to_jsonb(exeat.deny_why_not(p_reader, r)),
        'edit', to_jsonb(exeat.edit_why_not(p_reader, r, '{"note_to_requester": ""}')), 'claim', to_jsonb(exeat.request_claim_why_not(p_reader, r)),
        'comment', to_jsonb(exeat.not_steward(p_reader, 'comment on access requests'))))
  from people p, datasets d where p.id = r.person and d.id = r.dataset
$$;

create or replace function exeat.grant_item(p_reader int, g exeat.grants) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('id', g.id::text, 'row_version', g.row_version, 'user_id', p.ext_id, 'login', p.login, 'user_name', p.full_name,
      'user_email', p.mail, 'user_title', p.title, 'user_removed', p.removed_at is not null, 'iva_id', g.iva, 'dataset_id', d.accession, 'dataset_title', d.title,
      'dataset_removed', d.removed_at is not null, 'dac_alias', d.dac_alias, 'dac_email', d.dac_email, 'created', g.created_at, 'valid_from', g.valid_from,
      'valid_until', g.valid_until, 'state', exeat.grant_state(g, clock_timestamp()), 'request', g.request::text,
      'request_status', (select r.status from access_requests r where r.id = g.request), 'revoked_at', g.revoked_at)
    || case when exeat.reads_all_access(p_reader) then
      jsonb_build_object('created_by', exeat.login_of(g.created_by), 'revoked_by', exeat.login_of(g.revoked_by), 'revoke_class', g.revoke_class, 'revoke_reason', g.revoke_reason)
      else '{}' end
    || jsonb_build_object('why_not', jsonb_build_object('amend', to_jsonb(exeat.amend_why_not(p_reader, g)), 'revoke', to_jsonb(exeat.revoke_why_not(p_reader, g))))
  from people p, datasets d where p.id = g.person and d.id = g.dataset
$$;

create or replace function exeat.texts_of(p_filter jsonb, p_key text) returns text[]
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select array(select jsonb_array_elements_text(p_filter->p_key)) where jsonb_typeof(p_filter->p_key) = 'array' and p_filter->p_key <> '[]' $$;

-- Requests a filter means, for a reader. Absent parts of the filter are null and so ask nothing.
create or replace function exeat.matching_requests(p_reader int, q jsonb) returns setof exeat.access_requests
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.* from access_requests r join people p on p.id = r.person join datasets d on d.id = r.dataset
  where (r.person = p_reader or (select exeat.reads_all_access(p_reader)))
    and coalesce(r.status = any (exeat.texts_of(q, 'state')), true)
    and coalesce(d.accession = any (exeat.texts_of(q, 'dataset')), true)
    and coalesce(p.login = any (exeat.texts_of(q, 'by')), true)
    and coalesce(r.dac_alias = any (exeat.texts_of(q, 'dac')), true)
    and coalesce(r.ticket_id = any (exeat.texts_of(q, 'ticket')), true)
    and coalesce(r.id::text = any (exeat.texts_of(q, 'id')), true)
    and coalesce(r.created_at >= (q->>'after')::timestamptz, true)
    and coalesce(r.created_at <= (q->>'before')::timestamptz, true)
    and coalesce(r.access_starts <= (q->>'period_until')::timestamptz, true)
    and coalesce(r.access_ends >= (q->>'period_from')::timestamptz, true)
    and (q->'overdue' is distinct from 'true' or (r.status = 'pending' and exeat.days_after(r.created_at, exeat.setting_days('access.turnaround_days')) < clock_timestamp()))
    and (q->'mine' is distinct from 'true' or (r.status = 'pending' and ((select exeat.is_steward(p_reader)) or r.person = p_reader) and not ((select exeat.is_steward(p_reader)) and r.person = p_reader)))
    and not exists (select from unnest(exeat.texts_of(q, 'words')) w where lower(concat_ws(' ', r.request_text, r.dataset_title, d.accession, p.full_name, p.login, r.ticket_id)) not like exeat.containing(w))
$$;

create or replace function exeat.matching_grants(p_reader int, q jsonb) returns setof exeat.grants
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select g.* from grants g join people p on p.id = g.person join datasets d on d.id = g.dataset
  where (g.person = p_reader or (select exeat.reads_all_access(p_reader)))
    and coalesce(exeat.grant_state(g, clock_timestamp()) = any (exeat.texts_of(q, 'state')), true)
    and coalesce(d.accession = any (exeat.texts_of(q, 'dataset')), true)
    and coalesce(p.login = any (exeat.texts_of(q, 'by')), true)
    and coalesce(g.id::text = any (exeat.texts_of(q, 'id')), true)
    and coalesce(g.valid_from <= (q->>'period_until')::timestamptz, true)
    and coalesce(g.valid_until >= (q->>'period_from')::timestamptz, true)
    and coalesce(exeat.grant_state(g, clock_timestamp()) = 'active' and g.valid_until <= exeat.days_after(clock_timestamp(), (q->>'expiring_days')::int), true)
    and not exists (select from unnest(exeat.texts_of(q, 'words')) w where lower(concat_ws(' ', d.title, d.accession, p.full_name, p.login)) not like exeat.containing(w))
$$;

create or replace function exeat.sortable(p_at timestamptz) returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') $$;

-- Sorts: created (newest first by default), waits (pending first, oldest on top), starts, ends, dataset, login.
create or replace function exeat.list_requests(filter jsonb default '{}', sort text default 'created', descending bool default true,
  after jsonb default null, page int default 100) returns setof exeat.access_row
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  with me as (select (exeat.me()).person as id),
  found as (
    select r, r.id, case sort when 'starts' then exeat.sortable(r.access_starts) when 'ends' then exeat.sortable(r.access_ends)
        when 'dataset' then (select accession from datasets where id = r.dataset) when 'login' then exeat.login_of(r.person)
        when 'waits' then case when r.status = 'pending' then '0' else '1' end || exeat.sortable(r.created_at)
        else exeat.sortable(r.created_at) end collate "C" as k
    from me, lateral exeat.matching_requests(me.id, coalesce(filter, '{}')) r),
  paged as (
    select * from found
    where after is null or case when descending and sort <> 'waits' then (k, id) < (after->>'v' collate "C", (after->>'id')::bigint) else (k, id) > (after->>'v' collate "C", (after->>'id')::bigint) end
    order by case when descending and sort <> 'waits' then k end desc, case when descending and sort <> 'waits' then id end desc, k, id
    limit least(greatest(coalesce(page, 100), 1), 1000))
  select row(paged.id, exeat.request_item(me.id, paged.r, false), jsonb_build_object('id', paged.id, 'v', paged.k))::exeat.access_row from paged, me
  order by case when descending and sort <> 'waits' then k end desc, case when descending and sort <> 'waits' then paged.id end desc, k, paged.id
$$;

create or replace function exeat.list_grants(filter jsonb default '{}', sort text default 'created', descending bool default true,
  after jsonb default null, page int default 100) returns setof exeat.access_row
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  with me as (select (exeat.me()).person as id),
  found as (
    select g, g.id, case sort when 'starts' then exeat.sortable(g.valid_from) when 'ends' then exeat.sortable(g.valid_until)
        when 'dataset' then (select accession from datasets where id = g.dataset) when 'login' then exeat.login_of(g.person)
        else exeat.sortable(g.created_at) end collate "C" as k
    from me, lateral exeat.matching_grants(me.id, coalesce(filter, '{}')) g),
  paged as (
    select * from found
    where after is null or case when descending then (k, id) < (after->>'v' collate "C", (after->>'id')::bigint) else (k, id) > (after->>'v' collate "C", (after->>'id')::bigint) end
    order by case when descending then k end desc, case when descending then id end desc, k, id
    limit least(greatest(coalesce(page, 100), 1), 1000))
  select row(paged.id, exeat.grant_item(me.id, paged.g), jsonb_build_object('id', paged.id, 'v', paged.k))::exeat.access_row from paged, me
  order by case when descending then k end desc, case when descending then paged.id end desc, k, paged.id
$$;

create or replace function exeat.count_requests(filter jsonb default '{}') returns table (total bigint, more bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select least(count(*), 10000), count(*) > 10000
  from (select from exeat.matching_requests((exeat.me()).person, coalesce(filter, '{}')) limit 10001) x
$$;

create or replace function exeat.count_grants(filter jsonb default '{}') returns table (total bigint, more bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select least(count(*), 10000), count(*) > 10000
  from (select from exeat.matching_grants((exeat.me()).person, coalesce(filter, '{}')) limit 10001) x
$$;

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
  select j.at, case when s.all_of_it or j.person = (s.me).login then j.person end, j.command, j.ok, j.code, j.sentence,
    case when s.all_of_it then j.request::jsonb else '{}' end
  from (select m as me, exeat.reads_all_access(m.person) and m.person is distinct from o.owner as all_of_it, o.owner
    from (select (exeat.me()).*) m, (select coalesce(
      (select r.person from access_requests r where access_history.subject = 'request:' || r.id),
      (select g.person from grants g where access_history.subject = 'grant:' || g.id)) as owner) o) s
  join journal j on j.subject = access_history.subject
  where s.all_of_it or ((s.me).person = s.owner and j.ok and j.command not in ('comment_request', 'claim_request', 'edit_request'))
  order by j.id
$$;

create or replace function exeat.request_comments_of(request bigint) returns table (author text, author_name text, body text, at timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select p.login, p.full_name, c.body, c.at from request_comments c join people p on p.id = c.author
  where c.request = request_comments_of.request and exeat.reads_all_access((exeat.me()).person)
    and not exists (select from access_requests r where r.id = c.request and r.person = (exeat.me()).person)
  order by c.id
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
