-- The rules of access requests and grants, each stated once: a row and a person in, nothing or a refusal out.
set role exeat_owner;

create or replace function exeat.is_steward(p_person int) returns bool
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return exeat.has_role(p_person, null, 'steward'); end $$;

-- Who else could decide: for sentences only.
create or replace function exeat.other_stewards(p_but int) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select coalesce(exeat.any_of(array(select distinct p.login from held_memberships m join people p on p.id = m.person and p.removed_at is null
    where m.role = 'steward' and m.project is null and p.id <> p_but
    order by p.login limit 4)), 'an administrator has to add one'));
end $$;

create or replace function exeat.login_of(p_person int) returns text
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$ begin return (select login from people where id = p_person); end $$;

create or replace function exeat.not_steward(p_person int, p_verb text) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return (select exeat.because('not_steward', format('Only data stewards may %s (%s).', p_verb, exeat.other_stewards(p_person)))
    where not exeat.is_steward(p_person));
end $$;

-- Denying and noting: always possible while pending, whatever the dates.
create or replace function exeat.deny_why_not(p_person int, r exeat.access_requests) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal := not_steward(p_person, 'decide access requests');
begin
  if why is not null then
    return why;
  elsif r.person = p_person then
    return because('own_request', format('You cannot decide your own request. Another data steward has to (%s).', other_stewards(p_person)));
  elsif r.status <> 'pending' then
    return because('decided', format('Access request has already been processed: %s %s it at %s.',
      coalesce(login_of(r.changed_by), 'someone'), r.status, said(r.status_changed)));
  end if;
  return null;
end $$;

create or replace function exeat.allow_why_not(p_person int, r exeat.access_requests, p_iva uuid) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal := deny_why_not(p_person, r);
begin
  if why is not null then
    return why;
  elsif (select removed_at is not null from datasets where id = r.dataset) then
    return because('dataset_removed', 'The dataset is no longer offered, so access to it cannot be allowed. Deny the request with that reason.');
  elsif (select removed_at is not null from people where id = r.person) then
    return because('person_removed', 'The requester is no longer active, so access cannot be allowed. Deny the request with that reason.');
  end if;
  return iva_why_not(r.person, p_iva);
end $$;

create or replace function exeat.iva_why_not(p_person int, p_iva uuid) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  if p_iva is null and exeat.setting('access.iva_required') = 'true' then
    return because('iva_missing', 'Access request is missing an IVA. Name one of the requester''s (--iva).');
  elsif p_iva is not null and not exists (select from ivas where id = p_iva and person = p_person) then
    return because('invalid', 'That IVA is not one of this person''s. Name one of theirs.');
  end if;
  return null;
end $$;

-- Ticket and internal note are bookkeeping and stay open after the decision; what the requester reads and gets does not.
create or replace function exeat.edit_why_not(p_person int, r exeat.access_requests, p_changes jsonb) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal := not_steward(p_person, 'edit access requests');
begin
  if why is not null then
    return why;
  elsif r.person = p_person then
    return because('own_request', format('You cannot edit your own request. Another data steward has to (%s).', other_stewards(p_person)));
  elsif r.status <> 'pending' and p_changes - '{ticket_id,internal_note}'::text[] <> '{}' then
    return deny_why_not(p_person, r);
  end if;
  return null;
end $$;

create or replace function exeat.request_claim_why_not(p_person int, r exeat.access_requests) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  -- First, for who may not decide it does not hear who is looking at it either.
  why refusal := deny_why_not(p_person, r);
begin
  if why is null and r.claimed_by <> p_person and r.claimed_until > clock_timestamp() then
    return because('busy', format('%s is looking at it until %s. You may still decide.', login_of(r.claimed_by), said(r.claimed_until)));
  end if;
  return why;
end $$;

