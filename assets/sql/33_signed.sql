-- Votes signed by the voter: the text that is signed, people's keys, and the rules for both. What a signature is worth only the worker
-- can tell, for the database reads no more of one than whose key it names.
set role exeat_owner;

create or replace function exeat.site_id() returns uuid
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select s.id from site s $$;

-- What the lines of one signed text have in common, version 1. None of the values can hold a space. The program composes the same
-- (domain::signed), and a test compares the two.
create or replace function exeat.signed_head(p_site uuid, p_person text, p_kind text, p_project text, p_destination text, p_policy int) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select format('exeat-vote-1 site=%s person=%s kind=%s project=%s destination=%s policy=%s ', p_site, p_person, p_kind, p_project, p_destination, p_policy)
$$;

-- The rest of one vote's line.
create or replace function exeat.signed_rest(p_command_id uuid, p_version bigint, p_sha256 bytea, p_comment text) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select format('command=%s version=%s sha256=%s comment=%s', p_command_id, p_version, encode(p_sha256, 'hex'),
    encode(sha256(convert_to(p_comment, 'UTF8')), 'hex'))
$$;

-- Base64 in bytes; null where it is none.
create or replace function exeat.base64_bytes(p_text text) returns bytea
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when p_text ~ '^[A-Za-z0-9+/]+={0,2}$' and length(p_text) % 4 = 0 then decode(p_text, 'base64') end;
end $$;

-- The string that begins at an offset of what SSH wrote; null where there is none.
create or replace function exeat.ssh_string(p_blob bytea, p_at int) returns bytea
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  size bigint;
begin
  if p_at + 4 > octet_length(p_blob) then return null; end if;
  size := ('x' || encode(substr(p_blob, p_at + 1, 4), 'hex'))::bit(32)::bigint;
  return case when p_at + 4 + size <= octet_length(p_blob) then substr(p_blob, p_at + 5, size::int) end;
end $$;

-- The public key an armored signature names; null where it names none.
create or replace function exeat.key_of_signature(p_armored text) returns bytea
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  blob bytea := base64_bytes(regexp_replace((
    regexp_match(p_armored, '^-----BEGIN SSH SIGNATURE-----[[:space:]](.*)-----END SSH SIGNATURE-----[[:space:]]*$'))[1], '[[:space:]]', '', 'g'));
begin
  return case when substr(blob, 1, 10) = convert_to('SSHSIG', 'UTF8') || decode('00000001', 'hex') then ssh_string(blob, 10) end;
end $$;

create or replace function exeat.key_blob(p_public_key text) returns bytea
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.base64_bytes(split_part(p_public_key, ' ', 2)) $$;

create or replace function exeat.fingerprint(p_blob bytea) returns text
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select 'SHA256:' || rtrim(encode(sha256(p_blob), 'base64'), '=') $$;

-- Why a key cannot sign votes; null where it can. Of an RSA key the length of n says how long it is.
create or replace function exeat.public_key_why_not(p_public_key text) returns exeat.refusal
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  kind text := split_part(p_public_key, ' ', 1);
  blob bytea := key_blob(p_public_key);
  bits int;
begin
  if length(p_public_key) > 4000 or blob is null or ssh_string(blob, 0) is distinct from convert_to(kind, 'UTF8') then
    return because('invalid', 'This is no SSH public key. Give the line of a file such as ~/.ssh/id_ed25519.pub.');
  elsif kind not in ('ssh-ed25519', 'sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com', 'ecdsa-sha2-nistp256', 'ssh-rsa') then
    return because('invalid', format('A key of the kind %s signs no votes. Use ssh-ed25519, ecdsa-sha2-nistp256, one of the two on a security key '
      '(sk-…), or ssh-rsa of 3072 bits or more.', quoted(kind)));
  elsif kind = 'ssh-rsa' then
    bits := 8 * octet_length(ltrim(ssh_string(blob, 15 + octet_length(ssh_string(blob, 11))), decode('00', 'hex')));
    if coalesce(bits, 0) < 3072 then
      return because('invalid', 'An RSA key that signs votes has 3072 bits or more. Make a longer one, or an ed25519 key.');
    end if;
  end if;
  return null;
end $$;

-- The stricter of two policies' words about signatures.
create or replace function exeat.signatures_rank(p_signatures text) returns int
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select array_position(array['off', 'wanted', 'required'], p_signatures) $$;

-- Whether a vote was signed, the worker found the signature good, and its key has not ended since.
create or replace function exeat.well_signed(p_vote bigint) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from vote_signatures s join signing_keys k on k.id = s.key and k.ended_at is null where s.vote = p_vote and s.good);
end $$;

-- Why a vote cannot be cast with this signature, or without one; null where it can. An objection counts unsigned too: it lets nothing out.
create or replace function exeat.signature_why_not(me exeat.caller, q jsonb, p_head text, p_rest text, p_signatures text) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  given text := q->>'signed';
  lines text[] := string_to_array(given, E'\n');
  n int := cardinality(lines) - 1;
  named bytea := key_of_signature(q->>'signature');
  k signing_keys;
