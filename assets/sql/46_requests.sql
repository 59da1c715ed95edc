-- Commands on access requests. Each body (do_…) is called by exeat.run only; the request's row is the lock.
set role exeat_owner;

-- Locks a request the person may see: their own, or any for who reads all. Unseen and unknown are the same: nothing.
create or replace function exeat.lock_request(p_person int, p_request bigint) returns exeat.access_requests
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r access_requests;
begin
  perform from access_requests where id = p_request and (person = p_person or reads_all_access(p_person));
  if not found then return null; end if;
  select * into r from access_requests where id = p_request for no key update;
  return r;
end $$;

-- Moves the request on and tells its audiences, the requester and who reads all.
create or replace function exeat.touch_request(p_request bigint, p_person int, p_what text) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  moved access_requests;
begin
  update access_requests set row_version = row_version + 1, touched_by = p_person, touched_what = p_what, touched_at = clock_timestamp()
  where id = p_request returning * into moved;
  perform changed_for_stewards('request', moved.id, p_what, moved.person);
  return moved.row_version;
end $$;

-- A change that concerns everyone who reads all access and, where there is one, a person.
create or replace function exeat.changed_for_stewards(p_area text, p_row bigint, p_what text, p_person int) returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.changed(null, x.id, p_area, p_row, p_what)
  from (select p_person as id where p_person is not null
    union select m.person from held_memberships m where m.role in ('steward', 'auditor', 'administrator') and m.project is null) x
$$;

-- Someone else was first: who, what, when. One's own last step is no news.
create or replace function exeat.moved_why(p_person int, p_seen bigint, p_now bigint, p_by int, p_what text, p_at timestamptz) returns exeat.refusal
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.because('changed', format('It changed since you looked: %s by %s at %s. Look again.', p_what, coalesce(exeat.login_of(p_by), 'the worker'),
    exeat.said(p_at)))
  where p_seen <> p_now and not (p_by is not distinct from p_person and p_seen = p_now - 1)
$$;

create or replace function exeat.mail_why_not(p_mail text) returns exeat.refusal
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.because('invalid', 'The contact mail address is not one: write name@host, at most 320 characters.')
  where coalesce(p_mail, '') !~ '^[^@[:space:][:cntrl:]<>,;"]+@[^@[:space:][:cntrl:]<>,;"]+[.][^@[:space:][:cntrl:]<>,;".]+$' or length(p_mail) > 320
    -- Line ends, bidi controls and invisible ones beyond ASCII, which no class above is sure to have.
    or p_mail ~ E'[\u0080-\u00a0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]'
$$;

-- What every message about a request names, so that whoever gets it need not ask back.
create or replace function exeat.request_message(p_request bigint) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('request', r.id::text, 'user_id', p.ext_id, 'login', p.login, 'full_user_name', concat_ws(' ', p.title, p.full_name),
    'dataset_id', d.accession, 'dataset_title', r.dataset_title, 'mail_to', r.email)
  from access_requests r join people p on p.id = r.person join datasets d on d.id = r.dataset where r.id = p_request
$$;

