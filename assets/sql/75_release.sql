-- The worker: settling cases nobody touches, releases, recalls.
set role exeat_owner;

-- Writes down which memberships have come to their end, so that they stay ended whatever becomes of the clock.
create or replace function exeat.end_memberships() returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  m record;
begin
  for m in update memberships x set ended_at = clock_timestamp() from people p
    where p.id = x.person and x.id in (select id from memberships where ended_at is null and valid_until <= clock_timestamp() for no key update skip locked)
    returning x.id, p.login, x.role, (select name from projects where id = x.project) as project, x.valid_until
  loop
    perform worker_journal('membership_ended', jsonb_build_object('membership', m.id, 'login', m.login, 'role', m.role, 'project', m.project),
      done(format('%s was %s of %s until %s.', m.login, m.role, coalesce(m.project, 'all projects'), said_until(m.valid_until)),
        null, null, 'person:' || m.login,
        m.project));
  end loop;
end $$;

-- Brings open cases in line with what changed elsewhere: votes of people who lost (or won back) validity, a new policy,
-- a project's first policy. Counting never relies on it: releases recount.
-- Locked rows wait for the next round. Returns how many cases moved.
create or replace function exeat.lapse_votes() returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  c record;
  n int := 0;
  was text;
begin
  perform end_memberships();
  for c in
    select x.id, x.version from cases x
    left join policies o on o.project = x.project and o.destination = x.destination and o.state = 'active'
    where x.state in ('approved', 'changes_requested')
      or (x.state in ('pending', 'blocked') and o.active_from > x.settled_at)
      or (x.state = 'pending' and exists (select from votes vo where vo.case_id = x.id and vo.standing and vo.kind <> 'reject'))
    order by x.version, x.id
  loop
    perform from file_versions where id = c.version for no key update skip locked;
    continue when not found;
    -- It may have moved before the lock was ours.
    select state into was from cases where id = c.id;
    if settle(c.id, null) then
      n := n + 1;
      perform touch(c.version, null, 'votes counted again');
      perform recounted(c.id, was);
    end if;
  end loop;
  for c in select v.id as version, first_destination(v.project) as destination, v.project from file_versions v
    where v.state = 'blocked' and v.newest and first_destination(v.project) is not null and not exists (select from cases where version = v.id)
    for no key update of v skip locked
  loop
    perform open_case(c.version, c.destination, unannounced(c.project));
    perform touch(c.version, null, 'registered');
    n := n + 1;
  end loop;
  return n;
end $$;

-- Everything a release was decided on, as the record beside the released file keeps it.
create or replace function exeat.release_record(p_case bigint) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object('version', v.id::text, 'destination', c.destination, 'project', p.name, 'site', exeat.site_id(),
    'sha256', encode(v.sha256, 'hex'), 'size', v.size,
    'media_type', v.media_type, 'key_hex', encode(v.key, 'hex'), 'submission', s.id::text, 'purpose', s.purpose,
    'submitted_by', (select login from people where id = v.submitted_by), 'findings', v.findings,
    'policy', (select to_jsonb(o) - array['id', 'project', 'state', 'proposed_by', 'confirmed_by'] from policies o
      where o.project = c.project and o.destination = c.destination and o.state = 'active'),
    'required', t.required, 'count', t.count,
    'votes', (select coalesce(jsonb_agg(jsonb_build_object('voter', q.login, 'name', q.full_name, 'via', vo.via, 'kind', vo.kind, 'comment', vo.comment,
        'sha256', encode(vo.sha256, 'hex'), 'at', exeat.journal_time(vo.at), 'counted', vo.kind = 'approve' and q.login = any (t.by),
        'approvals_required', o.approvals, 'hold_seconds', o.hold_seconds, 'coverage', vo.coverage,
        'policy', o.number, 'signatures', o.signatures, 'command', sg.command_id, 'public_key', sk.public_key, 'signed', sg.signed, 'signature', sg.signature,
        'signature_good', sg.good, 'key_known_from', sg.trust) order by vo.first_at, vo.id), '[]')
      from votes vo join people q on q.id = vo.voter join policies o on o.id = vo.policy
      left join vote_signatures sg on sg.vote = vo.id left join signing_keys sk on sk.id = sg.key where vo.case_id = c.id and vo.standing))
  from cases c join file_versions v on v.id = c.version join projects p on p.id = c.project join submissions s on s.id = c.submission
  cross join lateral exeat.tally(c.id) t where c.id = p_case
