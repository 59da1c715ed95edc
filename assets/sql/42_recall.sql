-- Recall stops downloads at once and ends every vote; two people open the case again, with none.
set role exeat_owner;

create or replace function exeat.do_recall(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_case(me.person, q);
  v file_versions := got.v;
  f facts := got.f;
  why refusal := got.why;
  subject text := 'version:' || v.id;
  made bigint;
  took jsonb;
begin
  if why is null then why := recall_why_not(f); end if;
  if why is null then why := words_why_not(q->>'reason', 'reason', 'Say why it is recalled.'); end if;
  if why is not null then return refuse(why, subject, f.project_name, v.row_version); end if;
  if f.state = 'releasing' then
    -- Nobody is at it: it ends here, and the worker takes away what it may have written. A claim of this moment is first.
    update releases r set state = 'failed', finished_at = clock_timestamp(), failure = coalesce(r.failure, 'It was recalled on its way.')
    where r.case_id = f.case_id and r.state = 'claimed' and r.lease_until <= clock_timestamp();
    if not found then return refuse('busy', 'A worker has just taken it up again. Try again in a moment.', subject, f.project_name, v.row_version); end if;
  end if;
  perform set_case(f.case_id, 'recalled', me.person);
  perform end_votes(f.case_id);
  update cases set restore_by = null where id = f.case_id;
  insert into recalls (case_id, release, recalled_by, reason)
  select f.case_id, r.id, me.person, q->>'reason' from releases r where r.case_id = f.case_id
    and r.state = case f.state when 'releasing' then 'failed' else 'done' end order by r.number desc limit 1
  returning id into made;
  update tickets set state = 'refused', url = null, refused = 'It was recalled.'
  where case_id = f.case_id and use = 'download' and state in ('open', 'answered');
  took := (select coalesce(jsonb_agg(distinct p.login), '[]') from downloads d join tickets t on t.id = d.ticket join people p on p.id = d.person
    where d.version = v.id and d.released and t.case_id = f.case_id);
  perform enqueue('egress.recalled', subject, jsonb_build_object('version', v.id, 'destination', f.destination));
  perform changed(v.project, null, 'recall', made, 'recalled');
  return done(format('Recalled from %s. Already taken by: %s.', f.destination,
    coalesce(nullif(array_to_string(array(select jsonb_array_elements_text(took)), ', '), ''), 'nobody')),
    touch(v.id, me.person, 'recalled'), jsonb_build_object('recall', made, 'destination', f.destination, 'state', 'recalled', 'taken_by', took), subject,
      f.project_name);
end $$;

-- The first call proposes, another person's confirms. Then it waits for votes as if nobody had ever cast one: a restored file leaves by
-- the same door as any other.
create or replace function exeat.do_restore(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  got record := the_case(me.person, q);
  v file_versions := got.v;
  f facts := got.f;
  why refusal := got.why;
  subject text := 'version:' || v.id;
begin
  if why is null then why := restore_why_not(f); end if;
  if why is null then why := words_why_not(q->>'reason', 'reason', 'Say why it is restored.'); end if;
  if why is not null then return refuse(why, subject, f.project_name, v.row_version); end if;
  -- A proposal of someone who may no longer make one is replaced by this one.
  if f.restore_by is null or not may_restore(f.restore_by, v.id) then
    update cases set restore_by = me.person where id = f.case_id;
    return done(format('Proposed. %s has to confirm with the same command.', case when f.is_checker then 'A second person'
      else format('A checker of %s (%s)', f.project_name, coalesce(other_checkers(f.project, me.person), 'an administrator has to add one')) end),
        touch(v.id, me.person, 'restore proposed'),
      jsonb_build_object('destination', f.destination, 'state', 'recalled', 'proposed', true), subject, f.project_name);
  end if;
  update recalls set restored_by = f.restore_by, confirmed_by = me.person, restored_at = clock_timestamp()
  where case_id = f.case_id and restored_at is null;
  perform set_case(f.case_id, 'pending', me.person);
  update cases set restore_by = null where id = f.case_id;
  perform settle(f.case_id, me.person);
  return done('Restored. It waits for votes again; none of before the recall counts.', touch(v.id, me.person, 'restored'),
    case_standing(f.case_id), subject, f.project_name);
end $$;

-- Lets a file be voted on for a destination nobody asked for: portals without submissions name one with the first vote. Who may is who could vote.
create or replace function exeat.do_ask_destination(me exeat.caller, q jsonb) returns exeat.outcome
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  v file_versions := lock_version(me.person, (q->>'version')::bigint);
  subject text := 'version:' || v.id;
  f facts;
  why refusal;
begin
  if v.id is null then return no_such('file version', q->>'version'); end if;
  select * into f from facts_of(me.person, array[v.id]) x order by x.destination is not distinct from q->>'destination' desc limit 1;
  if f.destination = q->>'destination' and f.state <> 'withdrawn' then
    return done(format('It waits for %s already.', f.destination), v.row_version, case_standing(f.case_id), subject, f.project_name);
  end if;
  f.case_id := coalesce(f.case_id, 0);
  f.destination := q->>'destination';
  f.state := case when f.blocked_reason is null then 'pending' else 'blocked' end;
  select o.approvals, o.largest_file into f.required, f.largest_file from policies o
  where o.project = f.project and o.destination = f.destination and o.state = 'active';
  why := vote_why_not(f, 'approve');
  if why is null then why := via_why_not(me, f); end if;
  if why is null and (not f.newest or f.gone) then
    why := because('superseded', 'Newer bytes came to this key, or the file was taken away. Look at the newest version.');
  end if;
  if why is null then why := open_case(v.id, f.destination, unannounced(f.project)); end if;
  if why is not null then return refuse(why, subject, f.project_name, v.row_version); end if;
  return done(format('It waits for votes for %s.', f.destination), touch(v.id, me.person, 'asked to go to ' || f.destination),
    case_standing((select c.id from cases c where c.version = v.id and c.destination = f.destination)), subject, f.project_name);
end $$;
reset role;
