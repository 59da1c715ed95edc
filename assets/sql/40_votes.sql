-- Commands on cases: vote, undo, withdraw, claim, comment. Each body (do_…) is called by exeat.run only.
-- The row of the file version is the lock for all its cases.
set role exeat_owner;

-- The state of a version is that of its case needing most attention.
create or replace function exeat.attention(p_state text) returns int
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return array_position(array['pending', 'approved', 'changes_requested', 'releasing', 'blocked', 'altered', 'recalled', 'rejected',
    'released', 'withdrawn', 'superseded'], p_state);
end $$;

-- Moves the version on after something happened to it or its cases.
create or replace function exeat.touch(p_version bigint, p_person int, p_what text) returns bigint
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  moved file_versions;
begin
  update file_versions fv set row_version = row_version + 1, changed_by = p_person, changed_what = p_what, changed_at = clock_timestamp(),
    state = coalesce((select c.state from cases c where c.version = fv.id order by attention(c.state) limit 1), 'blocked')
  where id = p_version returning * into moved;
  perform changed(moved.project, null, 'egress', moved.id, p_what);
  return moved.row_version;
end $$;

-- Sets a case's state; the caller holds the version's lock.
create or replace function exeat.set_case(p_case bigint, p_state text, p_person int) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  update cases set state = p_state, state_by = p_person, state_at = clock_timestamp(), settled_at = clock_timestamp(),
    approved_at = null, held_until = null
  where id = p_case;
end $$;

-- Ends every vote of a case; the caller holds the version's lock.
create or replace function exeat.end_votes(p_case bigint) returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ update exeat.votes set standing = false, ended_at = clock_timestamp() where case_id = p_case and standing $$;

-- Brings an open case to the state its counted votes give it. True if the state moved.
create or replace function exeat.settle(p_case bigint, p_person int) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  c cases;
  t tally := tally(p_case);
  v file_versions;
  wanted text;
begin
  select * into c from cases where id = p_case;
  if c.state not in ('pending', 'approved', 'changes_requested', 'blocked') then return false; end if;
  select * into v from file_versions where id = c.version;
  wanted := case
    when v.blocked_reason is not null or t.required is null or v.size > t.largest_file then 'blocked'
    when cardinality(t.changes) > 0 then 'changes_requested'
    when t.count >= t.required then 'approved'
    else 'pending' end;
  if wanted = c.state then
    -- Written only where it says something new: most votes leave the case as it is.
    update cases x set settled_at = clock_timestamp(),
      held_until = case when wanted = 'approved' then x.approved_at + make_interval(secs => t.hold_seconds) end
    where x.id = p_case and (x.held_until is distinct from case when wanted = 'approved' then x.approved_at + make_interval(secs => t.hold_seconds) end
      or exists (select from policies o where o.project = x.project and o.destination = x.destination and o.state = 'active' and o.active_from > x.settled_at));
    return false;
  end if;
  perform set_case(p_case, wanted, p_person);
  if wanted = 'approved' then
    update cases set approved_at = clock_timestamp(), held_until = clock_timestamp() + make_interval(secs => t.hold_seconds) where id = p_case;
  end if;
  if wanted in ('approved', 'changes_requested') then
    perform enqueue('egress.' || wanted, 'version:' || c.version, jsonb_build_object('version', c.version, 'destination', c.destination));
  end if;
  return true;
end $$;

-- What the journal keeps of where a case stands after a command: a proof counts the hold from it.
create or replace function exeat.case_standing(p_case bigint) returns jsonb
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select jsonb_build_object('destination', c.destination, 'state', c.state, 'approved_at', journal_time(c.approved_at), 'held_until', c.held_until)
    from cases c where c.id = p_case);
end $$;

-- Locks a version the person may see. Unseen and unknown are the same: nothing.
create or replace function exeat.lock_version(p_person int, p_version bigint) returns exeat.file_versions
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  v file_versions;
begin
  -- Without rights there is not even a wait, which would tell that the id exists.
  perform from file_versions where id = p_version and project = any (projects_of(p_person));
  if not found then return null; end if;
  select * into v from file_versions where id = p_version for no key update;
  return v;
