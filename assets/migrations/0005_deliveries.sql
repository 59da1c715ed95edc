-- What has to reach whom of each message: a row for the bus and one for each address it is mailed to.
set role exeat_owner;
create table exeat.deliveries (
  id bigint generated always as identity primary key,
  message bigint not null references exeat.outbox,
  channel text not null check (channel in ('mail', 'bus')),
  subject text not null,
  recipient text not null check (recipient in ('', 'requester', 'stewards', 'dac')),
  address text not null,  -- empty for the bus
  attempt int not null default 0,
  next_try_at timestamptz not null default clock_timestamp(),  -- while one is being tried, the end of its lease
  holder text,
  last_error text,
  delivered_at timestamptz,
  unique (message, channel, recipient)
);
create index deliveries_waiting on exeat.deliveries (channel, next_try_at, id) where delivered_at is null;
create index deliveries_order on exeat.deliveries (channel, subject, address, id) where delivered_at is null;
insert into exeat.deliveries (message, channel, subject, recipient, address)
select o.id, r.channel, o.subject, r.recipient, coalesce(r.address, '') from exeat.outbox o,
  lateral (values (1, 'bus', '', null), (2, 'mail', 'requester', o.payload->>'mail_to'), (3, 'mail', 'stewards', o.payload->>'steward_mail_to'),
    (4, 'mail', 'dac', o.payload->>'dac_mail_to')) r(n, channel, recipient, address)
where o.delivered_at is null and (r.channel = 'bus' or r.address <> '') order by o.id, r.n;
reset role;
