-- The commands people have, and the one way in to them.
set role exeat_owner;

create or replace function exeat.command_list() returns text[]
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select array['cast_vote', 'undo_vote', 'withdraw', 'withdraw_submission', 'recall', 'restore', 'claim', 'unclaim', 'add_comment', 'register_submission',
    'ask_upload', 'ask_ticket', 'end_download', 'ask_refresh', 'new_request', 'edit_request', 'allow_request', 'deny_request', 'claim_request', 'unclaim_request',
    'comment_request', 'add_grant', 'amend_grant', 'revoke_grant', 'add_person', 'add_login', 'add_membership', 'end_membership', 'add_project', 'pause_project',
    'resume_project', 'set_policy', 'confirm_policy', 'set_setting', 'sync_people', 'sync_datasets', 'set_iva']
$$;

create or replace function exeat.command(id uuid, name text, request jsonb) returns exeat.answer
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if name = any (command_list()) then return run(id, name, request); end if;
  return row(false, 'invalid', format('There is no command %s.', quoted(name)), null, null)::answer;
end $$;
reset role;
