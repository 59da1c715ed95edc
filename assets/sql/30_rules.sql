-- The egress rules, each stated once: facts of a case and a person in, nothing or a refusal out.
-- Commands ask them before they act; lists show them for the rows on screen.
set role exeat_owner;

create or replace function exeat.because(p_code text, p_sentence text) returns exeat.refusal
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  -- A refusal without words would pass for none.
  return row(p_code, coalesce(p_sentence, 'It cannot be done as things are.'))::exeat.refusal;
end $$;

-- Who named which bytes as theirs, in one submission or another: a fact from the moment they did, whether the bytes came later, the
-- worker has bound them yet, or the registration was taken back since.
select exeat.keep_view('own_versions', 'select r.person, v.id as version from exeat.registrations r
  join exeat.file_versions v on v.project = r.project and v.key = r.key and v.sha256 = r.sha256');

-- Asks somebody, and has not taken it back, for the bytes to go to the destination: this person, or with none named anyone?
create or replace function exeat.is_asked(p_version bigint, p_destination text, p_person int default null) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from registrations r join submissions s on s.id = r.submission and s.destination = p_destination
    where r.version = p_version and r.withdrawn_at is null and (p_person is null or r.person = p_person));
end $$;

-- Did the person submit these bytes, in this submission or in any other?
create or replace function exeat.is_own(p_person int, p_version bigint) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from own_versions o where o.version = p_version and o.person = p_person);
end $$;

-- The votes that count now: standing ones of people who could cast them now. What is required is the stricter of the
-- policy at each counted vote and the policy of this moment. An approval through a service counts where both say so; an objection always does:
-- a policy that is made stricter lets nothing out. So with signatures: where either policy requires them only a good one counts.
create or replace function exeat.tally(p_case bigint) returns exeat.tally
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
declare
  t exeat.tally;
begin
  with v as (
    select vo.kind, vo.first_at, vo.id, p.login, vp.approvals, vp.hold_seconds, vp.largest_file
    from cases c join file_versions fv on fv.id = c.version
    join votes vo on vo.case_id = c.id and vo.standing and vo.kind in ('approve', 'changes') and vo.sha256 = fv.sha256
    join people p on p.id = vo.voter and p.removed_at is null
    join policies vp on vp.id = vo.policy
    left join policies po on po.project = c.project and po.destination = c.destination and po.state = 'active'
    where c.id = p_case and exeat.has_role(vo.voter, c.project, 'checker') and not exeat.is_own(vo.voter, c.version)
      and not (fv.origin_unknown and exeat.was_researcher(vo.voter, c.project))
      and (vo.via is null or vo.kind <> 'approve' or vp.votes_via_services and po.votes_via_services)
      and (vo.kind <> 'approve' or 'required' <> all (array[vp.signatures, coalesce(po.signatures, '')]) or exeat.well_signed(vo.id))),
  a as (select count(*)::int as n, max(approvals) as approvals, max(hold_seconds) as hold, min(largest_file) as largest,
      array_agg(login order by first_at, id) as by from v where kind = 'approve'),
  pol as (select po.approvals, po.hold_seconds, po.largest_file from cases c
    join policies po on po.project = c.project and po.destination = c.destination and po.state = 'active' where c.id = p_case)
  select a.n, greatest(a.approvals, pol.approvals), greatest(a.hold, pol.hold_seconds), least(a.largest, pol.largest_file),
    coalesce(a.by, '{}'), array(select login from v where kind = 'changes' order by first_at, id)
  into t from a left join pol on true;
  return t;
end $$;

-- One row for each case of these versions (one with no case where a version has none).
create or replace function exeat.facts_of(p_person int, p_versions bigint[]) returns setof exeat.facts
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  with fv as materialized (select * from file_versions where id = any (p_versions)),
  pr as materialized (
    select p.id, p.name, exeat.has_role(p_person, p.id, 'checker') as is_checker, exeat.has_role(p_person, p.id, 'researcher') as is_researcher,
      exeat.has_role(p_person, p.id, 'administrator') as is_admin, exeat.was_researcher(p_person, p.id) as ever
    from projects p where p.id in (select project from fv))
  select me.id, me.login, fv.id, c.id, pr.id, pr.name, c.destination, coalesce(c.state, fv.state), fv.row_version, fv.sha256, fv.size,
    fv.newest, fv.gone_at is not null, fv.store_version, fv.blocked_reason, fv.origin_unknown, pr.is_checker, pr.is_researcher,
    pr.is_admin, exeat.is_own(p_person, fv.id), pr.ever,
    (select vo.kind from votes vo where vo.case_id = c.id and vo.voter = p_person and vo.standing),
    t.count, t.required, t.by, t.changes,
    case when c.state = 'approved' then c.approved_at + make_interval(secs => coalesce(t.hold_seconds, 0)) end,
    t.largest_file, pol.inspection_downloads, sb.login, c.state_at, fv.claimed_by, cl.login, fv.claimed_until, c.restore_by, rb.login,
    exeat.is_asked(fv.id, c.destination, p_person)
  from fv join pr on pr.id = fv.project
  left join people me on me.id = p_person
  left join cases c on c.version = fv.id
  left join lateral exeat.tally(c.id) t on c.id is not null
  left join policies pol on pol.project = c.project and pol.destination = c.destination and pol.state = 'active'
  left join people sb on sb.id = c.state_by
  left join people cl on cl.id = fv.claimed_by
  left join people rb on rb.id = c.restore_by
  order by c.destination;
