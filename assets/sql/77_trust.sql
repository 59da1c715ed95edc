-- Which key signs the journal's heads. A key hands over to another by an entry that the old one signs. Where it is lost, or where the
-- database is that of a backup, two administrators say so; heads kept outside count anew from there (src/domain/verify/trust.rs).
set role exeat_owner;

-- For the worker: the signature is judged by who verifies, not here.
create or replace function exeat.change_key(old text, new text, signature text) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  perform worker_journal('change_key', jsonb_build_object('old', old, 'new', new, 'signature', signature),
    done(format('The key %s hands over to %s.', old, new), null, null, 'journal'));
end $$;

create or replace function exeat.do_renew_proof(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal := words_why_not(q->>'reason', 'reason', 'Say why: who confirms it reads it.');
  made bigint;
begin
  if not_admin(me.person) then return only_admins(); end if;
  if q->>'why' not in ('lost_key', 'restored') then
    why := because('invalid', 'What is renewed is lost_key or restored.');
  elsif (q->>'why' = 'lost_key') <> (q->>'public_key' is not null) then
    why := because('invalid', 'Who says that the key is lost names the one that takes its place; a backup that was restored keeps its key.');
  elsif q->>'public_key' !~ '^[0-9a-f]{64}$' then
    why := because('invalid', 'A public key has 64 hex digits.');
  end if;
  if why is not null then return refuse(why, 'journal'); end if;
  insert into renewals (why, public_key, reason, proposed_by) values (q->>'why', q->>'public_key', q->>'reason', me.person) returning id into made;
  return done(format('Proposed as renewal %s. Another administrator has to confirm it.', made), null, jsonb_build_object('renewal', made), 'journal');
end $$;

create or replace function exeat.do_confirm_renewal(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r renewals;
begin
  if not_admin(me.person) then return only_admins(); end if;
  select * into r from renewals where id = (q->>'renewal')::bigint for no key update;
  if r.id is null then return no_such('renewal', q->>'renewal'); end if;
  if r.confirmed_at is not null then
    return refuse('not_pending', format('Renewal %s is confirmed already.', r.id), 'journal');
  elsif second_why_not(me, r.proposed_by) is not null then
    return refuse(second_why_not(me, r.proposed_by), 'journal');
  end if;
  update renewals set confirmed_by = me.person, confirmed_at = clock_timestamp() where id = r.id;
  return done(format('%s and you say %s. Name %s as renewals in [journal] and in [worker] where your word counts, and start the worker again.',
    (select login from people where id = r.proposed_by), case r.why when 'restored' then 'that the database is that of a backup'
      else format('that the key was lost and %s takes its place', r.public_key) end, r.id), null, jsonb_build_object('renewal', r.id,
    'why', r.why, 'public_key', r.public_key, 'proposed_by', (select login from people where id = r.proposed_by)), 'journal');
end $$;

-- For auditors and administrators.
create or replace function exeat.list_renewals()
returns table (renewal bigint, why text, public_key text, reason text, proposed_by text, proposed_at timestamptz, confirmed_by text, confirmed_at timestamptz)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.id, r.why, r.public_key, r.reason, a.login, r.proposed_at, b.login, r.confirmed_at
  from renewals r join people a on a.id = r.proposed_by left join people b on b.id = r.confirmed_by
  where (select exeat.sees_people()) order by r.id
$$;
reset role;
