-- Who may call what, and that nobody reads or writes a table: all of it, in one place. tests/rules/catalogue.rs compares the catalogue with its own table.
-- Only what is missing is done: a migration that has nothing to change takes no lock that anybody's vote or list would wait for.
set role exeat_owner;

do $$
declare
  f record;
  person text[] := array(select jsonb_object_keys(exeat.command_specs())) || array['schema_number', 'whoami', 'my_projects', 'command', 'ticket_answer',
    'submission_state', 'refresh_answer', 'read', 'changes_since', 'last_change', 'note_seen',
    'list_projects', 'list_people', 'list_policies', 'list_memberships', 'system_status', 'deliveries_waiting',
    'list_settings', 'list_services', 'list_credentials', 'list_keys', 'list_renewals', 'list_ivas', 'list_datasets', 'request_defaults', 'access_check',
    'journal_page', 'journal_rows', 'journal_unsealed', 'journal_heads', 'journal_heads_after', 'journal_releases', 'journal_cases'];
  service text[] := array['schema_number', 'last_change', 'command_for', 'read_for', 'ticket_answer_for', 'refresh_answer_for', 'submission_state_for',
    'changes_since_for', 'credential', 'system_status', 'portal_people', 'portal_roles', 'portal_location', 'portal_files', 'portal_events',
    'portal_access', 'portal_defaults', 'portal_output', 'note_seen_for'];
  worker text[] := array['schema_number', 'whoami', 'changes_since', 'last_change', 'system_status', 'worker_beat', 'open_tickets', 'answer_ticket',
    'refuse_ticket', 'expire_tickets', 'intake_projects', 'project_fault', 'intake_known', 'intake_register', 'intake_missing', 'open_refreshes',
    'finish_refresh', 'end_idle_sessions', 'end_blocking_sessions', 'lapse_votes', 'pause_permits', 'settle_outputs', 'bind_registrations', 'keep_refusals',
    'refreshes_begun', 'claim_release', 'renew_lease', 'release_state', 'finish_release', 'fail_release', 'foreign_object', 'open_recalls', 'finish_recall',
    'last_seal', 'unsealed_journal', 'add_seals', 'add_head', 'last_head', 'take_delivery', 'finish_delivery', 'fail_delivery', 'unchecked_signatures',
    'note_signature', 'unproved', 'sealed_rows', 'change_key'];
begin
  for f in
    select p.oid::regprocedure as name, w.wanted from pg_proc p
    cross join lateral (select array(select r from unnest(array[case when p.proname = any (person) then 'exeat_person' end,
      case when p.proname = any (service) then 'exeat_service' end, case when p.proname = any (worker) then 'exeat_worker' end]) r
        where r is not null)) w (wanted)
    where p.pronamespace = 'exeat'::regnamespace and w.wanted is distinct from array(
      select n.name || case when a.is_grantable then ' for others' else '' end from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
      left join pg_roles g on g.oid = a.grantee cross join lateral (select coalesce(g.rolname::text, 'public')) n (name)
      where n.name in ('exeat_person', 'exeat_service', 'exeat_worker', 'public') order by n.name collate "C")
  loop
    execute format('revoke all on function %s from public, exeat_person, exeat_service, exeat_worker', f.name);
    if cardinality(f.wanted) > 0 then execute format('grant execute on function %s to %s', f.name, array_to_string(f.wanted, ', ')); end if;
  end loop;
end $$;

-- Nobody reads a table: a comparison that cannot leak is evaluated before a policy's condition, and EXPLAIN ANALYZE then tells whether any
-- row of any project passed it. People read through the functions above, whose plans nobody is shown.
do $$
declare
  t record;
begin
  for t in
    select c.oid::regclass as name, case c.relkind when 'S' then 'sequence' else 'table' end as what from pg_class c
    where c.relnamespace = 'exeat'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and exists (
      select from (select c.relacl as acl union all select a.attacl from pg_attribute a where a.attrelid = c.oid and a.attacl is not null) x,
        aclexplode(x.acl) g where g.grantee in (0, 'exeat_person'::regrole, 'exeat_service'::regrole, 'exeat_worker'::regrole))
  loop
    execute format('revoke all on %s %s from public, exeat_person, exeat_service, exeat_worker', t.what, t.name);
  end loop;
end $$;

-- The second wall, should a site grant what it should not: row by row, what one may see. The scalar subquery is evaluated once a
-- statement, a plain call once a row.
do $$
declare
  t record;
begin
  for t in
    select c.oid::regclass as name, c.relrowsecurity as walled, o.oid is not null as has, x.said as wanted,
      o.polpermissive and o.polcmd = 'r' and o.polroles = array['exeat_person'::regrole::oid]
        and pg_get_expr(o.polqual, o.polrelid) = format('(%s = ANY (( SELECT exeat.my_projects() AS my_projects)::integer[]))', x.said) as good
    from unnest(array['projects', 'file_versions', 'cases', 'votes', 'comments']) n (name)
    join pg_class c on c.relname = n.name and c.relnamespace = 'exeat'::regnamespace
    cross join lateral (select case n.name when 'projects' then 'id' else 'project' end) x (said)
    left join pg_policy o on o.polrelid = c.oid and o.polname = 'members'
  loop
    if not t.walled then execute format('alter table %s enable row level security', t.name); end if;
    continue when t.good;
    if t.has then execute format('drop policy members on %s', t.name); end if;
    execute format('create policy members on %s for select to exeat_person using (%s = any ((select exeat.my_projects())::int[]))', t.name, t.wanted);
  end loop;
end $$;
reset role;

-- What PostgreSQL lets everybody do that nobody here needs. Large objects and messages to replicas fill the disk or the log; the counts of
-- rows, sizes, locks, sessions and written bytes tell of what one may not see. Who watches the server has the role pg_read_all_stats (pg_monitor).
do $$
declare
  f record;
begin
  for f in
    select p.oid::regprocedure as name, p.proname ~ '^(lo|pg_logical)' as filling from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and has_function_privilege('public', p.oid, 'execute') and (p.proname ~ '^pg_stat_get_'
      or p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lowrite', 'lo_open', 'lo_truncate', 'lo_truncate64', 'lo_import', 'lo_export',
      'pg_logical_emit_message', 'pg_relation_size', 'pg_table_size', 'pg_total_relation_size', 'pg_indexes_size', 'pg_database_size', 'pg_tablespace_size',
      'pg_lock_status', 'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'pg_isolation_test_session_is_blocked', 'pg_get_multixact_members',
      'pg_prepared_xact', 'pg_current_wal_lsn', 'pg_current_wal_insert_lsn', 'pg_current_wal_flush_lsn', 'pg_control_checkpoint',
      'pg_get_replication_slots', 'pg_notification_queue_usage'))
  loop
    execute format('revoke execute on function %s from public', f.name);
    if not f.filling then execute format('grant execute on function %s to pg_read_all_stats', f.name); end if;
  end loop;
  -- For each process; only a superuser can raise it (exeat db migrate does for itself).
  if not exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = current_database() and s.setrole = 0
    and 'temp_file_limit=1GB' = any (s.setconfig)) then
    execute format('alter database %I set temp_file_limit = %L', current_database(), '1GB');
  end if;
end $$;
