-- What a proof of the releases reads (src/domain/replay): from when on everything it needs is journalled, and the rows it is held against.
set role exeat_owner;

-- Everything a count rests on beside the files, as it is now: people, places and policies that an exeat journalled less of.
create or replace function exeat.as_it_was() returns jsonb
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'logins', (select coalesce(jsonb_agg(jsonb_build_object('role', l.role, 'login', p.login)), '[]')
      from exeat.logins l join exeat.people p on p.id = l.person),
    'services', (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'role', role)), '[]') from exeat.services),
    'removed', (select coalesce(jsonb_agg(login), '[]') from exeat.people where removed_at is not null),
    'memberships', (select coalesce(jsonb_agg(jsonb_build_object('membership', m.id::text, 'login', p.login, 'project', pr.name, 'role', m.role,
        'valid_from', exeat.journal_time(m.valid_from), 'valid_until', exeat.journal_time(m.valid_until), 'ended', m.ended_at is not null) order by m.id), '[]')
      from exeat.memberships m join exeat.people p on p.id = m.person left join exeat.projects pr on pr.id = m.project),
    'projects', (select coalesce(jsonb_agg(jsonb_build_object('project', name, 'bucket', shared_bucket, 'prefix', shared_prefix)), '[]') from exeat.projects
      where opened_at is not null),
    'policies', (select coalesce(jsonb_agg(jsonb_build_object('policy', o.id::text, 'project', pr.name, 'destination', o.destination, 'state', o.state,
        'proposed_by', p.login, 'values', exeat.policy_values(o)) order by o.id), '[]')
      from exeat.policies o join exeat.projects pr on pr.id = o.project left join exeat.people p on p.id = o.proposed_by))
$$;

-- Journals each version that may still be decided as it is: its bytes, who submitted them, its votes.
create or replace function exeat.take_over_versions() returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  with entry as (
    insert into exeat.journal (person, session_role, command, subject, project, request, ok, code, sentence)
    select null, session_user::text, 'take_over', 'version:' || v.id, p.name,
      jsonb_build_object('version', v.id::text, 'sha256', encode(v.sha256, 'hex'),
        'size', v.size, 'blocked', v.blocked_reason, 'key_sha256', encode(sha256(v.key), 'hex'), 'origin_unknown', v.origin_unknown,
        'registered_by', exeat.registered_by(v.project, v.key, v.sha256),
        'cases', (select coalesce(jsonb_agg(exeat.case_standing(c.id) || jsonb_build_object('votes', (
            select coalesce(jsonb_agg(jsonb_build_object('voter', q.login, 'kind', o.kind, 'policy', o.policy::text, 'via', o.via is not null)
              order by o.id), '[]')
            from exeat.votes o join exeat.people q on q.id = o.voter where o.case_id = c.id and o.standing and o.sha256 = v.sha256))), '[]')
          from exeat.cases c where c.version = v.id))::text,
      true, 'done', 'Taken over as it was.'
    from exeat.file_versions v join exeat.projects p on p.id = v.project
    where v.sha256 is not null and v.newest and v.gone_at is null order by v.id
    returning id)
  insert into exeat.unsealed (journal_id) select id from entry
$$;

-- Journals which schema the database has by now; for a migration, in its transaction. With the first one the proof begins: what was
-- before is taken over as it was, while nobody writes.
create or replace function exeat.migrated(p_number int) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  earlier int := (select (j.request::jsonb->>'number')::int from journal j where j.subject = 'database' and j.command = 'migrate' order by j.id desc limit 1);
begin
  if earlier = p_number then return; end if;
  perform write_journal(null, 'migrate', null, jsonb_build_object('number', p_number),
    done(format('The database has schema %s.', p_number), null, case when earlier is null then as_it_was() end, 'database'));
  if earlier is null then perform take_over_versions(); end if;
end $$;

-- Every release, to be held against its sealed claim and finish; for auditors and administrators.
create or replace function exeat.journal_releases("after" bigint, page int default 1000)
returns table (number bigint, release uuid, version bigint, destination text, state text, bucket text, key_hex text, record_key text, record text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select r.number, r.id, r.version, r.destination, r.state, r.shared_bucket, encode(r.shared_key, 'hex'), r.record_key, r.record::text
  from exeat.releases r where r.number > "after" and (select exeat.sees_people()) order by r.number limit least(greatest(page, 1), 1000)
$$;

-- Every case that is on its way, out, or was; for the same.
create or replace function exeat.journal_cases("after" bigint, page int default 10000)
returns table (id bigint, version bigint, destination text, state text)
language sql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  select c.id, c.version, c.destination, c.state from exeat.cases c
  where c.id > "after" and c.state in ('releasing', 'released', 'recalled') and (select exeat.sees_people()) order by c.id limit least(greatest(page, 1), 10000)
$$;
reset role;
