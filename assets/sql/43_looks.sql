-- What people opened, which the database knows, and what of it their screens drew, which their programs declare: no rule rests on that.
set role exeat_owner;

-- Called with every ticket for a file version: the first of a person is when they opened it.
create or replace function exeat.opened(p_person int, p_version bigint) returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ insert into looks (person, version) values (p_person, p_version) on conflict do nothing $$;

create or replace function exeat.has_opened(p_person int, p_version bigint) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return exists (select from looks l where l.version = p_version and l.person = p_person); end $$;

-- What a destination does with an approval of what was never opened: ask, allow or refuse.
create or replace function exeat.unseen_policy(p_project int, p_destination text) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return coalesce((select o.unseen from policies o where o.project = p_project and o.destination = p_destination and o.state = 'active'), 'ask');
end $$;

create or replace function exeat.unseen_rank(p_unseen text) returns int
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select array_position('{allow,ask,refuse}'::text[], p_unseen) $$;

create or replace function exeat.opened_why_not(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if unseen_policy(f.project, f.destination) = 'refuse' and not has_opened(f.person, f.version) then
    return because('not_opened', format('You never opened these bytes, and %s approves nothing for %s unopened. Look inside first.',
      f.project_name, f.destination));
  end if;
  return null;
end $$;

-- Whether this is what a program declares: {unit, rows, columns, whole, parts}, the parts at most 256 rectangles.
create or replace function exeat.is_seen(p_seen jsonb) returns bool
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return coalesce(jsonb_typeof(p_seen) = 'object' and octet_length(p_seen::text) <= 32768
    and p_seen - '{unit,rows,columns,whole,parts}'::text[] = '{}' and p_seen->>'unit' in ('cells', 'lines', 'facts')
    and p_seen->>'rows' ~ '^[0-9]{1,12}$' and p_seen->>'columns' ~ '^[0-9]{1,6}$' and jsonb_typeof(p_seen->'whole') = 'boolean'
    and jsonb_typeof(p_seen->'parts') = 'array' and jsonb_array_length(p_seen->'parts') <= 256
    and not exists (select from jsonb_array_elements(p_seen->'parts') part where coalesce(part::text !~ '^\[[0-9]{1,12}(, [0-9]{1,12}){3}\]$', true)), false);
end $$;

-- Units of rectangles within so many rows and columns, no more than there are.
create or replace function exeat.units_drawn(p_seen jsonb) returns bigint
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  there numeric := (p_seen->>'rows')::numeric * (p_seen->>'columns')::numeric;
begin
  return (select least(there, coalesce(sum(greatest(least((part->>1)::numeric, (p_seen->>'rows')::numeric) - (part->>0)::numeric, 0)
      * greatest(least((part->>3)::numeric, (p_seen->>'columns')::numeric) - (part->>2)::numeric, 0)), 0))
    from jsonb_array_elements(p_seen->'parts') part);
end $$;

-- Keeps what a person's screens drew of a version they opened, in the one row they have for it. True if it was kept.
create or replace function exeat.note_seen_of(p_person int, p_version bigint, p_seen jsonb) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
begin
  if not is_seen(p_seen) then perform misread('What was seen is {unit, rows, columns, whole, parts}, with at most 256 parts.'); end if;
  perform slow_down();
  update looks l set unit = p_seen->>'unit', rows = (p_seen->>'rows')::bigint, columns = (p_seen->>'columns')::bigint, whole = (p_seen->>'whole')::bool,
    parts = p_seen->'parts', drawn = units_drawn(p_seen)
  where l.person = p_person and l.version = p_version and exists (select from file_versions v where v.id = l.version
    and v.project = any (projects_of(p_person)));
  return found;
end $$;

create or replace function exeat.note_seen(version bigint, seen jsonb) returns bool
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.note_seen_of((exeat.me()).person, version, seen) $$;

create or replace function exeat.note_seen_for(person text, version bigint, seen jsonb) returns bool
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.note_seen_of(exeat.reader(person), version, seen) $$;

create or replace function exeat.share_json(l exeat.looks) returns json
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when l.unit is not null then json_build_object('unit', l.unit, 'drawn', l.drawn, 'total', l.rows * l.columns, 'whole', l.whole) end;
end $$;

-- Who opened a version and how much of it they drew, for its checkers; others hear of themselves alone. One's own parts go with it.
create or replace function exeat.looks_json(p_person int, p_project int, p_version bigint) returns json
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  every bool := has_role(p_person, p_project, 'checker');
begin
  return (select coalesce(json_agg(json_build_object('person', p.login, 'opened_at', l.opened_at, 'share', share_json(l), 'seen', case
      when l.person = p_person and l.unit is not null then json_build_object('unit', l.unit, 'rows', l.rows, 'columns', l.columns, 'whole', l.whole,
        'parts', l.parts) end) order by l.opened_at), '[]')
    from looks l join people p on p.id = l.person where l.version = p_version and (every or l.person = p_person));
end $$;
reset role;