$$;

-- Whether an object without an id can be this release's: it is of before ids were written beside the bytes, and nobody else's release is
-- at that place, for then one cannot tell whose the copy is.
create or replace function exeat.owns_unmarked(p_release uuid) returns bool
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select not r.marked and not exists (select from releases o where o.shared_bucket = r.shared_bucket and o.shared_key = r.shared_key
    and o.case_id <> r.case_id and o.state <> 'failed')
  from releases r where r.id = p_release
$$;

-- What a worker has to know of a release it claimed. Where it goes is what the claim said, whatever the project's location is by now.
-- Denied for long: the store has refused its rights for a day, and is not asked for ever.
create or replace function exeat.release_job(p_release uuid)
returns table (release uuid, case_id bigint, version bigint, project text, destination text, bucket text, key bytea, version_id text, etag text, sha256 text,
  size bigint, shared_bucket text, shared_key_prefix text, shared_key bytea, relative_key bytea, attempt int, record jsonb, unmarked bool, long_denied bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.id, r.case_id, r.version, p.name, r.destination, p.bucket, convert_to(p.prefix, 'UTF8') || v.key, v.store_version, v.etag,
    encode(v.sha256, 'hex'), v.size, r.shared_bucket,
    key_text(substr(r.shared_key, 1, greatest(0, octet_length(r.shared_key) - octet_length(v.key)))), r.shared_key, v.key, r.attempt, r.record,
    owns_unmarked(r.id), coalesce(r.refused_since <= clock_timestamp() - interval '1 day', false)
  from releases r join projects p on p.id = r.project join file_versions v on v.id = r.version where r.id = p_release
$$;

-- Keeps still, until this transaction ends, what a release of the case rests on beside its version: its voters, their memberships, what
-- they submit, the policy, the project's places. So of two such steps the journal has first what came first. False: somebody is just changing one of them.
create or replace function exeat.hold_still(p_case bigint) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  c cases;
  voters int[] := array(select voter from votes where case_id = p_case and standing and kind <> 'reject');
  held int[];
begin
  select * into c from cases where id = p_case;
  held := array(select id from people where id = any (voters) for share skip locked);
  if cardinality(held) < cardinality(voters) then return false; end if;
  held := array(select person from askers where person = any (voters) for share skip locked);
  if cardinality(held) < cardinality(voters) then return false; end if;
  perform from policies where project = c.project and destination = c.destination and state = 'active' for share skip locked;
  if not found then return false; end if;
  perform from projects where id = c.project for share skip locked;
  if not found then return false; end if;
  return (select count(*) from (select from memberships where person = any (voters) and role = 'checker' and ended_at is null for share skip locked) x)
    = (select count(*) from memberships where person = any (voters) and role = 'checker' and ended_at is null);
end $$;

-- One release to do, or none. The claim rechecks everything in the transaction that makes it: the point of no return. First what a worker
-- left in its first attempt, then what is fresh, then what failed before, fewest attempts first: what never succeeds stands behind everybody.
drop function if exists exeat.claim_release(text, int);
create function exeat.claim_release(worker text, lease_seconds int)
returns table (release uuid, case_id bigint, version bigint, project text, destination text, bucket text, key bytea, version_id text, etag text, sha256 text,
  size bigint, shared_bucket text, shared_key_prefix text, shared_key bytea, relative_key bytea, attempt int, record jsonb, unmarked bool, long_denied bool)
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  c record;
  r releases;
  lease timestamptz := clock_timestamp() + make_interval(secs => lease_seconds);
  begun timestamptz;
begin
  select x.* into r from releases x where x.state = 'claimed' and x.lease_until <= clock_timestamp() and x.attempt = 1 and x.failure is null
    and may_release(x.project)
  order by x.claimed_at limit 1 for no key update skip locked;
  if r.id is null then
    for c in select x.id, x.version, x.project, x.destination, p.name from cases x
      join projects p on p.id = x.project
      where x.state = 'approved' and x.held_until <= clock_timestamp()
        and x.project = any (array(select w.id from projects w where may_release(w.id)))
        and not exists (select from recalls k where k.case_id = x.id and k.removed_at is null)
      order by x.held_until limit 1000
    loop
      perform from file_versions v where v.id = c.version for no key update skip locked;
      continue when not found;
      -- Under the lock: is it approved still, with votes that count now, by the stricter policy, and has it waited?
      if settle(c.id, null) then
        perform touch(c.version, null, 'votes counted again');
        perform recounted(c.id, 'approved');
        continue;
      end if;
      continue when not hold_still(c.id);
      begun := clock_timestamp();
      -- Decided and recorded by one statement, so by one snapshot: what the record says is what was decided on.
      insert into releases as x (case_id, version, project, destination, state, worker, lease_until, record, shared_bucket, shared_key)
      select c.id, c.version, c.project, c.destination, 'claimed', claim_release.worker, lease, release_record(c.id),
        p.shared_bucket, convert_to(format('%s%s/%s/%s/', p.shared_prefix, c.name, c.destination, c.version), 'UTF8') || v.key
      from cases k join projects p on p.id = k.project join file_versions v on v.id = k.version cross join lateral tally(k.id) t
      where k.id = c.id and k.state = 'approved' and k.approved_at + make_interval(secs => t.hold_seconds) <= clock_timestamp()
        and t.count >= t.required and cardinality(t.changes) = 0 and may_release(c.project)
        and v.newest and v.gone_at is null and v.blocked_reason is null and v.size <= t.largest_file
      returning x.* into r;
      continue when not found;
      update cases x set state = 'releasing', state_by = null, state_at = clock_timestamp() where x.id = c.id;
      perform touch(c.version, null, 'releasing');
      perform worker_journal('claim_release', jsonb_build_object('release', r.id, 'worker', worker, 'record', r.record),
        done(format('Releasing to %s.', c.destination), null, jsonb_build_object('bucket', r.shared_bucket, 'key_hex', encode(r.shared_key, 'hex'),
          'begun', journal_time(begun)), 'version:' || c.version, c.name));
      return query select * from release_job(r.id);
      return;
    end loop;
    select x.* into r from releases x where x.state = 'claimed' and x.lease_until <= clock_timestamp()
      and coalesce(x.next_try_at, '-infinity') <= clock_timestamp()
      and may_release(x.project)
    order by x.attempt, coalesce(x.next_try_at, x.lease_until) limit 1 for no key update skip locked;
  end if;
  if r.id is null then return; end if;
  update releases x set worker = claim_release.worker, lease_until = lease, attempt = x.attempt + 1, next_try_at = null where x.id = r.id returning * into r;
  perform worker_journal('claim_release', jsonb_build_object('release', r.id, 'worker', worker, 'attempt', r.attempt),
    done('The release is taken up again.', null, null, 'version:' || r.version, (select name from projects where id = r.project)));
  return query select * from release_job(r.id);
end $$;

create or replace function exeat.renew_lease(release uuid, worker text, seconds int) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
begin
  update releases x set lease_until = clock_timestamp() + make_interval(secs => seconds)
  where x.id = release and x.state = 'claimed' and x.worker = renew_lease.worker and x.lease_until > clock_timestamp()
    and paused_why(x.project) is null;
  return found;
end $$;

-- What became of a release: for a worker that lost its lease and may have written a copy since. `recalled`: it was finished and its
-- copy taken away again, and no later release of the case wants one at the same key.
create or replace function exeat.release_state(release uuid) returns text
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select case when x.state = 'done' and exists (select from recalls k where k.release = x.id)
      and not exists (select from releases y where y.case_id = x.case_id and y.id <> x.id and (y.state = 'claimed' or y.number > x.number))
    then 'recalled' else x.state end
  from releases x where x.id = release_state.release
$$;

-- The case moves under the version's lock, as with everybody else.
create or replace function exeat.finish_release(release uuid, worker text, shared_key bytea, shared_version text, record_key text,
  head jsonb) returns exeat.answer
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '10s'
as $$
declare
  r releases;
  o outcome;
  p text;
begin
  perform from file_versions v where v.id = (select x.version from releases x where x.id = release) for no key update;
  select x.* into r from releases x where x.id = release for no key update;
  p := (select name from projects where id = r.project);
  if r.id is null then
    o := no_such('release', release::text);
  elsif r.state = 'done' and r.worker = finish_release.worker then
    o := done('It was finished already.', null, null, 'version:' || r.version, p);
  elsif r.state <> 'claimed' or r.worker <> finish_release.worker then
    o := refuse('not_held', 'Another worker has this release, or it is over.', 'version:' || r.version, p);
  elsif r.shared_key <> finish_release.shared_key then
    o := refuse('invalid', 'This is not the key the release was claimed for.', 'version:' || r.version, p);
  else
    update releases x set state = 'done', finished_at = clock_timestamp(), shared_version = finish_release.shared_version,
      record_key = finish_release.record_key, head = finish_release.head where x.id = r.id;
    perform set_case(r.case_id, 'released', null);
    perform enqueue('egress.released', 'version:' || r.version,
      jsonb_build_object('version', r.version, 'destination', r.destination, 'release', r.id));
    o := done(format('Released to %s.', r.destination), touch(r.version, null, 'released'), jsonb_build_object('release', r.id), 'version:' || r.version, p);
  end if;
  perform worker_journal('finish_release', jsonb_build_object('release', release, 'worker', worker, 'record_key', record_key), o);
  return row(o.ok, o.code, o.sentence, o.version, o.data)::exeat.answer;
end $$;

-- Somebody else's object lies where a release writes or wrote: it stays, and people are told, once a release. False: told before.
create or replace function exeat.foreign_object(release uuid, bucket text, key bytea) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  r releases;
  at jsonb := jsonb_build_object('release', release, 'bucket', bucket, 'key_hex', encode(key, 'hex'));
begin
  update releases x set foreign_at = clock_timestamp() where x.id = foreign_object.release and x.foreign_at is null returning x.* into r;
  if r.id is null then return false; end if;
  perform alarm('version:' || r.version, at || jsonb_build_object('version', r.version, 'destination', r.destination),
    'something that no release wrote lies where a released file belongs.');
  perform worker_journal('foreign_object', at, done('An object that this release did not write lies at its place. It was left there: look whose it is.',
    null, null, 'version:' || r.version, (select name from projects where id = r.project)));
  perform changed(r.project, null, 'egress', r.version, 'foreign object');
  return true;
end $$;

-- What would leave is not proved by what is sealed (src/worker/prove.rs): it stays, and people are told, once a release. False: told before.
create or replace function exeat.unproved(release uuid, version bigint, why text) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  v record;
begin
  if exists (select from releases x where x.id = unproved.release and x.unproved_at is not null) then return false; end if;
  update releases x set unproved_at = clock_timestamp() where x.id = unproved.release;
  select f.id, f.project, p.name into v from file_versions f join projects p on p.id = f.project where f.id = unproved.version;
  perform alarm('version:' || v.id, jsonb_build_object('release', release, 'version', v.id), why);
  perform worker_journal('unproved', jsonb_build_object('release', release, 'version', v.id),
    done(format('Nothing was let out: %s', why), null, null, 'version:' || v.id, v.name));
  perform changed(v.project, null, 'egress', v.id, 'not proved');
  return true;
end $$;

-- code altered or missing: the bytes are not those that were approved, the case ends. foreign, impossible or unsigned (votes the worker does not
-- find signed): it cannot go out as it is; two people restore it once that is mended, and it is decided anew. back: nothing is wrong, the worker
-- stops. retry or denied: later, by anyone; the claim says when denied is for long.
create or replace function exeat.fail_release(release uuid, worker text, code text, sentence text) returns exeat.answer
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '10s'
as $$
declare
  r releases;
  o outcome;
  p text;
  ends text := case when code in ('altered', 'missing') then 'altered' when code in ('foreign', 'impossible', 'unsigned') then 'recalled' end;
begin
  perform from file_versions v where v.id = (select x.version from releases x where x.id = release) for no key update;
  select x.* into r from releases x where x.id = release for no key update;
  p := (select name from projects where id = r.project);
  if r.id is null then
    o := no_such('release', release::text);
  elsif r.state <> 'claimed' or r.worker <> fail_release.worker then
    o := refuse('not_held', 'Another worker has this release, or it is over.', 'version:' || r.version, p);
  elsif fail_release.code = 'back' then
    update releases x set lease_until = clock_timestamp() where x.id = r.id;
    o := done('Given back.', null, null, 'version:' || r.version, p);
  elsif fail_release.code in ('retry', 'denied') then
    update releases x set lease_until = clock_timestamp(), failure = sentence,
      refused_since = case when fail_release.code = 'denied' then coalesce(x.refused_since, clock_timestamp()) end,
      next_try_at = clock_timestamp() + make_interval(secs => least(300, power(2, least(x.attempt, 9)))) where x.id = r.id;
    if r.failure is distinct from sentence then perform changed(r.project, null, 'egress', r.version, 'release failed'); end if;
    o := done(format('To be tried again: %s', sentence), null, null, 'version:' || r.version, p);
  elsif ends is not null then
    update releases x set state = 'failed', finished_at = clock_timestamp(), failure = sentence where x.id = r.id;
    perform set_case(r.case_id, ends, null);
    if ends = 'recalled' then perform end_votes(r.case_id); end if;
    perform enqueue(case ends when 'altered' then 'egress.altered' else 'egress.stopped' end, 'version:' || r.version,
      jsonb_build_object('version', r.version, 'destination', r.destination));
    o := done(format('Not released: %s', sentence), touch(r.version, null, ends), null, 'version:' || r.version, p);
  else
    o := refuse('invalid', 'A release fails as altered, missing, foreign, impossible, unsigned, denied or retry, or is given back.',
      'version:' || r.version, p);
  end if;
  perform worker_journal('fail_release', jsonb_build_object('release', release, 'worker', worker, 'code', code), o);
  return row(o.ok, o.code, o.sentence, o.version, o.data)::exeat.answer;
end $$;

-- was_out: it was released once, so its record stays.
drop function if exists exeat.open_recalls();
create function exeat.open_recalls() returns table (id bigint, version bigint, project text, destination text, bucket text, key bytea, key_prefix text,
  version_id text, release uuid, sha256 text, unmarked bool, was_out bool)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select k.id, j.version, j.project, j.destination, j.shared_bucket, j.shared_key, j.shared_key_prefix, r.shared_version, r.id, j.sha256, j.unmarked,
    r.state = 'done'
  from recalls k join releases r on r.id = k.release cross join lateral release_job(r.id) j where k.removed_at is null order by k.attempts, k.id limit 100
$$;

create or replace function exeat.finish_recall(id bigint, removed bool) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  r record;
begin
  update recalls k set attempts = k.attempts + 1, removed_at = case when removed then clock_timestamp() end where k.id = finish_recall.id
    and k.removed_at is null;
  if not found then return false; end if;
  if removed then
    select x.version, x.project, p.name into r from recalls k join releases x on x.id = k.release join projects p on p.id = x.project
      where k.id = finish_recall.id;
    perform worker_journal('finish_recall', jsonb_build_object('recall', finish_recall.id),
      done('The shared copy is gone.', null, null, 'version:' || r.version, r.name));
    perform changed(r.project, null, 'egress', r.version, 'shared copy removed');
  end if;
  return true;
end $$;
reset role;
