-- Who may call what, and that nobody reads or writes a table: all of it, in one place. tests/rules/catalogue.rs compares the catalogue with its own table.
set role exeat_owner;

do $$
declare
  f regprocedure;
  person text[] := array['schema_number', 'whoami', 'my_projects', 'register_submission', 'ask_upload', 'ask_ticket', 'ticket_answer', 'end_download', 'submission_state',
    'cast_vote', 'undo_vote', 'withdraw', 'claim', 'unclaim', 'add_comment', 'ask_refresh', 'refresh_answer', 'recall', 'restore',
    'add_person', 'add_login', 'add_membership', 'end_membership', 'add_project', 'set_policy', 'confirm_policy',
    'list_egress', 'count_egress', 'egress_rows', 'egress_votes', 'egress_comments', 'egress_history', 'changes_since', 'last_change',
    'list_projects', 'list_people', 'list_policies', 'list_memberships', 'system_status', 'deliveries_waiting',
    'set_setting', 'list_settings', 'sync_people', 'sync_datasets', 'set_iva', 'list_ivas', 'list_datasets', 'new_request', 'edit_request', 'allow_request', 'deny_request',
    'claim_request', 'unclaim_request', 'comment_request', 'request_defaults', 'add_grant', 'amend_grant', 'revoke_grant', 'access_check', 'list_requests', 'count_requests', 'request_rows',
    'list_grants', 'count_grants', 'grant_rows', 'access_history', 'request_comments_of',
    'journal_page', 'journal_rows', 'journal_unsealed', 'journal_heads'];
  worker text[] := array['schema_number', 'whoami', 'changes_since', 'last_change', 'system_status', 'worker_beat', 'open_tickets', 'answer_ticket', 'refuse_ticket', 'expire_tickets',
    'intake_projects', 'intake_known', 'intake_register', 'intake_missing', 'open_refreshes', 'finish_refresh', 'end_idle_sessions', 'end_blocking_sessions',
    'lapse_votes', 'claim_release', 'renew_lease', 'release_state', 'finish_release', 'fail_release', 'open_recalls', 'finish_recall',
    'last_seal', 'unsealed_journal', 'add_seals', 'add_head', 'last_head', 'take_delivery', 'finish_delivery', 'fail_delivery'];
begin
  for f in select oid from pg_proc where pronamespace = 'exeat'::regnamespace loop
    execute format('revoke all on function %s from public, exeat_person, exeat_worker', f);
    if (select proname = any (person) from pg_proc where oid = f) then execute format('grant execute on function %s to exeat_person', f); end if;
    if (select proname = any (worker) from pg_proc where oid = f) then execute format('grant execute on function %s to exeat_worker', f); end if;
  end loop;
end $$;

-- Nobody reads a table: a comparison that cannot leak is evaluated before a policy's condition, and EXPLAIN ANALYZE then tells whether any
-- row of any project passed it. People read through the functions above, whose plans nobody is shown.
revoke all on all tables in schema exeat from public, exeat_person, exeat_worker;
revoke all on all sequences in schema exeat from public, exeat_person, exeat_worker;

-- The second wall, should a site grant what it should not: row by row, what one may see. The scalar subquery is evaluated once a
-- statement, a plain call once a row.
do $$
declare
  t text;
begin
  foreach t in array array['projects', 'file_versions', 'cases', 'votes', 'comments'] loop
    execute format('alter table exeat.%I enable row level security', t);
    if exists (select from pg_policies where schemaname = 'exeat' and tablename = t) then execute format('drop policy members on exeat.%I', t); end if;
    execute format('create policy members on exeat.%I for select to exeat_person using (%s = any ((select exeat.my_projects())::int[]))',
      t, case t when 'projects' then 'id' else 'project' end);
  end loop;
end $$;
reset role;

-- What PostgreSQL lets everybody do that nobody here needs, and that fills the disk or the log: large objects and messages to replicas.
do $$
declare
  f regprocedure;
begin
  for f in select oid from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put',
      'lowrite', 'lo_open', 'lo_truncate', 'lo_truncate64', 'lo_import', 'lo_export', 'pg_logical_emit_message') loop
    execute format('revoke execute on function %s from public', f);
  end loop;
  -- For each process; only a superuser can raise it (exeat db migrate does for itself).
  execute format('alter database %I set temp_file_limit = %L', current_database(), '1GB');
end $$;
