-- A site's own lists of people and datasets, taken over again and again: add, change, remove, with a dry run first.
set role exeat_owner;

-- What a list did, or would do: the sentence counts, the data names.
create or replace function exeat.sync_done(p_dry bool, p_added text[], p_changed text[], p_removed text[], p_restored text[], p_unchanged text[],
  p_subject text) returns exeat.outcome
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.done(format('%s%s added, %s changed, %s removed, %s restored, %s unchanged.', case when p_dry then 'Nothing is written yet: ' else '' end,
      cardinality(p_added), cardinality(p_changed), cardinality(p_removed), cardinality(p_restored), cardinality(p_unchanged)), null,
    jsonb_build_object('dry_run', p_dry, 'added', p_added, 'changed', p_changed, 'removed', p_removed, 'restored', p_restored, 'unchanged', p_unchanged),
      p_subject)
$$;

-- What a row of the people's list would do: added, changed, removed, restored or unchanged.
create or replace function exeat.do_sync_people(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal;
  dry bool := coalesce((q->>'dry_run')::bool, false);
  row jsonb;
  p people;
  active bool;
  what text;
  -- Whoever or whatever a complete list lacks is removed; any other list speaks of those in it only.
  complete bool := coalesce((q->>'complete')::bool, false);
  added text[] := '{}'; altered text[] := '{}'; removed text[] := '{}'; restored text[] := '{}'; same text[] := '{}';
begin
  if not_admin(me.person) then return only_admins(); end if;
  why := entries_why_not(q->'rows', '{login:text,full_name:text,mail:text,title:text,active:bool}');
  if why is not null then return refuse(why); end if;
  -- All of it is checked before anything is written.
  for row in select * from jsonb_array_elements(q->'rows') loop
    if coalesce(row->>'login', '') !~ '^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}$' then
      return refuse('invalid', format('A login of the list is not one: %s.', coalesce(quoted(row->>'login'), '(none)')));
    elsif length(coalesce(row->>'full_name', '')) not between 1 and 200 or length(row->>'title') > 50 then
      return refuse('invalid', format('%s: a full name has 1 to 200 characters, a title at most 50.', row->>'login'));
    elsif row->>'mail' is not null and mail_why_not(row->>'mail') is not null then
      return refuse('invalid', format('%s: the mail address is not one.', row->>'login'));
    elsif row->>'login' = me.login and not coalesce((row->>'active')::bool, true) then
      return refuse('invalid', 'The list removes you yourself. Another administrator has to do that.');
    end if;
  end loop;
  if (select count(distinct e->>'login') from jsonb_array_elements(q->'rows') e) <> jsonb_array_length(q->'rows') then
    return refuse('invalid', 'A login stands in the list twice.');
  elsif complete and not q->'rows' @> jsonb_build_array(jsonb_build_object('login', me.login)) then
    return refuse('invalid', 'The list is said to be complete and lacks you yourself. Another administrator has to remove you.');
  end if;
  for row in select * from jsonb_array_elements(q->'rows') loop
    active := coalesce((row->>'active')::bool, true);
    select * into p from people where login = row->>'login';
    what := case when p.id is null and active then 'added' when p.id is null then 'unchanged'
      when p.removed_at is null and not active then 'removed' when p.removed_at is not null and active then 'restored'
      when (p.full_name, p.mail, p.title) is distinct from (row->>'full_name', coalesce(row->>'mail', p.mail), nullif(coalesce(row->>'title', p.title), ''))
        then 'changed'
      else 'unchanged' end;
    case what when 'added' then added := added || (row->>'login'); when 'changed' then altered := altered || (row->>'login');
      when 'removed' then removed := removed || (row->>'login'); when 'restored' then restored := restored || (row->>'login');
      else same := same || (row->>'login'); end case;
    continue when dry or what = 'unchanged';
    insert into people (login, full_name, mail, title) values (row->>'login', row->>'full_name', row->>'mail', nullif(row->>'title', ''))
    on conflict (login) do update set full_name = excluded.full_name, mail = coalesce(excluded.mail, people.mail),
      title = nullif(coalesce(row->>'title', people.title), ''), removed_at = case when active then null
        else coalesce(people.removed_at, clock_timestamp()) end;
  end loop;
  for p in select * from people x where complete and x.removed_at is null
      and not exists (select from jsonb_array_elements(q->'rows') e where e->>'login' = x.login) order by x.login loop
    removed := removed || p.login;
    if not dry then update people set removed_at = clock_timestamp() where id = p.id; end if;
  end loop;
  if not dry then perform changed(null, null, 'people', null, 'synced'); end if;
  return sync_done(dry, added, altered, removed, restored, same, 'people');
end $$;

create or replace function exeat.do_sync_datasets(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal;
  dry bool := coalesce((q->>'dry_run')::bool, false);
  row jsonb;
  d datasets;
  active bool;
  what text;
  -- Whoever or whatever a complete list lacks is removed; any other list speaks of those in it only.
  complete bool := coalesce((q->>'complete')::bool, false);
  added text[] := '{}'; altered text[] := '{}'; removed text[] := '{}'; restored text[] := '{}'; same text[] := '{}';
begin
  if not_admin(me.person) then return only_admins(); end if;
  why := entries_why_not(q->'rows', '{accession:text,title:text,description:text,dac_alias:text,dac_email:text,active:bool}');
  if why is not null then return refuse(why); end if;
  for row in select * from jsonb_array_elements(q->'rows') loop
    if coalesce(row->>'accession', '') !~ '^[A-Z]{1,6}[0-9]{3,18}$' then
      return refuse('invalid', format('An accession of the list is not one: %s.', coalesce(quoted(row->>'accession'), '(none)')));
    elsif length(coalesce(row->>'title', '')) not between 1 and 1000 then
      return refuse('invalid', format('%s: a title has 1 to 1,000 characters.', row->>'accession'));
    elsif length(row->>'description') > 10000 or length(row->>'dac_alias') > 200 then
      -- Every request for it shows them, in lists too.
      return refuse('invalid', format('%s: a description has at most 10,000 characters, a DAC''s alias 200.', row->>'accession'));
    elsif coalesce(row->>'dac_email', '') <> '' and mail_why_not(row->>'dac_email') is not null then
      return refuse('invalid', format('%s: the DAC''s mail address is not one.', row->>'accession'));
    end if;
  end loop;
  if (select count(distinct e->>'accession') from jsonb_array_elements(q->'rows') e) <> jsonb_array_length(q->'rows') then
    return refuse('invalid', 'An accession stands in the list twice.');
  elsif complete and q->'rows' = '[]' then
    return refuse('invalid', 'The list is said to be complete and is empty. Name at least one dataset.');
  end if;
  for row in select * from jsonb_array_elements(q->'rows') loop
    active := coalesce((row->>'active')::bool, true);
    select * into d from datasets where accession = row->>'accession' for no key update;
    what := case when d.id is null and active then 'added' when d.id is null then 'unchanged'
      when d.removed_at is null and not active then 'removed' when d.removed_at is not null and active then 'restored'
      when (d.title, d.description, d.dac_alias, d.dac_email) is distinct from
        (row->>'title', coalesce(row->>'description', d.description), coalesce(row->>'dac_alias', d.dac_alias), coalesce(row->>'dac_email', d.dac_email))
          then 'changed'
      else 'unchanged' end;
    case what when 'added' then added := added || (row->>'accession'); when 'changed' then altered := altered || (row->>'accession');
      when 'removed' then removed := removed || (row->>'accession'); when 'restored' then restored := restored || (row->>'accession');
      else same := same || (row->>'accession'); end case;
    continue when dry or what = 'unchanged';
    insert into datasets (accession, title, description, dac_alias, dac_email)
    values (row->>'accession', row->>'title', coalesce(row->>'description', ''), coalesce(row->>'dac_alias', ''), coalesce(row->>'dac_email', ''))
    on conflict (accession) do update set title = excluded.title, description = coalesce(row->>'description', datasets.description),
      dac_alias = coalesce(row->>'dac_alias', datasets.dac_alias), dac_email = coalesce(row->>'dac_email', datasets.dac_email),
      updated_at = clock_timestamp(), removed_at = case when active then null else coalesce(datasets.removed_at, clock_timestamp()) end
    returning * into d;
    perform follow_dataset(d, me.person);
  end loop;
  for d in select * from datasets x where complete and x.removed_at is null
      and not exists (select from jsonb_array_elements(q->'rows') e where e->>'accession' = x.accession) order by x.accession for no key update loop
    removed := removed || d.accession;
    continue when dry;
    update datasets set removed_at = clock_timestamp(), updated_at = clock_timestamp() where id = d.id;
    perform follow_dataset(d, me.person);
  end loop;
  return sync_done(dry, added, altered, removed, restored, same, 'datasets');
end $$;

-- Pending requests follow their dataset; decided ones keep the words they were decided on.
create or replace function exeat.follow_dataset(p_dataset exeat.datasets, p_person int) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  moved bigint;
begin
  for moved in update access_requests set dataset_title = p_dataset.title, dataset_description = p_dataset.description, dac_alias = p_dataset.dac_alias,
      dac_email = p_dataset.dac_email where dataset = p_dataset.id and status = 'pending' returning id loop
    perform touch_request(moved, p_person, 'dataset changed');
  end loop;
  -- Live grants show the dataset as it is now; over ones are read again when somebody looks.
  perform changed_for_stewards('grant', g.id, 'dataset changed', g.person)
  from grants g where g.dataset = p_dataset.id and g.revoked_at is null and g.valid_until >= clock_timestamp();
end $$;

create or replace function exeat.do_set_iva(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p people;
  made uuid := coalesce((q->>'iva')::uuid, gen_random_uuid());
begin
  if not_admin(me.person) then return only_admins(); end if;
  select * into p from people where login = q->>'login' and removed_at is null;
  if p.id is null then return no_such('active person', q->>'login'); end if;
  if q->>'kind' not in ('phone', 'fax', 'postal_address', 'in_person') then
    return refuse('invalid', 'The kind of an IVA is phone, fax, postal_address or in_person.', 'person:' || p.login);
  end if;
  insert into ivas (id, person, kind, verified) values (made, p.id, q->>'kind', coalesce((q->>'verified')::bool, false))
  on conflict (id) do update set kind = excluded.kind, verified = excluded.verified, updated_at = clock_timestamp() where ivas.person = p.id;
  if not found then return no_such('IVA of that person', q->>'iva'); end if;
  return done(format('IVA %s of %s is %s.', made, p.login, case when (q->>'verified')::bool then 'verified' else 'not verified' end), null,
    jsonb_build_object('iva', made), 'person:' || p.login);
end $$;
reset role;