begin
  if given is null and q->>'signature' is null then
    return case when p_signatures = 'required' and q->>'kind' = 'approve'
      then because('signature_needed', 'Approvals for this destination count only where the voter signed them, and this one is not signed. '
        'Vote with exeat and an SSH agent that has your key.') end;
  elsif given is null or named is null then
    return because('invalid', 'A signed vote has both the signed text and an armored SSH signature of it.');
  elsif n not between 1 and 100 or lines[n + 1] <> '' then
    return because('invalid', 'A signed text has 1 to 100 lines, each with its end.');
  elsif (p_head || p_rest = any (lines[:n])) is not true or exists (select from unnest(lines[:n]) line where not starts_with(line, p_head)) then
    -- The text is not told: who signs composes it from what they saw.
    return because('signature_differs', 'What was signed is another vote than this one. Look again, and sign what you see.');
  end if;
  select * into k from signing_keys where person = me.person and fingerprint = fingerprint(named) order by ended_at desc nulls first limit 1;
  return case
    when k.id is null then because('key_unknown', format('The signature is by the key %s, which is not registered as yours. '
      'Register it with exeat people key add.', fingerprint(named)))
    when k.ended_at is not null then because('key_ended', format('The signature is by your key %s, which ended at %s. Sign with another.',
      k.fingerprint, said(k.ended_at)))
    when k.confirmed_at is null then because('key_unconfirmed', format('The signature is by your key %s, which no administrator has confirmed yet.',
      k.fingerprint)) end;
end $$;

-- Keeps what was signed with the vote it is for. A command id serves once, so its signature does.
create or replace function exeat.keep_signature(me exeat.caller, q jsonb, p_vote bigint) returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  insert into vote_signatures (vote, person, command_id, key, signed, signature)
  select p_vote, me.person, me.command_id, k.id, q->>'signed', q->>'signature' from signing_keys k
  where k.person = me.person and k.fingerprint = exeat.fingerprint(exeat.key_of_signature(q->>'signature')) and k.ended_at is null
$$;

create or replace function exeat.do_add_key(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  subject text := 'person:' || me.login;
  wanted text := (regexp_match(q->>'public_key', '^[[:space:]]*([^[:space:]]+ [^[:space:]]+)'))[1];
  why refusal := public_key_why_not(wanted);
  print text;
  made bigint;
begin
  if why is null and wanted is null then why := public_key_why_not(''); end if;
  if why is not null then return refuse(why, subject); end if;
  print := fingerprint(key_blob(wanted));
  perform one_at_a_time(me.person);
  if exists (select from signing_keys k where k.fingerprint = print and k.confirmed_at is not null and k.ended_at is not null) then
    return refuse('key_ended', format('The key %s ended; it does not begin again. Register another.', print), subject);
  elsif (select count(*) from signing_keys k where k.person = me.person and k.ended_at is null) >= 10 then
    return refuse('invalid', 'You have ten keys. End one before you register another.', subject);
  end if;
  insert into signing_keys (person, public_key, fingerprint) values (me.person, wanted, print) on conflict do nothing returning id into made;
  if made is null then
    return refuse('invalid', format('The key %s is registered already.', print), subject);
  end if;
  return done(format('Registered the key %s as %s. It signs once an administrator has confirmed its fingerprint: read it to them.', made, print), null,
    jsonb_build_object('key', made, 'fingerprint', print), subject);
end $$;

create or replace function exeat.do_confirm_key(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  k signing_keys;
  owner text;
  subject text;
begin
  if not_admin(me.person) then return only_admins(); end if;
  select * into k from signing_keys where id = (q->>'key')::bigint for no key update;
  if k.id is null then return no_such('key', q->>'key'); end if;
  owner := (select login from people where id = k.person and removed_at is null);
  subject := 'person:' || owner;
  if k.ended_at is not null or owner is null then
    return refuse('not_pending', format('The key %s has ended, or its person is gone.', k.id), subject);
  elsif k.person = me.person then
    return refuse('second_person_needed', 'You cannot confirm your own key. Another administrator has to.', subject);
  elsif q->>'fingerprint' <> k.fingerprint then
    return refuse('invalid', format('The key %s has another fingerprint than the one you named. Have %s read it to you.', k.id, owner), subject);
  elsif k.confirmed_at is not null then
    return done('It is confirmed already.', null, null, subject);
  end if;
  update signing_keys set confirmed_by = me.person, confirmed_at = clock_timestamp() where id = k.id;
  return done(format('%s signs with the key %s from now on. The worker believes it once its allowed_signers has it, where it has such a file.',
    owner, k.fingerprint), null, jsonb_build_object('key', k.id), subject);
end $$;

-- What it signed and is not released counts no more.
create or replace function exeat.do_end_key(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  k signing_keys;
  subject text;
begin
  select * into k from signing_keys where id = (q->>'key')::bigint and (person = me.person or not not_admin(me.person)) for no key update;
  if k.id is null then return no_such('key', q->>'key'); end if;
  subject := 'person:' || (select login from people where id = k.person);
  if k.ended_at is not null then return done('It has ended already.', null, null, subject); end if;
  update signing_keys set ended_by = me.person, ended_at = clock_timestamp() where id = k.id;
  return done(format('The key %s signs nothing any more. Votes signed with it that are not released count no more; vote again with another key.',
    k.fingerprint), null, jsonb_build_object('key', k.id), subject);
end $$;
reset role;
