-- A message is mailed to everybody who is told of it: several addresses of one kind of recipient. And a move of a permit says which way it
-- leads and what it is called in few words.
set role exeat_owner;
alter table exeat.deliveries drop constraint deliveries_message_channel_recipient_key, add unique (message, channel, recipient, address);
alter type exeat.permit_move add attribute way text, add attribute short text;
reset role;
