-- So many access requests (:upto), one in two hundred pending, two thirds of the rest allowed, and the grants that came of them.
set session_replication_role = replica;
set synchronous_commit = off;
with people as (select array_agg(id order by id) as ids from exeat.people where login like 'researcher%'),
  datasets as (select array_agg(id order by id) as ids from exeat.datasets where removed_at is null)
insert into exeat.access_requests (person, dataset, dataset_title, dataset_description, dac_alias, dac_email, email, request_text, access_starts, access_ends,
    created_at, status, status_changed, changed_by)
select who, d.id, d.title, d.description, d.dac_alias, d.dac_email, 'requester@example.org', 'Access to the data behind paper ' || n, at, at + interval '1 year', at,
  case when n % 200 = 0 then 'pending' when n % 3 = 0 then 'denied' else 'allowed' end, case when n % 200 <> 0 then at + interval '1 day' end, who
from generate_series(1, :upto) n, people, datasets,
  lateral (select people.ids[1 + n % cardinality(people.ids)] as who, datasets.ids[1 + n * 7 % cardinality(datasets.ids)] as dataset,
    clock_timestamp() - make_interval(mins => n * 7919 % 500000, secs => n % 60) as at) x
  join exeat.datasets d on d.id = x.dataset;
insert into exeat.grants (person, dataset, valid_from, valid_until, request, created_at, created_by)
select r.person, r.dataset, r.access_starts, r.access_ends, r.id, r.status_changed, r.changed_by
from exeat.access_requests r where r.status = 'allowed' and not exists (select from exeat.grants g where g.request = r.id);
