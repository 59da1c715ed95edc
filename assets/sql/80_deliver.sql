-- The worker: messages of the outbox on their way out, each at least once, those about one thing in order. Called by src/worker/deliver.rs.
set role exeat_owner;

-- Which messages go where: those whose topic is like this, by this channel, to whom, and under which key of the payload the address is; without
-- a key there is nobody to address but the channel's server. A channel is a kind (src/worker/channels) and, where a site has several of it, a
-- name: 'kind:name'. What the site has no server for waits until it has one.
create or replace function exeat.routes() returns table (topic text, channel text, recipient text, address_key text)
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  values ('%', 'bus', '', null),
    ('access.%', 'mail', 'requester', 'mail_to'),
    ('grant.%', 'mail', 'requester', 'mail_to'),
    ('permit.status.updated', 'mail', 'team', 'mail_to'),
    ('access.requested', 'mail', 'stewards', 'steward_mail_to'),
    ('access.requested', 'mail', 'dac', 'dac_mail_to'),
    ('egress.alarm', 'mail', 'alarms', 'alarm_mail_to')
$$;

-- The message whose turn it is, for so many seconds; whoever forgets it leaves it to the next. It goes after those about the same thing
-- to the same address, and never waits for another's.
create or replace function exeat.take_delivery("channel" text, holder text, lease_seconds int)
returns table (delivery bigint, topic text, recipient text, address text, payload jsonb)
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  taken deliveries;
begin
  select d.* into taken from deliveries d
  where d.channel = take_delivery."channel" and d.delivered_at is null and d.next_try_at <= clock_timestamp()
    and not exists (select from deliveries e where e.channel = d.channel and e.subject = d.subject and e.address = d.address
      and e.id < d.id and e.delivered_at is null)
  order by d.next_try_at, d.id limit 1 for update of d skip locked;
  if not found then return; end if;
  update deliveries d set attempt = d.attempt + 1, holder = take_delivery.holder,
    next_try_at = clock_timestamp() + make_interval(secs => lease_seconds) where d.id = taken.id;
  return query select taken.id, o.topic, taken.recipient, taken.address, o.payload from outbox o where o.id = taken.message;
end $$;

-- It is there. True also where the lease had ended meanwhile.
create or replace function exeat.finish_delivery(delivery bigint) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  m bigint;
begin
  update deliveries d set delivered_at = clock_timestamp(), holder = null, last_error = null where d.id = delivery and d.delivered_at is null
  returning message into m;
  if m is null then return; end if;
  -- Two that finish at once: the second sees the first.
  perform from outbox where id = m for no key update;
  update outbox set delivered_at = clock_timestamp()
  where id = m and not exists (select from deliveries d where d.message = m and d.delivered_at is null);
end $$;

-- It is not: again after 1, 2, 4 … seconds, so many at most, for as long as it takes.
create or replace function exeat.fail_delivery(delivery bigint, holder text, why text, most_seconds int) returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
  update deliveries d set holder = null, last_error = left(why, 500),
    next_try_at = clock_timestamp() + make_interval(secs => least(2 ^ least(greatest(d.attempt, 1) - 1, 20), most_seconds))
  where d.id = delivery and d.holder = fail_delivery.holder and d.delivered_at is null
$$;

-- How many wait and since when, for those who look after it: how much others do is not for everybody.
create or replace function exeat.deliveries_waiting() returns table ("channel" text, waiting bigint, since timestamptz, last_error text)
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  me caller := me();
begin
  return query select d.channel, count(*), min(o.created_at), (array_agg(d.last_error order by d.next_try_at desc) filter (where d.last_error is not null))[1]
    from deliveries d join outbox o on o.id = d.message where d.delivered_at is null and reads_all_access(me.person) group by d.channel order by d.channel;
end $$;
reset role;
