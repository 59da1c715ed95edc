-- Few versions are open, however many there were: what needs somebody is read from these alone, longest waiting first.
set role exeat_owner;
create index file_versions_open on exeat.file_versions (project, submitted_at, id) where state in ('pending', 'approved', 'changes_requested');
create index file_versions_open_everywhere on exeat.file_versions (submitted_at, id) where state in ('pending', 'approved', 'changes_requested');
reset role;
-- The orders requests and grants are read in.
set role exeat_owner;
create index on exeat.access_requests (created_at, id);
create index access_requests_waiting on exeat.access_requests ((status <> 'pending'), created_at, id);
create index on exeat.access_requests (access_starts, id);
create index on exeat.access_requests (access_ends, id);
create index on exeat.grants (created_at, id);
create index on exeat.grants (valid_from, id);
reset role;
