-- Data permits, up to :upto where there are :there, with their teams, datasets, grants, logs and workspaces: nine in ten are over, the rest in every status.
-- The same people are on all of them, so that the tab of each has as many rows as there can be. Nothing here is a command's work.
set session_replication_role = replica;
set synchronous_commit = off;
with heart as (select id from exeat.projects where name = 'heart'), by as (select id from exeat.people where login = 'manager1'),
  datasets as (select array_agg(id order by id) as ids from exeat.datasets where removed_at is null),
  statuses as (select array_agg(distinct s.status) filter (where s.stage <> 'over') as ids from exeat.permit_stages() s),
  made as (
    insert into exeat.permits (reference, project, title, purpose, created_at, created_by, valid_from, valid_until, status, status_since, touched_by)
    select 'BULK-' || n, heart.id, 'Data behind paper ' || n, 'Readmission rates by ward. ' || repeat('As extracted. ', 20), at, by.id, at,
      clock_timestamp() + make_interval(days => (n % 700)::int),
      case when n % 10 = 0 then statuses.ids[1 + (n / 10)::int % cardinality(statuses.ids)] else 'ARCHIVED' end, at, by.id
    from generate_series(:there + 1, :upto) n, heart, by, statuses,
      lateral (select clock_timestamp() - make_interval(mins => n * 7919 % 500000, secs => n % 60) as at) x returning id, status, status_since, created_by),
  team as (
    insert into exeat.permit_team (permit, person, role, rests_on, added_by)
    select m.id, p.id, r.role, r.rests_on, m.created_by
    from made m, (values ('researcher1', 'investigator'), ('researcher2', 'member'), ('manager1', 'manager'), ('preparator1', 'preparator'),
        ('datareviewer1', 'data_reviewer'), ('engineer1', 'setup_engineer'), ('setupreviewer1', 'setup_reviewer'), ('checker1', 'egress_reviewer'),
        ('holder1', 'data_holder'), ('holder2', 'data_holder')) t (login, role)
      join exeat.people p on p.login = t.login join exeat.permit_roles() r on r.role = t.role),
  data as (insert into exeat.permit_datasets select distinct m.id, d.ids[1 + (m.id + n) % cardinality(d.ids)] from made m, datasets d, generate_series(1, 2) n),
  log as (
    insert into exeat.permit_states (permit, at, previous, status, move, actor, version)
    select m.id, m.status_since - make_interval(days => 9 - n::int), null, m.status, 'issue', m.created_by, n from made m, generate_series(1, 9) n)
insert into exeat.permit_workspaces (permit, kind, state, network, volumes)
select m.id, w.kind, w.state, w.network, w.volumes from made m join exeat.permit_wants() w on w.status = m.status;
