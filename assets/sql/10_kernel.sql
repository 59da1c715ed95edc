-- The way every command runs: who, once, locked for a moment at most, journalled whatever the answer.
set role exeat_owner;

create or replace function exeat.schema_number() returns int
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select 12 $$;

-- Makes a view where it is missing or is not what is asked for: to make it again takes a lock that lists wait for. Its comment keeps what
-- was asked for, and what PostgreSQL then called it.
create or replace function exeat.keep_view(p_name text, p_query text) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  v regclass := to_regclass('exeat.' || quote_ident(p_name));
begin
  if v is not null and obj_description(v, 'pg_class') = p_query || E'\n' || pg_get_viewdef(v) then return; end if;
  execute format('create or replace view exeat.%I as %s', p_name, p_query);
  execute format('comment on view exeat.%I is %L', p_name, p_query || E'\n' || pg_get_viewdef(to_regclass('exeat.' || quote_ident(p_name))));
end $$;

-- Who is asking with a login of their own: the database says so, not the caller. No row: not signed in. A service is nobody by itself,
-- were its login somebody's too (exeat.acting); only a superuser passes for a member of every group.
create or replace function exeat.me() returns exeat.caller
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select row(p.id, p.login, null, null, null)::exeat.caller
  from logins l join people p on p.id = l.person
  where l.role = session_user::text and p.removed_at is null
    and (not pg_has_role(session_user, 'exeat_service', 'member') or (select rolsuper from pg_roles where rolname = session_user)));
end $$;

create or replace function exeat.done(p_sentence text, p_version bigint default null, p_data jsonb default null,
  p_subject text default null, p_project text default null) returns exeat.outcome
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return row(true, 'done', p_sentence, p_version, p_data, p_subject, p_project)::exeat.outcome;
end $$;

create or replace function exeat.refuse(p_code text, p_sentence text, p_subject text default null, p_project text default null,
  p_version bigint default null) returns exeat.outcome
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return row(false, p_code, p_sentence, p_version, null, p_subject, p_project)::exeat.outcome;
end $$;

create or replace function exeat.refuse(p_why exeat.refusal, p_subject text default null, p_project text default null,
  p_version bigint default null) returns exeat.outcome
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return row(false, p_why.code, p_why.message, p_version, null, p_subject, p_project)::exeat.outcome;
end $$;

-- A moment as sentences say it, whatever the caller's time zone.
create or replace function exeat.said(p_at timestamptz) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC';
end $$;

-- What somebody wrote, as a sentence quotes it: its beginning at most.
create or replace function exeat.quoted(p_text text) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when length(p_text) > 200 then left(p_text, 200) || '…' else p_text end;
end $$;

-- "a, b or c"
create or replace function exeat.any_of(p_names text[]) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when cardinality(p_names) < 2 then p_names[1]
    else array_to_string(p_names[:cardinality(p_names) - 1], ', ') || ' or ' || p_names[cardinality(p_names)] end;
end $$;

-- Why a text is none that is kept with a decision; null where it is one. p_needed: what to say where it is empty, for one that must not be.
create or replace function exeat.words_why_not(p_words text, p_what text, p_needed text default null) returns exeat.refusal
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when p_needed is not null and btrim(coalesce(p_words, ''), E' \t\r\n') = '' then because('reason_required', p_needed)
    when length(p_words) > 10000 then because('too_large', format('A %s has at most 10,000 characters.', p_what)) end;
end $$;

do $$ begin if to_regprocedure('exeat.write_journal(text, text, uuid, jsonb, exeat.outcome)') is not null then
  drop function exeat.write_journal(text, text, uuid, jsonb, exeat.outcome); end if; end $$;
create or replace function exeat.write_journal(me exeat.caller, p_command text, p_command_id uuid, p_request jsonb, p_answer exeat.outcome) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  with entry as (
    insert into journal (person, session_role, via, command, command_id, subject, project, request, ok, code, sentence, data)
    values (me.login, session_user::text, me.via || coalesce('/' || me.credential, ''), p_command, p_command_id::text, p_answer.subject, p_answer.project,
      p_request::text,
      p_answer.ok, p_answer.code, p_answer.sentence, p_answer.data::text)
    returning id)
  insert into unsealed (journal_id) select id from entry;
end $$;

