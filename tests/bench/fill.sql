-- File versions :from + 1 to :upto of heart in submissions of fifty, one in :every of them waiting, the rest released long ago.
-- Nothing here is a command's work, so foreign keys are not looked up row by row.
set session_replication_role = replica;
set synchronous_commit = off;
with heart as (select id from exeat.projects where name = 'heart'),
  researchers as (select array_agg(distinct m.person) as ids from exeat.memberships m, heart where m.project = heart.id and m.role = 'researcher'),
  n as (select n, (n - 1) / 50 as batch, clock_timestamp() - make_interval(mins => (n * 7919 / 50 % 10000 * 50 + n % 50)::int) as at,
      convert_to('paper-' || (n - 1) / 50 % 977 || '/' || (array['regression', 'table', 'figure', 'cohort'])[1 + n % 4] || '_' || n
        || (array['.csv', '.csv', '.txt', '.html', '.json'])[1 + n % 5], 'UTF8') as key
    from generate_series(:from::bigint + 1, :upto) n),
  s as (insert into exeat.submissions (project, destination, purpose, submitted_by, created_at)
    select heart.id, 'trusted', 'Submission ' || batch || ': readmission rates by ward, tables of the paper. Counts are as extracted unless the name says otherwise.',
      researchers.ids[1 + batch % cardinality(researchers.ids)], min(n.at)
    from n, heart, researchers group by batch, heart.id, researchers.ids returning id, submitted_by, purpose),
  b as (select id, submitted_by, split_part(substr(purpose, 12), ':', 1)::bigint as batch from s),
  f as (insert into exeat.files (project, key) select heart.id, n.key from n, heart returning id, key),
  v as (
    insert into exeat.file_versions (file, project, number, key, search_text, etag, sha256, size, media_type, modified_at, submitted_at,
      submission, submitted_by, origin_unknown, state)
    select f.id, heart.id, 1, f.key, convert_from(f.key, 'UTF8') || ' readmission rates by ward', md5(f.key), sha256(f.key), 1000 + n.n * 7907 % 1000000, 'text/csv',
      n.at, n.at, b.id, b.submitted_by, false, case when n.n % :every = 0 then 'pending' else 'released' end
    from n join f on f.key = n.key join b on b.batch = n.batch, heart order by n.n returning id, project, submission, submitted_by, key, sha256, size, state),
  r as (insert into exeat.registrations (submission, project, person, key, sha256, size, version, bound_at)
    select submission, project, submitted_by, key, sha256, size, id, clock_timestamp() from v)
insert into exeat.cases (version, project, destination, submission, state)
select v.id, v.project, 'trusted', v.submission, v.state from v order by v.id;
