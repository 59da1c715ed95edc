-- Sessions of people that hold up everybody else: found, ended, and journalled with whose they were. Granted to exeat_worker only.
-- Never the worker's own sessions nor a superuser's, and none of another database of the cluster.
set role exeat_owner;

-- The sessions of people here: by their group, or by a login that belongs to somebody. `age`: how long the transaction is open;
-- `waits`: whether the session itself waits for a lock (an advisory one does not count: nothing here takes any, so that wait is its own choice).
create or replace function exeat.sessions_of_people() returns table (pid int, role text, person text, state text, since interval, age interval, writes bool,
  waits bool, sends bool)
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select a.pid, a.usename::text, p.login, a.state, clock_timestamp() - a.state_change, clock_timestamp() - a.xact_start, a.backend_xid is not null,
    coalesce(a.wait_event_type = 'Lock' and a.wait_event <> 'advisory', false), coalesce(a.wait_event = 'ClientWrite', false)
  from pg_stat_activity a join pg_roles r on r.oid = a.usesysid left join logins l on l.role = a.usename::text left join people p on p.id = l.person
  where a.datname = current_database() and not r.rolsuper and not pg_has_role(r.oid, 'exeat_worker', 'usage')
    and (pg_has_role(r.oid, 'exeat_person', 'usage') or pg_has_role(r.oid, 'exeat_service', 'usage') or l.role is not null)
$$;

-- Ends one of them and says so in the journal. False: it had gone by itself.
create or replace function exeat.end_session(p_pid int, p_role text, p_person text, p_why text, p_facts jsonb) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if not pg_terminate_backend(p_pid) then return false; end if;
  perform worker_journal('end_session', jsonb_build_object('pid', p_pid, 'role', p_role) || p_facts,
    done(format('Ended a session of %s: %s', coalesce(p_person, p_role), p_why), null, null, 'person:' || p_person));
  return true;
end $$;

-- Who waits for whom: whatever waits for rows or a table, with the sessions that hold them or stand before it in the queue. (Waits for a
-- longer file, or for another's commit, are PostgreSQL's own and over by themselves.)
create or replace function exeat.lock_waits() returns table (waiter int, role text, lock text, blocker int)
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  -- Materialized: the question for blockers stops all locking for a moment, so it is put for those who wait and no others.
  with waiting as materialized (select a.pid, a.usename::text as role, a.wait_event as lock from pg_stat_activity a
    where a.datname = current_database() and a.wait_event_type = 'Lock' and a.wait_event in ('transactionid', 'tuple', 'relation'))
  select w.pid, w.role, w.lock, b from waiting w cross join unnest(pg_blocking_pids(w.pid)) b
$$;

-- Ends the sessions of people that others wait for now and whose transaction is `seconds` old. That is how "since two seconds" is judged: a
-- command waits for a lock for 1.5 s at most and answers `busy`, so no single wait ever lasts that long, while a command of exeat's own programs
-- is one transaction of its own and over in milliseconds. Who waits in turn is left out, for that is how the honest ones stand in the queue
-- before others; but no command waits until its transaction is `patience` old, so that is the end for them too: else two sessions of one
-- person, the one always waiting for the other, would hold every file for good. And who lets go and takes again before anybody wakes has
-- no old transaction either: a login that others waited for in four of the last eight looks is taken for one that holds all the while.
create or replace function exeat.end_blocking_sessions(seconds float8 default 2, patience float8 default 5) returns table (pid int, role text, person text)
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  s record;
  look timestamptz := date_bin('500 milliseconds', clock_timestamp(), '2000-01-01');
begin
  delete from holders where at <= look - interval '4 seconds';
  insert into holders (role, at) select distinct p.role, look from sessions_of_people() p join lock_waits() x on x.blocker = p.pid
  where not p.waits on conflict do nothing;
  for s in
    select p.pid, p.role, p.person, round(extract(epoch from p.age), 1) as age, w.waiting, w.n,
      (select count(*) from holders h where h.role = p.role) >= 4 as again,
      case when 'relation' = any (w.locks) then 'a table' else 'rows' end as what
    from sessions_of_people() p join (select x.blocker, array_agg(distinct x.role order by x.role) as waiting, count(distinct x.waiter) as n,
        array_agg(x.lock) as locks from lock_waits() x group by 1) w on w.blocker = p.pid
    where p.age >= make_interval(secs => case when p.waits then patience else seconds end)
      or not p.waits and (select count(*) from holders h where h.role = p.role) >= 4
  loop
    if end_session(s.pid, s.role, s.person, format('it held %s that %s waited for, %s.', s.what,
      case s.n when 1 then 'one other session' else s.n || ' other sessions' end,
      case when s.again then 'again and again' else format('in a transaction open for %s seconds', s.age) end),
      jsonb_build_object('seconds', s.age, 'held', s.what, 'waiting', to_jsonb(s.waiting[:20])))
    then
      pid := s.pid;
      role := s.role;
      person := s.person;
      return next;
    end if;
  end loop;
end $$;

-- Ends sessions of people whose transaction has been idle for so long, has written and is that old whatever it does (it may hold a
-- file's lock), or has only read and is ten times as old. A reader in a transaction, or one that takes nothing from its socket, also keeps
-- the queue of notifications from being emptied, and once that is full nobody gets a ticket or a refresh: where it fills, five seconds are long.
-- Returns how many.
drop function if exists exeat.end_idle_sessions(int);
create or replace function exeat.end_idle_sessions(seconds int, fullest float8 default 0.1) returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  filling bool := pg_notification_queue_usage() > fullest;
  long interval := make_interval(secs => seconds);
  short interval := make_interval(secs => least(seconds, 5));
  s record;
  n int := 0;
begin
  for s in
    select p.pid, p.role, p.person, coalesce(p.age, p.since) as age, case
      when p.state in ('idle in transaction', 'idle in transaction (aborted)') and p.since > long then 'its transaction was left open with nothing to do'
      when p.age > case when p.writes then long else 10 * long end then 'its transaction was open too long'
      when filling and (p.age > short or p.sends and p.since > short) then 'it kept the queue of notifications from being emptied'
      end as why
    from sessions_of_people() p
  loop
    continue when s.why is null;
    if end_session(s.pid, s.role, s.person, s.why || format(', for %s seconds.', round(extract(epoch from s.age), 1)),
      jsonb_build_object('seconds', round(extract(epoch from s.age), 1)))
    then
      n := n + 1;
    end if;
  end loop;
  return n;
end $$;
reset role;
