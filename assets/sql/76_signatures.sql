-- The worker and signatures: which wait to be looked at, and what it found.
set role exeat_owner;

-- What waits, oldest first, each with what the vote itself says: the worker composes the line from that and not from the text.
create or replace function exeat.unchecked_signatures()
returns table (vote bigint, site uuid, person text, command_id uuid, kind text, project text, destination text, policy int, version bigint, sha256 text,
  comment text, signed text, signature text, public_key text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select s.vote, exeat.site_id(), p.login, s.command_id, vo.kind, pr.name, c.destination, o.number, vo.version, encode(vo.sha256, 'hex'), vo.comment,
    s.signed, s.signature, k.public_key
  from vote_signatures s join votes vo on vo.id = s.vote join people p on p.id = vo.voter join projects pr on pr.id = vo.project
  join cases c on c.id = vo.case_id join policies o on o.id = vo.policy join signing_keys k on k.id = s.key
  where s.checked_at is null order by s.vote limit 100
$$;

-- Notes what a signature is worth, once, and counts the votes again. p_trust: where the worker knows the key from; p_why: why it is not good.
create or replace function exeat.note_signature(p_vote bigint, p_trust text, p_why text) returns bool
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms'
as $$
declare
  vo votes;
  c cases;
  about jsonb;
begin
  select * into vo from votes where id = p_vote;
  perform from file_versions v where v.id = vo.version for no key update;
  update vote_signatures s set checked_at = clock_timestamp(), good = p_why is null, trust = p_trust, why = p_why
  where s.vote = p_vote and s.checked_at is null;
  if not found then return false; end if;
  select * into c from cases where id = vo.case_id;
  about := jsonb_build_object('vote', p_vote, 'version', vo.version, 'destination', c.destination, 'voter', (select login from people where id = vo.voter),
    'trust', p_trust);
  if settle(vo.case_id, vo.voter) then
    perform touch(vo.version, null, 'signature checked');
    -- A proof of the release counts the hold from here.
    if (select x.state from cases x where x.id = c.id) <> c.state then perform recounted(c.id, c.state); end if;
  else perform changed(vo.project, null, 'egress', vo.version, 'signature checked');
  end if;
  if p_why is not null then perform enqueue('egress.alarm', 'version:' || vo.version, about); end if;
  perform worker_journal('check_signature', about, done(coalesce(format('The signature of a vote is not good: %s.', p_why), 'The signature of a vote is good.'),
    null, null, 'version:' || vo.version, (select name from projects where id = vo.project)));
  return true;
end $$;
reset role;
