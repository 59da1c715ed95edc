-- The commands people have: the list of them, the one way in, and the functions psql calls, which are made from the list.
set role exeat_owner;

-- One command a line: its name; who sends it (`person`: only with a login of their own, no service does it for them; `both`); how much
-- room it has (most_bytes); and its fields with their types, `end` being a time
-- whose day is meant whole. `!`: it is needed. `/`: another name for psql, in the order of its arguments.
create or replace function exeat.command_list() returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select '
cast_vote both plain version:int! destination:text kind:text! sha256:text comment:text seen_row_version:int coverage:json signed:text signature:text
undo_vote both plain version:int! destination:text
withdraw both plain version:int! destination:text reason:text
withdraw_submission both plain submission:int!
recall both plain version:int! destination:text reason:text!
restore both plain version:int! destination:text reason:text!
ask_destination both plain version:int! destination:text!
claim both plain version:int!
unclaim both plain version:int!
add_comment both plain version:int! body:text! internal:bool
register_submission both list project:text! destination:text! purpose:text! files:list!
ask_upload both plain registration:int!
ask_ticket both plain version:int! use:text!
end_download both plain ticket:uuid! bytes:int sha256:text completed:bool
ask_refresh both plain project:text
new_request both text dataset:text! text:text! starts:time ends:end email:text iva:uuid
edit_request both text request:int! changes:object! seen_row_version:int
patch_request both text request:int! changes:object! status:text seen_row_version:int
allow_request both text request:int! starts:time ends:end iva:uuid note:text seen_row_version:int
deny_request both text request:int! reason:text! seen_row_version:int
claim_request both plain request:int!
unclaim_request both plain request:int!
comment_request both text request:int! body:text!
add_grant both plain login:text! dataset:text! from/starts:time until/ends:end! iva:uuid
register_grant both plain login:text! dataset:text! from/starts:time! until/ends:end! iva:uuid
amend_grant both plain grant/grant_id:int! until/ends:end! reason:text! seen_row_version:int
revoke_grant both plain grant/grant_id:int! class:text! reason:text! seen_row_version:int
add_person person plain login:text! full_name:text! mail:text
add_login person plain role:text! login:text!
add_membership person plain login:text! project:text role:text! valid_from:time valid_until:end
end_membership person plain login:text! project:text role:text!
add_service person plain name:text! role:text!
end_service person plain name:text!
add_credential person plain name:text! service:text! login:text acts_for:list! rights:list! secret:text!
rotate_credential person plain name:text! secret:text!
end_credential person plain name:text!
add_key person plain public_key:text!
confirm_key person plain key:int! fingerprint:text!
end_key person plain key:int!
add_project person plain id:text! title:text! purpose:text location:text! shared_location:text!
move_project person plain project:text! location:text shared_location:text reason:text!
close_project person plain project:text! reason:text!
confirm_project person plain change:int!
drop_project_change person plain change:int!
pause_project both plain project:text! reason:text!
resume_project person plain project:text! reason:text!
set_policy person plain project:text! destination:text! values:object!
confirm_policy person plain policy:int!
renew_proof person plain why:text! public_key:text reason:text!
confirm_renewal person plain renewal:int!
set_setting person plain name:text! value:json!
sync_people person list rows:list! dry_run:bool complete:bool
sync_datasets person list rows:list! dry_run:bool complete:bool
issue_permit both list project:text! title:text purpose:text request:int datasets:list grants:list team:list from/starts:time until/ends:end reference:text
move_permit both plain permit:int! move:text! reason:text seen_row_version:int
take_back_permit both plain permit:int! seen_row_version:int
add_to_team both plain permit:int! login:text! role:text!
end_in_team both plain permit:int! login:text! role:text!
submit_output both plain permit:int! folder:text! description:text! output:int
switch_workspace both plain permit:int! running:bool!
report_workspace both plain permit:int! kind:text! generation:int! state:text! detail:text
set_iva person plain login:text! kind:text! verified:bool iva:uuid
' $$;

-- Fields as they are written in a line, by name.
create or replace function exeat.field_types(p_fields text[]) returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select jsonb_object_agg(split_part(split_part(f, ':', 1), '/', 1), split_part(f, ':', 2)) from unnest(p_fields) f $$;

-- The list by name. Without arguments and immutable: a session works it out once.
create or replace function exeat.command_specs() returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_object_agg(c.w[1], jsonb_build_object('for', c.w[2], 'room', c.w[3], 'fields', exeat.field_types(c.w[4:])))
  from (select string_to_array(line, ' ') as w from string_to_table(btrim(exeat.command_list(), E'\n'), E'\n') line) c
$$;

-- Whether a value is of a type, so that it can be cast: asked before anything is. An id may be a number or a text of digits.
create or replace function exeat.is_of_type(p_type text, p_value jsonb) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  kind text := jsonb_typeof(p_value);
  word text;
begin
  if p_type = 'json' then return true;
  elsif p_type = 'text' then return kind = 'string';
  elsif p_type = 'bool' then return kind = 'boolean';
  elsif p_type = 'list' then return kind = 'array';
  elsif p_type = 'object' then return kind = 'object';
  elsif kind not in ('string', 'number') then return false;
  end if;
  word := p_value#>>'{}';
  case p_type
    when 'int' then
      return case when word ~ '^-?[0-9]{1,19}$' then word::numeric between -9223372036854775808 and 9223372036854775807 else false end;
    when 'uuid' then return word ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    -- A time says its day in digits: `now` would be another one at a retry.
    when 'time', 'end' then return word ~ '^([0-9]{4,6}-[0-9]{2}-[0-9]{2}|-?infinity$)' and length(word) <= 64 and as_time(word) is not null;
    else return null;
  end case;