end $$;

-- Why a case in this state takes no more decisions; null where it does.
create or replace function exeat.closed_why(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case
    when f.case_id is null then because('blocked', coalesce(f.blocked_reason,
      format('%s has no policy for any destination yet. An administrator has to set one.', f.project_name)))
    when f.state in ('pending', 'approved', 'changes_requested') then null
    when f.state = 'blocked' and f.blocked_reason is not null then because('blocked', f.blocked_reason)
    when f.state = 'blocked' then because('too_large',
      format('It is larger than the policy of %s for %s allows (%s bytes). A smaller file has to be submitted.', f.project_name, f.destination, f.largest_file))
    when f.state = 'releasing' then because('released',
      coalesce((select format('It could not be released yet (%s). It is tried again; recall it if it must not be out.', quoted(r.failure))
      from releases r where r.case_id = f.case_id and r.state = 'claimed' and r.failure is not null),
        'It is being released right now. Recall it afterwards if it must not be out.'))
    when f.state = 'released' then because('released', format('It was released at %s. Recall it if it must not be out.', said(f.state_at)))
    when f.state = 'recalled' and f.state_by is null then because('recalled',
      (select format('It could not be released (%s): %s Once that is mended, two people can open it for votes again.',
      said(f.state_at), quoted(r.failure)) from releases r where r.case_id = f.case_id and r.state = 'failed' order by r.number desc limit 1))
    when f.state = 'recalled' then because('recalled', format('%s recalled it at %s. Two people can open it for votes again.', f.state_by, said(f.state_at)))
    when f.state = 'rejected' then because('decided', format('%s rejected it at %s. A changed file has to be submitted.', f.state_by, said(f.state_at)))
    when f.state = 'withdrawn' then because('not_pending', format('%s withdrew it at %s. It has to be submitted again.',
      coalesce(f.state_by, 'Its submitter'), said(f.state_at)))
    when f.state = 'superseded'
      then because('superseded',
        format('Newer bytes came, or the file was taken away, at %s, before anyone voted. Look at the newest version.', said(f.state_at)))
    when f.state = 'altered' then because('altered',
      format('The bytes were changed or taken away at %s, after someone had voted. Look at the newest version.', said(f.state_at)))
  end;
end $$;

create or replace function exeat.vote_why_not(f exeat.facts, p_kind text) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  verb text := case p_kind when 'approve' then 'approve' when 'reject' then 'reject' else 'request changes to' end;
  closed exeat.refusal;
begin
  if not f.is_checker then
    return because('not_checker', format('You cannot %s this: only checkers of %s may (%s).', verb, f.project_name,
      coalesce(other_checkers(f.project, f.person), 'there is none yet; an administrator has to add one')));
  elsif f.own then
    return because('own_submission', format('You cannot %s this: you put it there yourself. Someone else has to (%s).', verb,
      coalesce(other_checkers(f.project, f.person), 'an administrator has to add a checker')));
  elsif f.origin_unknown and f.ever_researcher then
    return because('was_researcher',
      format('You cannot %s this: nobody knows who put it there, and you are or were a researcher of %s. Someone else has to (%s).',
      verb, f.project_name, coalesce(other_checkers(f.project, f.person), 'an administrator has to add a checker')));
  end if;
  closed := closed_why(f);
  if closed is not null then return closed; end if;
  if f.required is null then
    return because('blocked', format('%s has no policy for %s. An administrator has to set one.', f.project_name, f.destination));
  elsif f.size > f.largest_file then
    return because('too_large', format('It is larger than the policy of %s for %s allows (%s bytes). A smaller file has to be submitted.', f.project_name,
      f.destination, f.largest_file));
  end if;
  return case when p_kind = 'approve' then opened_why_not(f) end;
end $$;

create or replace function exeat.undo_why_not(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if f.case_id is null or f.my_vote is null then
    return because('not_held', 'You have no vote here to undo.');
  elsif f.state in ('releasing', 'released') then
    return because('not_held', 'The hold is over and it is on its way out. Recall it if it must not be out.');
  end if;
  return closed_why(f);
end $$;

create or replace function exeat.withdraw_why_not(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if f.own and f.case_id is null then
    return closed_why(f);
  elsif not f.registered then
    return because('not_submitter', case when f.own then 'You have taken it back already, or never asked for it to go there.'
      when closed_why(f) is null then 'Only who submitted it may withdraw it. A checker can reject it.'
      else 'Only who submitted it may withdraw it.' end);
  elsif f.state = 'blocked' and f.case_id is not null then
    return null;
  end if;
  return closed_why(f);
end $$;

create or replace function exeat.comment_why_not(f exeat.facts, p_internal bool) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if p_internal and not f.is_checker then
    return because('not_checker', format('Internal notes are between checkers of %s.', f.project_name));
  elsif not (f.is_checker or f.is_researcher) then
    return because('forbidden', format('Only researchers and checkers of %s may comment.', f.project_name));
  end if;
  return null;
end $$;

create or replace function exeat.claim_why_not(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not f.is_checker then
    return because('not_checker', format('Only checkers of %s may claim this.', f.project_name));
  elsif f.claimed_by <> f.person and f.claimed_until > clock_timestamp() then
    return because('busy', format('%s is looking at it until %s. You may still vote.', f.claimed_login, said(f.claimed_until)));
  end if;
  return closed_why(f);
end $$;

create or replace function exeat.preview_why_not(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not (f.is_checker or f.is_researcher) then
    return because('forbidden', format('Only researchers and checkers of %s may look inside.', f.project_name));
  elsif f.sha256 is null then
    return because('blocked', f.blocked_reason);
  elsif f.gone or (not f.newest and f.store_version is null) then
    return because(case when f.state = 'altered' then 'altered' else 'superseded' end,
      'These bytes are no longer in the store: they were overwritten or taken away. Look at the newest version.');
  end if;
  return paused_why(f.project);
end $$;

create or replace function exeat.download_why_not(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not (f.is_checker or f.is_researcher) then
    return because('forbidden', format('Only researchers and checkers of %s may download this.', f.project_name));
  elsif f.state = 'released' then
    return paused_why(f.project);
  elsif f.state = 'recalled' then
    return closed_why(f);
  elsif f.is_checker and f.inspection_downloads then
    return preview_why_not(f);
  end if;
  return because('not_released', case
    when f.state in ('approved', 'releasing') then 'It is approved but not released yet. Wait until the hold is over and the worker has released it.'
    when f.state in ('pending', 'changes_requested') then format('It is not released: it has %s of %s approvals for %s.', f.count, f.required, f.destination)
    else format('It was never released: it is %s.', f.state) end);
end $$;

create or replace function exeat.recall_why_not(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not (f.is_checker or f.is_admin) then
    return because('not_checker', format('Only checkers of %s and administrators may recall this.', f.project_name));
  elsif f.state = 'released' or f.state = 'releasing' and exists (
      select from releases r where r.case_id = f.case_id and r.state = 'claimed' and r.lease_until <= clock_timestamp()) then
    return null;
  elsif f.state = 'recalled' then
    return closed_why(f);
  end if;
  return because('not_released', case when f.state in ('approved', 'pending', 'changes_requested')
    then 'It is not released. Undo your vote, reject it or request changes instead.' else format('It is not released: it is %s.', f.state) end);
end $$;

-- May this person be one of the two who restore a version now?
create or replace function exeat.may_restore(p_person int, p_version bigint) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return exists (select from file_versions v where v.id = p_version and not is_own(p_person, v.id)
    and not (v.origin_unknown and was_researcher(p_person, v.project))
    and (has_role(p_person, v.project, 'checker') or has_role(p_person, v.project, 'administrator')));
end $$;

create or replace function exeat.restore_why_not(f exeat.facts) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not (f.is_checker or f.is_admin) then
    return because('not_checker', format('Only checkers of %s and administrators may restore this.', f.project_name));
  elsif f.state <> 'recalled' then
    return because('not_pending', format('Only a recalled file can be restored; this one is %s.', f.state));
  elsif f.own then
    return because('own_submission', 'You cannot restore this: you put it there yourself. Two others have to, one of them a checker.');
  elsif f.origin_unknown and f.ever_researcher then
    return because('was_researcher',
      format('You cannot restore this: nobody knows who put it there, and you are or were a researcher of %s. Two others have to.', f.project_name));
  elsif not f.newest or f.gone then
    return because('superseded', 'Newer bytes came to this key, or the file was taken away. It has to be submitted again.');
  elsif f.restore_by = f.person then
    return because('second_person_needed', 'You proposed to restore it. A second person has to confirm.');
  elsif not f.is_checker and may_restore(f.restore_by, f.version) and not has_role(f.restore_by, f.project, 'checker') then
    return because('second_person_needed', format('%s proposed it and is no checker of %s either: one of the two has to be a checker.', f.restore_login,
      f.project_name));
  end if;
  return null;
end $$;

-- Every command of a row with null or why not, for the lists.
create or replace function exeat.why_not_json(f exeat.facts) returns json
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return json_build_object('approve', exeat.vote_why_not(f, 'approve'), 'reject', exeat.vote_why_not(f, 'reject'),
    'changes', exeat.vote_why_not(f, 'changes'), 'undo', exeat.undo_why_not(f), 'withdraw', exeat.withdraw_why_not(f),
    'comment', exeat.comment_why_not(f, false), 'claim', exeat.claim_why_not(f), 'preview', exeat.preview_why_not(f),
    'download', exeat.download_why_not(f), 'recall', exeat.recall_why_not(f), 'restore', exeat.restore_why_not(f));
end $$;
reset role;
