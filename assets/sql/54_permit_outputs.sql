-- What a permit's workspaces should be and are, and its outputs: sets of egress files, decided by the votes on these files.
set role exeat_owner;

-- Brings what the workspaces should be in line with the permit; each change has a generation of its own, by which reports are told apart.
create or replace function exeat.want_workspaces(p_permit bigint) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits := (select x from permits x where x.id = p_permit);
begin
  insert into permit_workspaces as have (permit, kind, state, network, volumes)
  select p.id, w.kind, w.state, w.network, w.volumes from (
    select w.kind, case when p.stopped and w.state = 'running' then 'stopped' else w.state end as state, w.network,
      case when w.kind = 'ingress' then (
        select coalesce(jsonb_agg(jsonb_build_object('path', '/upload/' || x.login, 'mode', 'write-only') order by x.login), '[]')
        from permit_team t join people x on x.id = t.person where t.permit = p.id and t.role = 'data_holder' and t.ended_at is null)
        else w.volumes end as volumes
    from permit_wants() w where w.status = p.status
    union all
    -- What is not named goes; of what is revoked, what there was stays as evidence, with no data mounted.
    select h.kind, case when p.status = 'REVOKED' and h.state <> 'absent' then 'stopped' else 'absent' end, 'none',
      case when p.status = 'REVOKED' then (select coalesce(jsonb_agg(v || '{"mode": "evidence"}'), '[]') from jsonb_array_elements(h.volumes) v) else '[]' end
    from permit_workspaces h where h.permit = p.id and not exists (select from permit_wants() w where w.status = p.status and w.kind = h.kind)) w
  on conflict (permit, kind) do update set state = excluded.state, network = excluded.network, volumes = excluded.volumes, generation = have.generation + 1
  where (have.state, have.network, have.volumes) is distinct from (excluded.state, excluded.network, excluded.volumes);
end $$;

create or replace function exeat.switch_why_not(v exeat.permit_view) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits := v.p;
begin
  return case when not v.roles && '{investigator,member}' then because('not_on_team', format('Only the research team may start and stop its workspace (%s).',
      who_on(v.holders, '{investigator,member}', v.login)))
    when not exists (select from permit_wants() w where w.status = p.status and w.kind = 'workspace' and w.state = 'running')
      then because('not_pending', format('It is %s: there is no workspace to start or stop.', status_words(p.status))) end;
end $$;

