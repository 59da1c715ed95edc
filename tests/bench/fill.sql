-- File versions :from + 1 to :upto of heart, one in two hundred of them waiting, the rest released long ago.
with p as (select id, name from exeat.projects where name = 'heart'),
  s as (select s.id, s.submitted_by from exeat.submissions s, p where s.project = p.id and s.submitted_by is not null limit 1),
  n as (select n, convert_to('bench/' || (n % 977) || '/table_' || n || '.csv', 'UTF8') as key from generate_series(:from + 1, :upto) n),
  f as (insert into exeat.files (project, key) select p.id, n.key from n, p returning id, key),
  v as (
    insert into exeat.file_versions (file, project, number, key, search_text, etag, sha256, size, media_type, modified_at, submitted_at,
      submission, submitted_by, origin_unknown, state)
    select f.id, p.id, 1, f.key, convert_from(f.key, 'UTF8') || ' a table of the paper', md5(f.key), sha256(f.key), 1000 + f.id % 100000, 'text/csv',
      clock_timestamp() - make_interval(mins => (f.id % 500000)::int), clock_timestamp() - make_interval(mins => (f.id % 500000)::int),
      s.id, s.submitted_by, false, case when f.id % 200 = 0 then 'pending' else 'released' end
    from f, p, s returning id, project, submission, state)
insert into exeat.cases (version, project, destination, submission, state)
select v.id, v.project, 'trusted', v.submission, v.state from v;
