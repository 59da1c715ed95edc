-- The site's numbers for access, with their defaults (GHGA access request service 8.0.1), and time in the site's zone.
set role exeat_owner;

-- Defaults: lead_days, shortest_days, longest_days and extension_factor are GHGA's; turnaround_days is the five working
-- days reviewers are held to; text_limit leaves room for the 1 MB texts sites have seen; steward_mail is where the stewards
-- as a group are written to, nowhere while it is empty. permits.retention_days is the least for which logs are kept (EHDS, Article 73).
create or replace function exeat.setting_defaults() returns jsonb
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('access.lead_days', 180, 'access.shortest_days', 7, 'access.longest_days', 730, 'access.extension_factor', 5,
    'access.default_days', 365, 'access.turnaround_days', 5, 'access.text_limit', 1100000, 'access.iva_required', false, 'access.steward_mail', '',
      'permits.turnaround_days', 5, 'permits.retention_days', 365, 'site.alarm_mail', '', 'site.zone', 'UTC')
$$;

-- What lists ask for each row is plpgsql here and in the next files: it keeps its plan, and SQL with a search_path does not.
create or replace function exeat.setting(p_name text) returns jsonb
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return coalesce((select value from settings where name = p_name), exeat.setting_defaults()->p_name); end $$;

create or replace function exeat.setting_days(p_name text) returns int
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return (exeat.setting(p_name)#>>'{}')::numeric::int; end $$;

-- What the clock on the wall of the site says at a moment.
create or replace function exeat.wall(p_at timestamptz) returns timestamp
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return p_at at time zone (exeat.setting('site.zone')#>>'{}'); end $$;

-- So many calendar days later in the site's zone: the clock on the wall stays, whatever daylight saving does between.
create or replace function exeat.days_after(p_at timestamptz, p_days int) returns timestamptz
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return (exeat.wall(p_at) + make_interval(days => p_days)) at time zone (exeat.setting('site.zone')#>>'{}'); end $$;

-- A day of the site's zone as the moment it begins, and as the last one it has: what names a day as an end means all of it.
create or replace function exeat.day_begins(p_day date) returns timestamptz
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return p_day::timestamp at time zone (exeat.setting('site.zone')#>>'{}'); end $$;

create or replace function exeat.day_ends(p_day date) returns timestamptz
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return exeat.day_begins(p_day + 1) - interval '1 microsecond'; end $$;

-- The day that a moment is the end of; null where it is any other moment.
create or replace function exeat.last_day(p_at timestamptz) returns date
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  -- Beyond these years there are days that no calendar of PostgreSQL has whole.
  return case when p_at between '0002-01-01' and '9999-12-31' then case when p_at = day_ends(wall(p_at)::date) then wall(p_at)::date end end;
end $$;

-- An end in a sentence: as the day where it is one's end.
create or replace function exeat.said_until(p_at timestamptz) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return coalesce(last_day(p_at)::text, said(p_at)); end $$;

create or replace function exeat.said_when_over(p_at timestamptz) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return coalesce('at the end of ' || last_day(p_at), 'at ' || said(p_at)); end $$;

create or replace function exeat.do_set_setting(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  wanted jsonb := setting_defaults()->(q->>'name');
  value jsonb := q->'value';
  subject text := 'setting:' || (q->>'name');
  -- A century of days, a hundredfold: beyond that it is a slip of the finger. A text has to fit into a command (exeat.run).
  most int := case when q->>'name' like '%days' then 36500 when q->>'name' = 'access.text_limit' then 2000000 else 100 end;
begin
  if not_admin(me.person) then return only_admins(); end if;
  if wanted is null then
    return refuse('invalid', format('There is no setting %s; there are %s.', coalesce(quoted(q->>'name'), '(none named)'),
      any_of(array(select jsonb_object_keys(setting_defaults()) order by 1))));
  elsif jsonb_typeof(value) is distinct from jsonb_typeof(wanted) then
    return refuse('invalid', format('%s takes a %s.', q->>'name', jsonb_typeof(wanted)), subject);
  elsif jsonb_typeof(value) = 'number' and ((value#>>'{}')::numeric not between 0 and most or (value#>>'{}')::numeric <> trunc((value#>>'{}')::numeric)) then
    return refuse('invalid', format('%s takes a whole number from 0 to %s.', q->>'name', most), subject);
  elsif q->>'name' = 'site.zone' and not exists (select from pg_timezone_names where name = value#>>'{}') then
    return refuse('invalid', format('There is no time zone %s; name one such as Europe/Berlin.', quoted(value#>>'{}')), subject);
  elsif q->>'name' like '%mail' and value <> '""' and mail_why_not(value#>>'{}') is not null then
    return refuse('invalid', format('%s takes one mail address, or nothing.', q->>'name'), subject);
  end if;
  -- 180.0 is a whole number; it is kept as 180.
  if jsonb_typeof(value) = 'number' then value := to_jsonb(trunc((value#>>'{}')::numeric)); end if;
  insert into settings (name, value, changed_by) values (q->>'name', value, me.person)
  on conflict (name) do update set value = excluded.value, changed_by = excluded.changed_by, changed_at = clock_timestamp();
  return done(format('%s is %s.', q->>'name', value#>>'{}'), null, jsonb_build_object('name', q->>'name', 'value', value), subject);
end $$;

create or replace function exeat.list_settings() returns table (name text, value jsonb, is_default bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select d.key, coalesce(s.value, d.value), s.name is null
  from jsonb_each(exeat.setting_defaults()) d left join settings s on s.name = d.key
  where (exeat.me()).person is not null order by d.key
$$;
reset role;