end $$;

create or replace function exeat.no_such_thing(p_what text, p_id text) returns exeat.refusal
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.because('not_found', format('There is no %s %s, or you may not see it.', p_what, coalesce(exeat.quoted(p_id), '(none named)'))) $$;

create or replace function exeat.no_such(p_what text, p_id text) returns exeat.outcome
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select exeat.refuse(exeat.no_such_thing(p_what, p_id)) $$;

do $$ begin if to_regprocedure('exeat.the_case(int, bigint, text)') is not null then drop function exeat.the_case(int, bigint, text); end if; end $$;
-- The case a command means, its version locked; no destination named means the only one. Out: facts, or why not.
create or replace function exeat.the_case(p_person int, q jsonb, out v exeat.file_versions, out f exeat.facts, out why exeat.refusal)
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  names text[];
  wanted text := q->>'destination';
begin
  v := lock_version(p_person, (q->>'version')::bigint);
  if v.id is null then
    why := no_such_thing('file version', q->>'version');
    return;
  end if;
  -- What was withdrawn waits for nothing: it is meant only where there is nothing else.
  names := array(select destination from cases where version = v.id and state <> 'withdrawn' order by 1);
  if wanted is null and cardinality(names) > 1 then
    why := because('invalid', format('It waits for more than one destination; name one: %s.', any_of(names)));
    return;
  end if;
  wanted := coalesce(wanted, names[1]);
  select * into f from facts_of(p_person, array[v.id]) x where wanted is null or x.destination = wanted limit 1;
  if f.version is null then
    why := because('not_found', format('It was not asked to go to %s.', quoted(q->>'destination')));
  end if;
end $$;

