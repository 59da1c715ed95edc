-- Credentials: the programs behind a service that serves many of them (exeat serve), each with a secret, with rights by method, and with the
-- people it may act for. The server compares secrets and rights; whether a credential lives and for whom it acts is asked here, with every
-- call and in its own transaction, so that an ended one does nothing more whatever a server remembers.
set role exeat_owner;

-- Whether a credential of that service lives and may act for the person.
create or replace function exeat.credential_acts_for(p_service text, p_credential text, p_person int, p_login text) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from credentials c where c.name = p_credential and c.service = p_service and c.ended_at is null
    and (c.person = p_person or p_login = any (c.acts_for) or '*' = any (c.acts_for)));
end $$;

-- What a service compares a credential with: its own live ones only.
create or replace function exeat.credential(name text) returns table (secret text, rights text[], acts_for text[], login text)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return query select c.secret, c.rights, c.acts_for, p.login from credentials c join services s on s.name = c.service and s.ended_at is null
    left join people p on p.id = c.person and p.removed_at is null
    where c.name = credential.name and c.ended_at is null and s.role = session_user::text;
end $$;

-- Why this is no secret, no list of rights or of people; null where it is.
create or replace function exeat.credential_why_not(q jsonb) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  missing text;
begin
  if q ? 'secret' and q->>'secret' !~ '^[$]argon2id[$]v=19[$]m=[0-9]{4,7},t=[0-9]{1,2},p=[0-9]{1,2}[$][A-Za-z0-9+/]{22,64}[$][A-Za-z0-9+/]{43,86}$' then
    return because('invalid', 'The secret is not hashed with argon2id: exeat credentials makes one and hashes it.');
  elsif exists (select from jsonb_array_elements(q->'rights') r where jsonb_typeof(r) <> 'string' or r#>>'{}' !~ '^[a-z]{1,30}:[a-z]{1,30}$')
      or jsonb_array_length(q->'rights') not between 1 and 50 then
    return because('invalid', 'Rights are words such as claims:read, at least one.');
  elsif exists (select from jsonb_array_elements(q->'acts_for') a where jsonb_typeof(a) <> 'string') or jsonb_array_length(q->'acts_for') > 1000 then
    return because('invalid', 'Whom it acts for are logins, a thousand at most, or * for everybody.');
  end if;
  select a into missing from jsonb_array_elements_text(q->'acts_for') a
  where a <> '*' and not exists (select from people p where p.login = a and p.removed_at is null) limit 1;
  return case when missing is not null then no_such_thing('active person', missing) end;
end $$;

create or replace function exeat.do_add_credential(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  subject text := 'credential:' || quoted(q->>'name');
  self people;
  why refusal;
begin
  if not_admin(me.person) then return only_admins(); end if;
  if q->>'name' !~ '^[a-z0-9][a-z0-9_-]{0,62}$' then
    return refuse('invalid', 'The name of a credential has small letters, digits, _ and - only, at most 63.');
  end if;
  perform from services where name = q->>'service' and ended_at is null;
  if not found then return no_such('active service', q->>'service'); end if;
  if q ? 'login' then
    select * into self from people where login = q->>'login' and removed_at is null;
    if self.id is null then return no_such('active person', q->>'login'); end if;
  end if;
  why := credential_why_not(q);
  if why is not null then return refuse(why, subject); end if;
  insert into credentials (name, service, person, acts_for, rights, secret, added_by)
  values (q->>'name', q->>'service', self.id, array(select jsonb_array_elements_text(q->'acts_for')),
    array(select jsonb_array_elements_text(q->'rights')), q->>'secret', me.person) on conflict do nothing;
  if not found then
    return refuse('invalid', format('There is a credential %s already; one that has ended does not begin again.', q->>'name'), subject);
  end if;
  return done(format('%s is a credential of %s from now on.', q->>'name', q->>'service'), null, null, subject);
end $$;

create or replace function exeat.do_rotate_credential(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal;
begin
  if not_admin(me.person) then return only_admins(); end if;
  why := credential_why_not(q);
  if why is not null then return refuse(why, 'credential:' || quoted(q->>'name')); end if;
  update credentials set secret = q->>'secret', changed_at = clock_timestamp() where name = q->>'name' and ended_at is null;
  if not found then return no_such('active credential', q->>'name'); end if;
  return done(format('%s has another secret; the one before is worth nothing any more.', q->>'name'), null, null, 'credential:' || (q->>'name'));
end $$;

create or replace function exeat.do_end_credential(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not_admin(me.person) then return only_admins(); end if;
  update credentials set ended_at = clock_timestamp() where name = q->>'name' and ended_at is null;
  if not found then return no_such('active credential', q->>'name'); end if;
  return done(format('%s opens nothing any more.', q->>'name'), null, null, 'credential:' || (q->>'name'));
end $$;

create or replace function exeat.list_credentials()
returns table (name text, service text, login text, acts_for text[], rights text[], since timestamptz, added_by text, changed_at timestamptz,
  ended_at timestamptz)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query select c.name, c.service, login_of(c.person), c.acts_for, c.rights, c.since, login_of(c.added_by), c.changed_at, c.ended_at
  from credentials c where sees_people() order by c.name;
end $$;
reset role;