create or replace function exeat.do_new_request(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  now timestamptz := clock_timestamp();
  d datasets;
  p people;
  wanted_start timestamptz := coalesce((q->>'starts')::timestamptz, now);
  starts timestamptz := greatest(wanted_start, now);
  ends timestamptz := coalesce((q->>'ends')::timestamptz, days_after(least(starts, '2999-12-31'), setting_days('access.default_days')));
  mail text;
  why refusal;
  made bigint;
begin
  perform one_at_a_time(me.person);
  if (select count(*) >= 100 from (select from access_requests where person = me.person and status = 'pending' limit 100) x) then
    return refuse('too_many', 'A hundred of your requests wait for a decision, and no more may. Wait until some are decided.');
  end if;
  select * into p from people where id = me.person;
  mail := coalesce(q->>'email', p.mail);
  if q->>'dataset' !~ '^[A-Z]{1,6}[0-9]{3,18}$' then
    return refuse('invalid', 'The dataset is not named by an accession: 1 to 6 capital letters and 3 to 18 digits.');
  end if;
  -- Held, so that the words copied below are the dataset's when this commits: later ones follow.
  select * into d from datasets where accession = q->>'dataset' and removed_at is null for share;
  if d.id is null then return refuse('not_found', 'Dataset not found: nothing with that accession is offered here.'); end if;
  if btrim(q->>'text', E' \t\r\n') = '' then
    return refuse('invalid', 'The request text is empty: say what the data is needed for.');
  elsif octet_length(q->>'text') > setting_days('access.text_limit') then
    return refuse('too_large', format('The request text is longer than %s bytes.', setting_days('access.text_limit')));
  end if;
  why := mail_why_not(mail);
  if why is null and q->>'iva' is not null then why := iva_why_not(me.person, (q->>'iva')::uuid); end if;
  if why is null then why := period_why_not(starts, ends, now, false); end if;
  if why is not null then return refuse(why); end if;
  insert into access_requests (person, iva, dataset, dataset_title, dataset_description, dac_alias, dac_email, email, request_text, access_starts,
    access_ends, touched_by)
  values (me.person, (q->>'iva')::uuid, d.id, d.title, d.description, d.dac_alias, d.dac_email, mail, q->>'text', starts, ends, me.person)
  returning id into made;
  perform enqueue('access.requested', 'request:' || made, request_message(made) || jsonb_build_object('mail_to', mail,
    'steward_mail_to', nullif(setting('access.steward_mail')#>>'{}', ''), 'dac_mail_to', nullif(d.dac_email, '')));
  perform changed_for_stewards('request', made, 'created', me.person);
  return done(format('Request %s is sent%s.', made, case when wanted_start < now - interval '1 minute' then '; its start had passed, so it begins now'
    else '' end),
    1, jsonb_build_object('request', made::text, 'access_starts', starts, 'access_ends', ends), 'request:' || made);
end $$;

-- A moment somebody wrote; nothing where it is none.
create or replace function exeat.as_time(p_text text) returns timestamptz
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set datestyle = 'ISO, YMD' set timezone = 'UTC'
as $$ begin return p_text::timestamptz; exception when data_exception then return null; end $$;

do $$ begin if to_regprocedure('exeat.as_uuid(text)') is not null then drop function exeat.as_uuid(text); end if; end $$;

-- The same where a day alone means what the site's zone calls so: its beginning, or its end.
create or replace function exeat.named_time(p_text text, p_ends bool) returns timestamptz
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when p_text !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' or as_time(p_text) is null then as_time(p_text)
    when p_ends then day_ends(p_text::date) else day_begins(p_text::date) end;
end $$;

-- Are these changes of a request that make sense by themselves? Times and UUIDs are read as strictly as fields of a command.
create or replace function exeat.changes_why_not(c jsonb) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  known text[] := '{iva_id,access_starts,access_ends,ticket_id,internal_note,note_to_requester}';
  name text;
begin
  if c = '{}' or c - known <> '{}' then
    return because('invalid', 'Name what to change: iva_id, access_starts, access_ends, ticket_id, internal_note or note_to_requester, and nothing else.');
  end if;
  foreach name in array known loop
    if c ? name and jsonb_typeof(c->name) <> 'string' then
      return because('invalid', format('%s is not a text.', name));
    elsif c ? name and name like 'access%' and not is_of_type('time', c->name) then
      return because('invalid', format('%s is not a time: write one as in 2026-11-21T09:00:00Z.', name));
    elsif name = 'iva_id' and c ? name and not is_of_type('uuid', c->name) then
      return because('invalid', 'iva_id is not a UUID.');
    elsif length(c->>name) > (case name when 'ticket_id' then 100 else 10000 end) then
      return because('too_large', format('%s is longer than %s characters.', name, case name when 'ticket_id' then 100 else 10000 end));
    end if;
  end loop;
  return null;
end $$;

create or replace function exeat.do_edit_request(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r access_requests := lock_request(me.person, (q->>'request')::bigint);
  subject text := 'request:' || r.id;
  c jsonb := jsonb_strip_nulls(q->'changes');
  now timestamptz := clock_timestamp();
  starts timestamptz := coalesce(named_time(c->>'access_starts', false), r.access_starts);
  ends timestamptz := coalesce(named_time(c->>'access_ends', true), r.access_ends);
  why refusal;
  past bool := false;
begin
  if r.id is null then return no_such('access request', q->>'request'); end if;
  why := edit_why_not(me.person, r, c);
  if why is null then why := changes_why_not(c); end if;
  if why is null then why := moved_why(me.person, (q->>'seen_row_version')::bigint, r.row_version, r.touched_by, r.touched_what, r.touched_at); end if;
  if why is null and c ? 'iva_id' then why := iva_why_not(r.person, (c->>'iva_id')::uuid); end if;
  -- Only a named date is judged: a note alone never meets the dates.
  if why is null and (c ? 'access_starts' or c ? 'access_ends') then
    past := starts < now and c ? 'access_starts';
    if past then starts := now; end if;
    why := period_why_not(starts, ends, now, true);
  end if;
  if why is not null then return refuse(why, subject, null, r.row_version); end if;
  update access_requests set iva = coalesce((c->>'iva_id')::uuid, iva), access_starts = starts, access_ends = ends,
    ticket_id = case when c ? 'ticket_id' then nullif(c->>'ticket_id', '') else ticket_id end,
    note_to_requester = case when c ? 'note_to_requester' then nullif(c->>'note_to_requester', '') else note_to_requester end
  where id = r.id;
  if c->>'internal_note' = '' then
    delete from request_internal_notes where request = r.id;
  elsif c ? 'internal_note' then
    insert into request_internal_notes (request, body, author) values (r.id, c->>'internal_note', me.person)
    on conflict (request) do update set body = excluded.body, author = excluded.author, at = clock_timestamp();
  end if;
  -- A note that nobody is told of is read by nobody.
  if c->>'note_to_requester' <> '' and c->>'note_to_requester' is distinct from r.note_to_requester then
    perform enqueue('access.noted', subject, request_message(r.id) || jsonb_build_object('note', c->>'note_to_requester'));
  end if;
  return done(case when past then 'Changed; the start had passed, so it is now.' else 'Changed.' end, touch_request(r.id, me.person, 'edited'), null, subject);
end $$;

create or replace function exeat.do_allow_request(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r access_requests := lock_request(me.person, (q->>'request')::bigint);
  subject text := 'request:' || r.id;
  now timestamptz := clock_timestamp();
  wanted timestamptz := coalesce((q->>'starts')::timestamptz, r.access_starts);
  starts timestamptz := greatest(wanted, now);
  ends timestamptz := coalesce((q->>'ends')::timestamptz, r.access_ends);
  named_iva uuid := coalesce((q->>'iva')::uuid, r.iva);
  note text := nullif(coalesce(q->>'note', r.note_to_requester), '');
  why refusal;
  granted bigint;
begin
  if r.id is null then return no_such('access request', q->>'request'); end if;
  why := allow_why_not(me.person, r, named_iva);
  if why is null then why := moved_why(me.person, (q->>'seen_row_version')::bigint, r.row_version, r.touched_by, r.touched_what, r.touched_at); end if;
  if why is null then why := period_why_not(starts, ends, now, true); end if;
  if why is null then why := words_why_not(note, 'note'); end if;
  if why is not null then return refuse(why, subject, null, r.row_version); end if;
  update access_requests set status = 'allowed', status_changed = now, changed_by = me.person, iva = named_iva, access_starts = starts,
    access_ends = ends, note_to_requester = note, claimed_by = null, claimed_until = null where id = r.id;
  granted := make_grant(me.person, r.person, r.dataset, named_iva, starts, ends, r.id, format('request %s allowed', r.id));
  perform enqueue('access.allowed', subject, request_message(r.id) || jsonb_build_object('grant', granted::text, 'valid_from', starts,
    'valid_until', ends, 'last_day', last_day(ends), 'note', note));
  return done(format('Allowed: access from %s until %s%s.', said(starts), said_until(ends), case when wanted < now then '; the start had passed, so it is now'
    else '' end),
    touch_request(r.id, me.person, 'allowed'), jsonb_build_object('grant', granted::text, 'valid_from', starts, 'valid_until', ends, 'mail_to', r.email),
      subject);
end $$;

create or replace function exeat.do_deny_request(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r access_requests := lock_request(me.person, (q->>'request')::bigint);
  subject text := 'request:' || r.id;
  why refusal;
begin
  if r.id is null then return no_such('access request', q->>'request'); end if;
  why := deny_why_not(me.person, r);
  if why is null then why := moved_why(me.person, (q->>'seen_row_version')::bigint, r.row_version, r.touched_by, r.touched_what, r.touched_at); end if;
  if why is null then why := words_why_not(q->>'reason', 'reason', 'Say why: a reason is needed to deny. The requester reads it.'); end if;
  if why is not null then return refuse(why, subject, null, r.row_version); end if;
  update access_requests set status = 'denied', status_changed = clock_timestamp(), changed_by = me.person, note_to_requester = q->>'reason',
    claimed_by = null, claimed_until = null where id = r.id;
  perform enqueue('access.denied', subject, request_message(r.id) || jsonb_build_object('note', q->>'reason'));
  return done(format('Denied; %s is told why.', r.email), touch_request(r.id, me.person, 'denied'), jsonb_build_object('mail_to', r.email), subject);
end $$;

-- Claims say who is looking; they decide nothing and so do not move the row version.
create or replace function exeat.do_claim_request(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r access_requests := lock_request(me.person, (q->>'request')::bigint);
  subject text := 'request:' || r.id;
  give_up bool := coalesce((q->>'release')::bool, false);
  until timestamptz := clock_timestamp() + interval '30 minutes';
  why refusal;
begin
  if r.id is null then return no_such('access request', q->>'request'); end if;
  if give_up and r.claimed_by is distinct from me.person then
    return refuse('not_held', 'You have not claimed it.', subject, null, r.row_version);
  end if;
  if not give_up then why := request_claim_why_not(me.person, r); end if;
  if why is not null then return refuse(why, subject, null, r.row_version); end if;
  update access_requests set claimed_by = case when give_up then null else me.person end, claimed_until = case when give_up then null else until end
    where id = r.id;
  perform changed_for_stewards('request', r.id, case when give_up then 'unclaimed' else 'claimed' end, null);
  return done(case when give_up then 'No longer claimed.' else format('Yours until %s.', said(until)) end, r.row_version,
    case when not give_up then jsonb_build_object('claimed_until', until) end, subject);
end $$;

create or replace function exeat.do_unclaim_request(me exeat.caller, q jsonb) returns exeat.outcome
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.do_claim_request(me, q || '{"release": true}') $$;

create or replace function exeat.do_comment_request(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r access_requests := lock_request(me.person, (q->>'request')::bigint);
  subject text := 'request:' || r.id;
  why refusal;
begin
  if r.id is null then return no_such('access request', q->>'request'); end if;
  why := not_steward(me.person, 'comment on access requests');
  if why is null then why := words_why_not(q->>'body', 'comment', 'The comment is empty: write something.'); end if;
  if why is not null then return refuse(why, subject, null, r.row_version); end if;
  insert into request_comments (request, author, body) values (r.id, me.person, q->>'body');
  perform changed_for_stewards('request', r.id, 'commented', null);
  return done('Said.', r.row_version, null, subject);
end $$;

-- Edits and decides in one go: what portals send as one thing is done whole or not at all.
create or replace function exeat.do_patch_request(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  c jsonb := jsonb_strip_nulls(q->'changes');
  this jsonb := jsonb_build_object('request', q->'request');
  -- What goes with a decision is told with it, and once.
  decided text[] := case q->>'status' when 'allowed' then '{iva_id,access_starts,access_ends,note_to_requester}' when 'denied' then '{note_to_requester}'
    else '{}' end;
  why refusal := case when c <> '{}' or not q ? 'status' then changes_why_not(c) end;
  o outcome;
begin
  if coalesce(q->>'status', 'allowed') not in ('allowed', 'denied') then
    return refuse('invalid', 'A request is allowed or denied.');
  end if;
  if why is not null then return refuse(why); end if;
  if c - decided <> '{}' or not q ? 'status' then
    o := do_edit_request(me, this || jsonb_build_object('changes', c - decided) || jsonb_strip_nulls(jsonb_build_object('seen_row_version',
      q->'seen_row_version')));
    if not o.ok or not q ? 'status' then return o; end if;
  else
    this := this || jsonb_strip_nulls(jsonb_build_object('seen_row_version', q->'seen_row_version'));
  end if;
  return case q->>'status' when 'denied' then do_deny_request(me, this || jsonb_build_object('reason', coalesce(c->>'note_to_requester', '')))
    else do_allow_request(me, this || jsonb_strip_nulls(jsonb_build_object('iva', c->'iva_id', 'note', c->'note_to_requester',
      'starts', named_time(c->>'access_starts', false), 'ends', named_time(c->>'access_ends', true)))) end;
end $$;
reset role;