create or replace function exeat.do_cast_vote(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_case(me.person, q);
  v file_versions := got.v;
  f facts := got.f;
  why refusal := got.why;
  subject text := 'version:' || v.id;
  kind text := q->>'kind';
  said_comment text := coalesce(q->>'comment', '');
  seen bigint := (q->>'seen_row_version')::bigint;
  earlier votes;
  pol policies;
  moved bigint;
  counted tally;
  c cases;
  cast_as bigint;
begin
  if v.id is not null and kind not in ('approve', 'reject', 'changes') then
    return refuse('invalid', 'A vote is approve, reject or changes.', subject);
  end if;
  if why is null then why := vote_why_not(f, kind); end if;
  if why is null then why := via_why_not(me, f); end if;
  if why is null then
    why := words_why_not(said_comment, 'comment', case kind when 'reject' then 'Say why: a reason is needed to reject.'
      when 'changes' then 'Say why: a reason is needed to request changes.' end);
  end if;
  if why is not null then return refuse(why, subject, f.project_name, v.row_version); end if;
  if octet_length((q->'coverage')::text) > 65536 then
    -- It goes into every record of the release.
    return refuse('too_large', 'What was looked at is told in at most 65,536 bytes.', subject, f.project_name, v.row_version);
  elsif kind = 'approve' and q->>'sha256' is null then
    return refuse('sha_missing', 'Name the sha256 of the bytes you looked at.', subject, f.project_name, v.row_version);
  elsif lower(q->>'sha256') <> encode(v.sha256, 'hex') then
    -- The right one is not told: it stands for having looked.
    return refuse('sha_differs', case when length(q->>'sha256') = 64 then 'The bytes you looked at are not these. Look at the file again.'
      else 'Name the whole sha256 of the bytes you looked at, 64 hex digits.' end, subject, f.project_name, v.row_version);
  elsif seen <> v.row_version and not (v.changed_by is not distinct from me.person and seen = v.row_version - 1) then
    -- One's own last step is no news; anybody else's is.
    return refuse('changed', format('It changed since you looked: %s, by %s at %s. Look again.', v.changed_what,
      coalesce((select login from people where id = v.changed_by), 'the worker'), said(v.changed_at)), subject, f.project_name, v.row_version);
  end if;

  select * into pol from policies where project = f.project and destination = f.destination and state = 'active';
  why := signature_why_not(me, q, signed_head(site_id(), me.login, kind, f.project_name, f.destination, pol.number),
    signed_rest(me.command_id, v.id, v.sha256, said_comment), pol.signatures);
  if why is not null then return refuse(why, subject, f.project_name, v.row_version); end if;
  -- A release of what one voted on waits while one is just submitting (hold_still); the row it waits for has to be there.
  insert into askers (person) values (me.person) on conflict do nothing;
  select * into earlier from votes where case_id = f.case_id and voter = me.person and standing;
  update votes set standing = false, ended_at = clock_timestamp() where id = earlier.id;
  insert into votes (case_id, version, project, voter, via, kind, comment, sha256, policy, coverage, first_at)
  values (f.case_id, v.id, f.project, me.person, me.via, kind, said_comment, v.sha256, pol.id, q->'coverage',
    case when earlier.kind = kind then earlier.first_at else clock_timestamp() end) returning id into cast_as;
  perform keep_signature(me, q, cast_as);
  if kind = 'reject' and pol.rejection_vetoes then
    perform set_case(f.case_id, 'rejected', me.person);
    perform enqueue('egress.rejected', subject, jsonb_build_object('version', v.id, 'destination', f.destination));
  else
    perform settle(f.case_id, me.person);
  end if;
  moved := touch(v.id, me.person, case kind when 'approve' then 'approved' when 'reject' then 'rejected' else 'changes requested' end);
  counted := tally(f.case_id);
  select * into c from cases where id = f.case_id;
  return done(case c.state
      when 'approved' then format('%s of %s approvals for %s: it is released after %s unless someone steps in.', counted.count, counted.required,
        c.destination, said(c.held_until))
        || coalesce(' It stays until then: ' || (paused_why(f.project)).message, '')
      when 'rejected' then format('Rejected for %s.', c.destination)
      when 'changes_requested' then format('Changes are requested before it can go to %s.', c.destination)
      else format(case kind when 'reject' then 'Rejected with your reason; without a veto others may still let it out: %s of %s approvals for %s.'
        else '%s of %s approvals for %s.' end, counted.count, counted.required, c.destination) end
      || case when q ? 'signature' and kind = 'approve' and pol.signatures = 'required' then ' Yours counts once its signature is checked.' else '' end,
    moved, case_standing(c.id) || jsonb_build_object('count', counted.count, 'required', counted.required, 'policy', pol.id::text),
    subject, f.project_name);
end $$;

create or replace function exeat.do_undo_vote(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_case(me.person, q);
  v file_versions := got.v;
  f facts := got.f;
  why refusal := got.why;
  subject text := 'version:' || v.id;
  moved bigint;
  counted tally;
begin
  if why is null then why := undo_why_not(f); end if;
  if why is null then why := via_why_not(me, f); end if;
  if why is not null then return refuse(why, subject, f.project_name, v.row_version); end if;
  update votes set standing = false, ended_at = clock_timestamp() where case_id = f.case_id and voter = me.person and standing;
  perform settle(f.case_id, me.person);
  moved := touch(v.id, me.person, 'vote undone');
  counted := tally(f.case_id);
  return done(format('Undone. It has %s of %s approvals for %s.', counted.count, counted.required, f.destination), moved,
    case_standing(f.case_id) || jsonb_build_object('count', counted.count, 'required', counted.required), subject, f.project_name);
end $$;

-- The version and its case are shown under the first who still asks for them. The caller holds the version's lock.
create or replace function exeat.pass_on(p_version bigint, p_destination text) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  update cases c set submission = next.submission from (select r.submission from registrations r
      join submissions s on s.id = r.submission and s.destination = p_destination
      where r.version = p_version and r.withdrawn_at is null order by r.id limit 1) next
  where c.version = p_version and c.destination = p_destination;
  update file_versions v set submission = s.id, submitted_by = s.submitted_by, search_text = lower(key_text(v.key) || ' ' || s.purpose)
  from registrations r join submissions s on s.id = r.submission
  where v.id = p_version and r.id = (select min(x.id) from registrations x where x.version = p_version and x.withdrawn_at is null);
end $$;

-- Takes back one's own asking; the case falls with the last who asks for it.
create or replace function exeat.do_withdraw(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_case(me.person, q);
  v file_versions := got.v;
  f facts := got.f;
  why refusal := got.why;
  subject text := 'version:' || v.id;
begin
  if why is null then why := withdraw_why_not(f); end if;
  if why is null then why := words_why_not(q->>'reason', 'reason'); end if;
  if why is not null then return refuse(why, subject, f.project_name, v.row_version); end if;
  update registrations r set withdrawn_at = clock_timestamp() from submissions s
  where s.id = r.submission and s.destination = f.destination and r.version = v.id and r.person = me.person and r.withdrawn_at is null;
  perform pass_on(v.id, f.destination);
  if is_asked(v.id, f.destination) then
    return done(format('Taken back. Others submitted the same bytes, so it stays open for %s.', f.destination),
      touch(v.id, me.person, 'taken back by one of its submitters'), jsonb_build_object('destination', f.destination, 'state', f.state),
      subject, f.project_name);
  end if;
  perform set_case(f.case_id, 'withdrawn', me.person);
  return done(format('Withdrawn from %s.', f.destination), touch(v.id, me.person, 'withdrawn'),
    jsonb_build_object('destination', f.destination, 'state', 'withdrawn'), subject, f.project_name);
end $$;

-- Claims say who is looking; they decide nothing and so do not move the row version.
create or replace function exeat.do_claim(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  v file_versions := lock_version(me.person, (q->>'version')::bigint);
  subject text := 'version:' || v.id;
  f facts;
  why refusal;
  until timestamptz := clock_timestamp() + interval '30 minutes';
begin
  if v.id is null then return no_such('file version', q->>'version'); end if;
  -- Claimable while any of its cases is open: the open ones come first.
  select * into f from facts_of(me.person, array[v.id]) x order by (x.state in ('pending', 'approved', 'changes_requested')) desc limit 1;
  why := claim_why_not(f);
  if why is not null then return refuse(why, subject, f.project_name, v.row_version); end if;
  update file_versions set claimed_by = me.person, claimed_until = until where id = v.id;
  perform changed(v.project, null, 'egress', v.id, 'claimed');
  return done(format('Yours until %s.', said(until)), v.row_version, jsonb_build_object('claimed_until', until), subject, f.project_name);
end $$;

create or replace function exeat.do_unclaim(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  v file_versions := lock_version(me.person, (q->>'version')::bigint);
  subject text := 'version:' || v.id;
  project text := (select name from projects where id = v.project);
begin
  if v.id is null then return no_such('file version', q->>'version'); end if;
  if v.claimed_by is distinct from me.person then
    return refuse('not_held', 'You have not claimed it.', subject, project, v.row_version);
  end if;
  update file_versions set claimed_by = null, claimed_until = null where id = v.id;
  perform changed(v.project, null, 'egress', v.id, 'unclaimed');
  return done('No longer claimed.', v.row_version, null, subject, project);
end $$;

create or replace function exeat.do_add_comment(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  target bigint := (q->>'version')::bigint;  -- no lock: a comment changes nothing that is decided
  subject text := 'version:' || target;
  internal bool := coalesce((q->>'internal')::bool, false);
  f facts;
  why refusal;
  made bigint;
begin
  perform from file_versions where id = target and project = any (projects_of(me.person));
  if not found then return no_such('file version', q->>'version'); end if;
  select * into f from facts_of(me.person, array[target]) limit 1;
  why := comment_why_not(f, internal);
  if why is null then why := words_why_not(q->>'body', 'comment', 'Write something.'); end if;
  if why is not null then return refuse(why, subject, f.project_name, f.row_version); end if;
  if internal then
    insert into internal_notes (version, project, author, body) values (target, f.project, me.person, q->>'body') returning id into made;
  else
    insert into comments (version, project, author, body) values (target, f.project, me.person, q->>'body') returning id into made;
  end if;
  perform changed(f.project, null, 'egress', target, 'commented');
  return done('Noted.', f.row_version, jsonb_build_object('comment', made), subject, f.project_name);
end $$;
reset role;