-- One row of the change feed. Desks look at the feed by themselves, and no command that decides anything notifies: a notification takes one lock
-- for the whole cluster until its transaction is over, wakes every session that listens, and fails where somebody filled their queue.
create or replace function exeat.changed(p_project int, p_person int, p_area text, p_row bigint, p_what text) returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ insert into changes (project, person, area, row_id, what) values (p_project, p_person, p_area, p_row, p_what) $$;

-- Tells the worker that somebody waits for it at this moment. What it is told late it finds within a second.
create or replace function exeat.wake_worker() returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select pg_notify('exeat', '') $$;

-- A message for others, written with what it is about or not at all, and to whom it goes; whoever gets it twice knows it by its event_id.
create or replace function exeat.enqueue(p_topic text, p_subject text, p_payload jsonb) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  made bigint;
begin
  insert into outbox (topic, subject, payload) values (p_topic, p_subject, p_payload || jsonb_build_object('event_id', gen_random_uuid(), 'type', p_topic,
    'occurred_at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) returning id into made;
  insert into deliveries (message, channel, subject, recipient, address)
  select made, x.channel, p_subject, x.recipient, x.address from (
    -- Of routes that overlap the first holds.
    select distinct on (r.channel, r.recipient) r.* from routes() with ordinality r (topic, channel, recipient, address_key, n)
    where p_topic like r.topic and (r.address_key is null or cardinality(addresses(p_payload->r.address_key)) > 0)
    order by r.channel, r.recipient, r.n) y
  cross join lateral (select y.channel, y.recipient, a as address, y.n from unnest(case when y.address_key is null then '{""}'
    else addresses(p_payload->y.address_key) end) a) x
  order by x.n, x.address;
end $$;

-- The addresses a message names in one place: one, several or none.
create or replace function exeat.addresses(p_named jsonb) returns text[]
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return array(select distinct a from jsonb_array_elements_text(case jsonb_typeof(p_named) when 'array' then p_named else jsonb_build_array(p_named) end) a
    where a <> '');
end $$;

-- Something that must not be: an event, and a mail to whom the site names for it.
create or replace function exeat.alarm(p_subject text, p_about jsonb, p_why text) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  perform enqueue('egress.alarm', p_subject, p_about || jsonb_build_object('about', p_subject, 'why', p_why,
    'alarm_mail_to', nullif(setting('site.alarm_mail')#>>'{}', '')));
end $$;

-- What the count of a person's waiting things is guarded by: their commands that add to one come one after the other.
create or replace function exeat.one_at_a_time(p_person int) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  insert into askers (person) values (p_person) on conflict do nothing;
  perform from askers where person = p_person for update;
end $$;

-- What a command has that is a comment and what was looked at; and as much of a refused one is kept.
create or replace function exeat.plain_bytes() returns int
language sql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select 131072 $$;

-- The most bytes a command may have. Lists have 10,000 keys of 1,024 bytes, or a site's people and datasets; what is written about a
-- request has four times the longest text, for JSON spells out what is not plain; anything else is a comment and what was looked at.
create or replace function exeat.most_bytes(p_command text) returns int
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case command_specs()->p_command->>'room' when 'list' then 16777216
    when 'text' then greatest(plain_bytes(), 4 * setting_days('access.text_limit')) else plain_bytes() end;
end $$;

-- Why a command is not even looked at; null where it is. Level 1 is the request itself: deeper than 16, readers of JSON give up.
create or replace function exeat.bounds_why_not(p_command text, p_request jsonb) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  size int;
begin
  -- Before anything becomes text: eight bytes such as 1e131071 are 131,072 digits there.
  if exists (select from jsonb_path_query(p_request, 'strict $.** ? (@.type() == "number")') n where abs(n::numeric) >= 1e40 or scale(n::numeric) > 40) then
    return because('out_of_range', 'A number has more than 40 digits before or behind its point. Write one that is meant.');
  end if;
  size := octet_length(p_request::text);
  if size > most_bytes(p_command) then
    return because('too_large', format('The command has %s bytes and may have %s. Send less at once.', size, most_bytes(p_command)));
  elsif jsonb_path_exists(p_request, 'strict $.**{16}') then
    return because('too_deep', 'The command is nested more than 16 levels deep. Send flatter values.');
  end if;
  return null;
end $$;

-- Whether this login was refused a hundred times for this person within the last ten seconds: what follows is counted and no longer kept.
do $$ begin if to_regprocedure('exeat.refused_often()') is not null then drop function exeat.refused_often(); end if; end $$;
create or replace function exeat.refused_often(p_person text) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when p_person is null then exists (select from (select j.at from journal j
      where j.session_role = session_user::text and j.person is null and not j.ok order by j.id desc offset 99 limit 1) x
      where x.at > clock_timestamp() - interval '10 seconds')
    else exists (select from (select j.at from journal j
      where j.session_role = session_user::text and j.person = p_person and not j.ok order by j.id desc offset 99 limit 1) x
      where x.at > clock_timestamp() - interval '10 seconds') end;
end $$;

-- Counts a refusal without waiting for anybody: where another session of the login holds the count, it begins one of its own.
create or replace function exeat.count_refusal(p_person text, p_code text) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  update refused r set until = clock_timestamp(), codes = r.codes || jsonb_build_object(p_code, coalesce((r.codes->>p_code)::bigint, 0) + 1)
  where r.id = (select x.id from refused x where x.session_role = session_user::text and x.person is not distinct from p_person
    order by x.id desc limit 1 for no key update skip locked);
  if not found then
    insert into refused (session_role, person, codes) values (session_user::text, p_person, jsonb_build_object(p_code, 1));
  end if;
end $$;

-- Writes the numbers of floods that are over, or have lasted a minute, into the journal. Called by the worker.
create or replace function exeat.keep_refusals() returns int
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  r record;
  n int := 0;
begin
  for r in delete from refused where id in (select id from refused
      where until < clock_timestamp() - interval '10 seconds' or since < clock_timestamp() - interval '1 minute' for update skip locked)
    returning *, (select sum(x.value::bigint) from jsonb_each_text(codes) x) as many
  loop
    perform worker_journal('refusals_counted', jsonb_build_object('person', r.person, 'session_role', r.session_role, 'since', journal_time(r.since),
      'until', journal_time(r.until), 'codes', r.codes), done(format('%s more refusals of %s within a short time were counted and not kept.', r.many,
      coalesce(r.person, r.session_role)), null, null, 'person:' || coalesce(r.person, r.session_role)));
    n := n + 1;
  end loop;
  return n;
end $$;

-- Lets others go first: a program that sends without a pause, and is told the same again, takes no more of the machine than people do.
-- Nothing that others wait for may be locked. Far below what a person notices.
create or replace function exeat.slow_down() returns void
language sql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ select pg_sleep(0.02) $$;

-- Files a refusal: kept in the journal, or counted. Nothing was done, so that a command that was large or one of a flood is forgotten,
-- and a retry of it is judged anew; of what is large, length and hash stay.
create or replace function exeat.file_refusal(me exeat.caller, p_command text, p_command_id uuid, p_request jsonb, o exeat.outcome) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  -- One with numbers out of range never becomes text.
  kept jsonb := case when o.code = 'out_of_range' then jsonb_build_object('stored_bytes', pg_column_size(p_request))
    when o.code = 'too_deep' or octet_length(p_request::text) > plain_bytes() then jsonb_build_object('bytes', octet_length(p_request::text),
      'sha256', encode(sha256(convert_to(p_request::text, 'UTF8')), 'hex')) end;
  often bool := refused_often(me.login);
begin
  if kept is not null or often then
    delete from commands where person = me.person and command_id = p_command_id and not (answer->>'ok')::bool;
  end if;
  if often then
    perform slow_down();
    perform count_refusal(me.login, o.code);
  else
    perform write_journal(me, p_command, p_command_id, coalesce(kept, p_request), o);
  end if;
end $$;

-- Why nothing is run for who asks, whatever it is; null where it may be.
create or replace function exeat.caller_why_not(me exeat.caller, p_command_id uuid, p_command text) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case
    when me.person is null and me.via is not null then because('not_signed_in', 'There is no active person of that login. An administrator has to add them.')
    when me.person is null and in_group(session_user, 'exeat_service') then because('not_signed_in',
      format('The database login %s is no service here. An administrator has to add it (exeat services add).', session_user))
    when me.person is null then because('not_signed_in',
      format('The database login %s belongs to nobody here. An administrator has to add it to a person.', session_user))
    when current_setting('transaction_isolation') <> 'read committed'
      then because('invalid', 'Commands run in read committed transactions only. Begin the transaction without another isolation level.')
    when p_command_id is null then because('invalid', 'A command needs an id of its own, a UUID made by the client.')
    when not coalesce(command_specs() ? p_command, false) then because('invalid',
      format('There is no command %s.', coalesce(quoted(p_command), '(none named)')))
    else audience_why_not(me, p_command) end;
end $$;

-- Runs exeat.do_<command>, which the list has, for who asks, whom the door found. Everything a command must never forget is here and
-- nowhere else: read committed (an older snapshot would still see an ended membership), who is asking, the same answer to a retry,
-- a short wait for locks, a bound on what is kept, no lock left by a refusal, and a journal row for refusals too. (Who rolls their
-- own transaction back leaves no row: nothing was done then, and nothing was told that they could not have read.)
do $$ begin if to_regprocedure('exeat.run(uuid, text, jsonb)') is not null then drop function exeat.run(uuid, text, jsonb); end if; end $$;
create or replace function exeat.run(me exeat.caller, p_command_id uuid, p_command text, p_request jsonb) returns exeat.answer
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp set lock_timeout = '1500ms' set timezone = 'UTC'
as $$
declare
  q jsonb := coalesce(p_request, '{}');
  got record;
  earlier exeat.commands;
  why exeat.refusal := exeat.bounds_why_not(p_command, q);
  o exeat.outcome;
begin
  if why is null then why := caller_why_not(me, p_command_id, p_command); end if;
  if why is null then
    got := taken(p_command, q);
    why := got.why;
    -- What is refused so is kept as it was sent.
    if why is null then q := got.q; end if;
  end if;
  if why is not null then
    o := refuse(why);
  else
    begin
      insert into commands (person, command_id, command, request) values (me.person, p_command_id, p_command, q)
      on conflict do nothing;
      if found then
        begin
          me.command_id := p_command_id;
          execute format('select * from exeat.%I($1, $2)', 'do_' || p_command) into o using me, q;
          if not o.ok then raise exception using errcode = 'EX000'; end if;
        exception when sqlstate 'EX000' then
          -- The answer stays, the locks go: who keeps the transaction open after a refusal holds nobody up.
        end;
        update commands set answer = to_jsonb(row(o.ok, o.code, o.sentence, o.version, o.data)::exeat.answer)
        where person = me.person and command_id = p_command_id;
      else
        select * into earlier from commands where person = me.person and command_id = p_command_id;
        -- A second signature of the same vote is another one: the agent makes it anew.
        if earlier.command = p_command and earlier.request - 'signature' = q - 'signature' then
          return jsonb_populate_record(null::exeat.answer, earlier.answer);
        end if;
        o := refuse('command_id_reused', format('This command id was already used for another command (%s at %s). Use a new id.',
          earlier.command, said(earlier.at)));
      end if;
    exception when lock_not_available or deadlock_detected then
      -- Nothing was written, the command id included: the same command may be sent again.
      o := refuse('busy', 'Someone else is changing this right now. Try again in a moment.');
    end;
  end if;
  if o.ok then perform write_journal(me, p_command, p_command_id, q, o);
  else perform file_refusal(me, coalesce(quoted(p_command), ''), p_command_id, q, o); end if;
  return row(o.ok, o.code, o.sentence, o.version, o.data)::exeat.answer;
end $$;

-- What the worker does is journalled under its own database role, with no person.
create or replace function exeat.worker_journal(p_command text, p_request jsonb, p_answer exeat.outcome) returns void
language plpgsql volatile security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin perform write_journal(null, p_command, null, p_request, p_answer); end $$;

-- The journal and its seals can be added to and nothing else, by the owner's own functions too.
create or replace function exeat.append_only() returns trigger
language plpgsql security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin raise exception '% is append only', tg_table_name; end $$;

-- Where it is missing: making it again would lock the journal until the migration is over.
do $$
declare
  t regclass;
begin
  foreach t in array array['exeat.journal', 'exeat.seals', 'exeat.heads']::regclass[] loop
    continue when exists (select from pg_trigger where tgrelid = t and tgname = 'append_only' and tgtype = 58 and tgenabled = 'O'
      and tgfoid = 'exeat.append_only()'::regprocedure);
    execute format('create or replace trigger append_only before update or delete or truncate on %s
      for each statement execute function exeat.append_only()', t);
  end loop;
end $$;
reset role;