create or replace function exeat.do_switch_workspace(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_permit(me.person, q);
  p permits := got.p;
  subject text := 'permit:' || p.id;
  halt bool := not (q->>'running')::bool;
  why refusal := got.why;
begin
  if why is null then why := switch_why_not(got.v); end if;
  if why is not null then return refuse(why, subject, got.of_project, p.row_version); end if;
  if p.stopped = halt then
    return done(case when halt then 'It is stopped already.' else 'It runs already.' end, p.row_version, null, subject, got.of_project);
  end if;
  update permits x set stopped = halt where x.id = p.id;
  perform want_workspaces(p.id);
  return done(case when halt then 'The workspace is to stop.' else 'The workspace is to run.' end,
    touch_permit(p.id, me.person, case when halt then 'workspace stopped' else 'workspace started' end), null, subject, got.of_project);
end $$;

create or replace function exeat.report_why_not(v exeat.permit_view) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits := v.p;
begin
  return case when not v.roles && '{permit_manager,setup_engineer}' then because('not_on_team', format('Only its setup engineer and permit managers report '
    'what its workspaces are (%s).', who_on(v.holders, '{permit_manager,setup_engineer}', v.login))) end;
end $$;

create or replace function exeat.do_report_workspace(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_permit(me.person, q);
  p permits := got.p;
  subject text := 'permit:' || p.id;
  w permit_workspaces;
  why refusal := got.why;
begin
  if why is null then why := report_why_not(got.v); end if;
  select * into w from permit_workspaces x where x.permit = p.id and x.kind = q->>'kind';
  if why is null then
    why := case when w.kind is null then because('not_found', format('It has no workspace of the kind %s.', coalesce(quoted(q->>'kind'), '(none named)')))
      when q->>'state' not in ('running', 'frozen', 'stopped', 'absent', 'failed')
        then because('invalid', 'What is reported is running, frozen, stopped, absent or failed.')
      when (q->>'generation')::bigint not between 1 and w.generation
        then because('invalid', format('Its generation is %s: report that one, or an earlier one.', w.generation))
      when (q->>'generation')::bigint < w.reported_generation then because('superseded', format('Generation %s was reported already.', w.reported_generation))
      else words_why_not(q->>'detail', 'detail') end;
  end if;
  if why is not null then return refuse(why, subject, got.of_project, p.row_version); end if;
  update permit_workspaces x set reported_state = q->>'state', reported_generation = (q->>'generation')::bigint, reported_detail = q->>'detail',
    reported_at = clock_timestamp() where x.permit = p.id and x.kind = w.kind;
  -- A report is no step of the permit: nobody's open dialog closes for it.
  perform tell_of_permit(p, 'workspace reported');
  return done(format('Noted: %s is %s.', w.kind, q->>'state'), p.row_version, null, subject, got.of_project);
end $$;

create or replace function exeat.output_why_not(v exeat.permit_view) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  p permits := v.p;
begin
  return case when not v.roles && '{investigator,member}' then because('not_on_team', format('Only the research team may submit outputs (%s).',
      who_on(v.holders, '{investigator,member}', v.login)))
    when p.status <> 'ANALYSIS_ACTIVE' then because('not_pending', format('It is %s; outputs come out of an active analysis.', status_words(p.status))) end;
end $$;

create or replace function exeat.do_submit_output(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_permit(me.person, q);
  p permits := got.p;
  subject text := 'permit:' || p.id;
  folder_key bytea := convert_to(rtrim(q->>'folder', '/') || '/', 'UTF8');
  o permit_outputs;
  files bigint[];
  why refusal := got.why;
begin
  if why is null then why := output_why_not(got.v); end if;
  if why is null then why := words_why_not(q->>'description', 'description', 'Say what it is: an output needs a description.'); end if;
  if why is null and length(q->>'folder') not between 1 and 1000 then
    why := because('invalid', 'The folder has 1 to 1,000 characters.');
  end if;
  if why is null and q ? 'output' then
    select * into o from permit_outputs x where x.permit = p.id and x.number = (q->>'output')::bigint;
    why := case when o.id is null then because('not_found', format('It has no output %s.', q->>'output'))
      when o.status <> 'EGRESS_REWORK' then because('not_pending', format('Output %s is %s: only one in rework is submitted again.', o.number,
        status_words(o.status))) end;
  end if;
  files := array(select v.id from file_versions v where v.project = p.project and v.newest and v.gone_at is null
    and v.key >= folder_key and substr(v.key, 1, octet_length(folder_key)) = folder_key
    and v.state not in ('withdrawn', 'superseded', 'altered') order by v.id limit 1001);
  if why is null then
    why := case when cardinality(files) = 0 then because('not_found', format('No file of the project lies in %s. Submit the files first.',
        quoted(q->>'folder')))
      when cardinality(files) > 1000 then because('too_large', 'More than 1,000 files lie in it. Choose a smaller folder.')
      when exists (select from file_versions v where v.id = any (files) and v.state = 'blocked')
        then because('blocked', 'A file in it is blocked, so it cannot be decided. Take it out first.')
      when exists (select from permit_output_files f join permit_outputs x on x.id = f.output and x.decided_at is null where f.version = any (files))
        then because('key_taken', 'A file in it is part of another output that is under review. A file is in one at most.') end;
  end if;
  if why is not null then return refuse(why, subject, got.of_project, p.row_version); end if;
  if o.id is null then
    insert into permit_outputs (permit, number, folder, description, status, submitted_by)
    values (p.id, 1 + coalesce((select max(x.number) from permit_outputs x where x.permit = p.id), 0), q->>'folder', q->>'description', 'EGRESS_REVIEW_PENDING',
      me.person) returning * into o;
  else
    update permit_outputs x set version = x.version + 1, folder = q->>'folder', description = q->>'description', status = 'EGRESS_REVIEW_PENDING',
      submitted_by = me.person, submitted_at = clock_timestamp(), decided_at = null, reason = '' where x.id = o.id returning * into o;
    delete from permit_output_files f where f.output = o.id;
  end if;
  insert into permit_output_files select o.id, f from unnest(files) f;
  perform enqueue('permit.egress.submitted', subject, output_message(p, o));
  return done(format('Output %s, version %s: %s files wait for their votes.', o.number, o.version, cardinality(files)),
    touch_permit(p.id, me.person, 'output submitted'), jsonb_build_object('permit', p.id::text, 'output', o.number, 'version', o.version), subject,
      got.of_project);
end $$;

create or replace function exeat.output_message(p exeat.permits, o exeat.permit_outputs) returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select exeat.permit_message(p) || jsonb_build_object('output', o.number, 'version', o.version, 'folder', o.folder, 'status', o.status, 'reason', o.reason)
$$;

-- What the votes made of an output: null while they are open, else its status. Approved is what is on its way out, whole; back goes what has
-- one file that nobody can approve any more, or for which somebody asked for changes.
create or replace function exeat.output_verdict(p_output bigint) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select case when bool_or(v.state in ('changes_requested', 'rejected', 'recalled', 'altered', 'superseded', 'withdrawn', 'blocked'))
        then 'EGRESS_REWORK'
      when bool_and(v.state in ('releasing', 'released')) then 'EGRESS_APPROVED' end
    from permit_output_files f join file_versions v on v.id = f.version where f.output = p_output);
end $$;

-- The worker: outputs whose votes are over. How many.
create or replace function exeat.settle_outputs() returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  o permit_outputs;
  p permits;
  verdict text;
  n int := 0;
begin
  for o in select * from permit_outputs x where x.decided_at is null and output_verdict(x.id) is not null order by x.id loop
    select * into p from permits x where x.id = o.permit for no key update skip locked;
    continue when p.id is null;
    -- It may have been decided before the lock was ours.
    verdict := (select output_verdict(x.id) from permit_outputs x where x.id = o.id and x.decided_at is null);
    continue when verdict is null;
    update permit_outputs x set status = verdict, decided_at = clock_timestamp(), reason = case when verdict = 'EGRESS_REWORK' then coalesce((
      select left(vo.comment, 10000) from permit_output_files f join votes vo on vo.version = f.version and vo.standing and vo.kind <> 'approve'
      where f.output = o.id order by vo.at desc limit 1), 'A file of it can no longer be approved.') else '' end where x.id = o.id returning * into o;
    perform enqueue(case verdict when 'EGRESS_APPROVED' then 'permit.egress.approved' else 'permit.egress.rework_requested' end, 'permit:' || p.id,
      output_message(p, o));
    perform touch_permit(p.id, null, 'output decided');
    perform worker_journal('settle_outputs', jsonb_build_object('permit', p.id, 'output', o.number, 'reason', o.reason),
      done(format('Output %s of %s is %s.', o.number, p.reference, status_words(verdict)), null, null, 'permit:' || p.id,
        (select name from projects where id = p.project)));
    n := n + 1;
  end loop;
  return n;
end $$;
reset role;
