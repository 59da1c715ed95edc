-- Which channels and recipients there are is said by the routes (exeat.routes); here only what a name looks like.
set role exeat_owner;
alter table exeat.deliveries drop constraint deliveries_channel_check, drop constraint deliveries_recipient_check,
  add constraint deliveries_named check (channel ~ '^[a-z]+(:[a-z0-9-]+)?$' and recipient ~ '^[a-z]*$');
reset role;