-- The bounds of a wanted or given period, inclusive, in calendar days of the site's zone: the clocks on the wall are
-- compared, so that a day that has 23 or 25 hours is a day. A steward is not bound by the
-- lead time nor the shortest length, and may go to extension_factor times the longest.
create or replace function exeat.period_why_not(p_starts timestamptz, p_ends timestamptz, p_now timestamptz, p_steward bool) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  lead int := setting_days('access.lead_days');
  shortest int := setting_days('access.shortest_days');
  longest int := setting_days('access.longest_days') * case when p_steward then setting_days('access.extension_factor') else 1 end;
  -- The end of a day is that day: it has all of it, and is as many days after the start as the calendar says.
  over interval := case when last_day(p_ends) is not null then interval '1 microsecond' else interval '0' end;
begin
  if p_starts is null or not isfinite(p_starts) or p_starts > '2999-12-31' then
    return because('starts_invalid', 'Access start date is invalid.');
  elsif p_ends is null or not isfinite(p_ends) then
    return because('ends_invalid', 'Access end date is invalid.');
  elsif p_ends > '9999-12-31' then
    return because('too_long', format('Access duration is too long: access end date may be at most %s days after access start date.', longest));
  elsif p_ends <= p_starts then
    return because('ends_before_start', 'Access end date must be later than access start date.');
  elsif p_ends <= p_now then
    return because('ends_invalid', 'Access end date is invalid: it has passed. Name a later one.');
  elsif not p_steward and wall(p_starts) > wall(p_now) + make_interval(days => lead) then
    return because('too_early', format('Access start date is invalid: it is more than %s days from now.', lead));
  elsif not p_steward and wall(p_ends) + over < wall(p_starts) + make_interval(days => shortest) then
    return because('too_short', format('Access end date is invalid: access lasts at least %s days.', shortest));
  elsif last_day(p_ends) > wall(p_starts)::date + longest
      or last_day(p_ends) is null and wall(p_ends) > wall(p_starts) + make_interval(days => longest) then
    return because('too_long', format('Access duration is too long: access end date may be at most %s days after access start date.', longest));
  end if;
  return null;
end $$;

create or replace function exeat.grant_add_why_not(p_person int, p_for int) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal := not_steward(p_person, 'grant access');
begin
  if why is null and p_for = p_person then
    return because('own_request', format('You cannot grant access to yourself. Another data steward has to (%s).', other_stewards(p_person)));
  end if;
  return why;
end $$;

create or replace function exeat.revoke_why_not(p_person int, g exeat.grants) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal := not_steward(p_person, 'revoke or amend grants');
begin
  if why is null and g.revoked_at is not null then
    -- Of their own grant a steward reads what any person does: not by whom, nor why.
    return because('decided', case when g.person = p_person then format('It was revoked at %s.', said(g.revoked_at))
      else format('%s revoked it at %s (%s).', login_of(g.revoked_by), said(g.revoked_at), g.revoke_class) end);
  elsif why is null and g.valid_until < clock_timestamp() then
    return because('decided', format('It expired %s. Add a new grant if access is needed.', said_when_over(g.valid_until)));
  end if;
  return why;
end $$;

create or replace function exeat.amend_why_not(p_person int, g exeat.grants) returns exeat.refusal
language plpgsql stable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
declare
  why refusal := revoke_why_not(p_person, g);
begin
  if why is null and g.person = p_person then
    return because('own_request', format('You cannot amend a grant of your own. Another data steward has to (%s).', other_stewards(p_person)));
  end if;
  return why;
end $$;

-- The live state of a grant, apart from what became of its request. Valid means from <= now <= until (GA4GH visas as GHGA reads them).
create or replace function exeat.grant_state(g exeat.grants, p_at timestamptz) returns text
language plpgsql immutable security definer set search_path = exeat, pg_catalog, pg_temp
as $$
begin
  return case when g.revoked_at <= p_at then 'revoked' when p_at < g.valid_from then 'upcoming' when p_at > g.valid_until then 'expired' else 'active' end;
end $$;
reset role;