end $$;

-- A type in a sentence.
create or replace function exeat.type_words(p_type text) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select case p_type when 'text' then 'a text' when 'bool' then 'true or false' when 'list' then 'a list' when 'object' then 'a JSON object'
    when 'int' then 'a whole number' when 'uuid' then 'a UUID'
    else case when p_type in ('time', 'end') then 'a time as in 2026-11-21T09:00:00Z' end end
$$;

-- A request as its command takes it, without nulls and with ids as numbers: it is journalled so and compared so with a retry. Or why it is none.
create or replace function exeat.taken(p_command text, p_request jsonb, out q jsonb, out why exeat.refusal)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  fields jsonb := command_specs()->p_command->'fields';
  field text;
  kind text;
  given jsonb;
begin
  q := '{}';
  if jsonb_typeof(p_request) <> 'object' then
    why := because('invalid', format('%s takes a JSON object with its fields.', p_command));
    return;
  end if;
  for field, given in select e.key, e.value from jsonb_each(p_request) e where e.value <> 'null' loop
    kind := rtrim(fields->>field, '!');
    if kind is null then
      why := because('invalid', format('%s has no field %s; it has %s.', p_command, quoted(field), field_names(fields)));
      return;
    elsif not is_of_type(kind, given) then
      why := because('invalid', format('%s takes %s as %s, and this is none.', p_command, type_words(kind), field));
      return;
    end if;
    if kind = 'int' and jsonb_typeof(given) = 'string' then given := to_jsonb((given#>>'{}')::bigint); end if;
    if kind in ('time', 'end') and given#>>'{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then given := to_jsonb(named_time(given#>>'{}', kind = 'end')); end if;
    q := q || jsonb_build_object(field, given);
  end loop;
  select f.key into field from jsonb_each_text(fields) f where right(f.value, 1) = '!' and not q ? f.key limit 1;
  if found then
    why := case field when 'reason' then because('reason_required', format('Say why: %s needs a reason.', p_command))
      else because('invalid', format('%s needs its field %s.', p_command, field)) end;
  end if;
end $$;

create or replace function exeat.field_names(p_fields jsonb) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select string_agg(k, ', ') from jsonb_object_keys(p_fields) k $$;

-- Why a list's entries are not objects with these fields, each of which may be absent; null where they are.
create or replace function exeat.entries_why_not(p_list jsonb, p_fields text[]) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  fields jsonb := field_types(p_fields);
  bad record;
begin
  select e.n, f.key, fields->>f.key as kind into bad
  from jsonb_array_elements(p_list) with ordinality e (entry, n)
  left join lateral jsonb_each(case jsonb_typeof(e.entry) when 'object' then e.entry end) f on true
  where jsonb_typeof(e.entry) <> 'object' or f.key is not null and f.value <> 'null' and not coalesce(
    case fields->>f.key when 'text' then jsonb_typeof(f.value) = 'string' else is_of_type(fields->>f.key, f.value) end, false) limit 1;
  if not found then return null; end if;
  return because('invalid', case
    when bad.key is null then format('Entry %s of the list is no JSON object.', bad.n)
    when bad.kind is null then format('Entry %s of the list has a field %s; it may have %s.', bad.n, quoted(bad.key), field_names(fields))
    else format('Entry %s of the list takes %s as %s, and this is none.', bad.n, type_words(bad.kind), bad.key) end);
end $$;

-- The way in for a person with a login of their own.
create or replace function exeat.command(id uuid, name text, request jsonb) returns exeat.answer
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.run(exeat.me(), id, name, request) $$;

-- The same as a function a command, for psql. Their bodies are known to db::schema, which makes them by the same rule.
do $$
declare
  c record;
begin
  for c in
    with field as (
      select w.w[1] as name, f.n, split_part(f.f, ':', 1) as names, right(f.f, 1) = '!' as needed, rtrim(split_part(f.f, ':', 2), '!') as kind
      from (select string_to_array(line, ' ') as w from string_to_table(btrim(exeat.command_list(), E'\n'), E'\n') line) w,
        unnest(w.w[4:]) with ordinality f (f, n)),
    argument as (
      select name, n, split_part(names, '/', 1) as field, split_part(names, '/', case when names like '%/%' then 2 else 1 end) as argument,
        case kind when 'int' then 'bigint' when 'time' then 'timestamptz' when 'end' then 'timestamptz'
          when 'text' then kind when 'bool' then kind when 'uuid' then kind
          else 'jsonb' end as type,
        -- Whatever stands behind one that may be absent may be left out too, and is then missed by name.
        case when bool_or(not needed) over (partition by name order by n) then ' default null' else '' end as otherwise
      from field)
    select name, string_agg(format('%I %s%s', argument, type, otherwise), ', ' order by n) as arguments, array_agg(type::regtype::oid order by n) as types,
      string_agg(format('%L, $%s', field, n + 1), ', ' order by n) as fields,
      case when bool_or(type = 'timestamptz') then 'set timezone = UTC' else '' end as zone
    from argument group by name
  loop
    -- Forms they had before.
    execute (select coalesce(string_agg(format('drop function %s;', p.oid::regprocedure), ' '), '') from pg_proc p
      where p.pronamespace = 'exeat'::regnamespace and p.proname = c.name and p.proargtypes::oid[] <> 'uuid'::regtype::oid || c.types);
    execute format('create or replace function %I.%I(command_id uuid, %s) returns exeat.answer language sql volatile security definer
      set search_path = exeat, pg_catalog, pg_temp %s as %L', 'exeat', c.name, c.arguments, c.zone,
      format('select exeat.command($1, %L, jsonb_build_object(%s))', c.name, c.fields));
  end loop;
end $$;
reset role;
