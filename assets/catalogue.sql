with rel as (
  select c.* from pg_class c where c.relnamespace = 'exeat'::regnamespace and c.relkind not in ('i', 'I', 't')
), granted as (
  select 'schema exeat' as what, n.nspowner as owner, n.nspacl as acl from pg_namespace n where n.nspname = 'exeat'
  union all select 'relation ' || r.relname, r.relowner, r.relacl from rel r
  union all select format('column %s.%s', r.relname, a.attname), r.relowner, a.attacl from rel r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0
  union all select format('function %s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
    from pg_proc p where p.pronamespace = 'exeat'::regnamespace
)
select line as "line!" from (
  select format('owner of schema exeat: %s', pg_get_userbyid(n.nspowner)) as line from pg_namespace n where n.nspname = 'exeat'
  union all
  select format('right on %s: %s %s', g.what, coalesce(o.rolname::text, 'public'), x.privilege_type)
    from granted g cross join lateral aclexplode(g.acl) x left join pg_roles o on o.oid = x.grantee
    where x.grantee <> g.owner and (x.grantee = 0 or o.rolname like 'exeat\_%' and not o.rolsuper)
  union all
  select format('relation %s: kind %s, owner %s, rows hidden %s %s, kept %s', r.relname, r.relkind, pg_get_userbyid(r.relowner), r.relrowsecurity,
    r.relforcerowsecurity, r.relpersistence) from rel r
  union all
  select format('column %s.%s: %s, not null %s, default %s, identity %s, generated %s', r.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      coalesce(pg_get_expr(d.adbin, d.adrelid), '-'), coalesce(nullif(a.attidentity::text, ''), '-'), coalesce(nullif(a.attgenerated::text, ''), '-'))
    from rel r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum where r.relkind <> 'S'
  union all
  select format('inheritance: %s of %s', i.inhrelid::regclass, i.inhparent::regclass) from pg_inherits i
    where i.inhparent in (select oid from rel) or i.inhrelid in (select oid from rel)
  union all
  select format('row security on %s: %s for %s to %s using %s with %s, permissive %s', r.relname, o.polname, o.polcmd,
      array(select coalesce(g.rolname::text, 'public') from unnest(o.polroles) x left join pg_roles g on g.oid = x order by 1),
      coalesce(pg_get_expr(o.polqual, o.polrelid), '-'), coalesce(pg_get_expr(o.polwithcheck, o.polrelid), '-'), o.polpermissive)
    from pg_policy o join rel r on r.oid = o.polrelid
  union all
  select format('rule on %s: %s, event %s, instead %s, enabled %s', r.relname, w.rulename, w.ev_type, w.is_instead, w.ev_enabled)
    from pg_rewrite w join rel r on r.oid = w.ev_class
  union all
  -- Versions write qualifiers and parentheses of a view differently.
  select format('view %s: %s', r.relname, md5(regexp_replace(pg_get_viewdef(r.oid), '[a-z_0-9]+\.|[\s()]', '', 'g'))) from rel r where r.relkind in ('v', 'm')
  union all
  select format('trigger on %s: %s, enabled %s, %s', r.relname, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid)) from pg_trigger t join rel r on r.oid = t.tgrelid
    where not t.tgisinternal
  union all
  select format('constraint switched off on %s', r.relname) from pg_trigger t join rel r on r.oid = t.tgrelid where t.tgisinternal and t.tgenabled <> 'O'
  union all
  select format('constraint %s on %s: %s, valid %s', o.conname, coalesce(nullif(o.conrelid, 0)::regclass::text, nullif(o.contypid, 0)::regtype::text),
    pg_get_constraintdef(o.oid), o.convalidated) from pg_constraint o where o.connamespace = 'exeat'::regnamespace and o.contype not in ('n', 't')
  union all
  select format('function %s(%s): returns %s, language %s, kind %s, volatile %s, definer %s, strict %s, leakproof %s, parsed %s, settings %s, owner %s', p.proname,
      pg_get_function_identity_arguments(p.oid), coalesce(pg_get_function_result(p.oid), '-'), l.lanname, p.prokind, p.provolatile, p.prosecdef,
      p.proisstrict, p.proleakproof, p.prosqlbody is not null, coalesce(p.proconfig::text, '-'), pg_get_userbyid(p.proowner))
    from pg_proc p join pg_language l on l.oid = p.prolang where p.pronamespace = 'exeat'::regnamespace
  union all
  select format('type %s: %s', t.typname, t.typtype) from pg_type t where t.typnamespace = 'exeat'::regnamespace and t.typtype not in ('c', 'b')
  union all
  -- What somebody added to PostgreSQL's own.
  select format('added to pg_catalog: function %s', p.oid::regprocedure) from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.oid >= 16384
  union all
  select format('changed in pg_catalog: function %s', p.oid::regprocedure) from pg_proc p join pg_language l on l.oid = p.prolang
    where p.pronamespace = 'pg_catalog'::regnamespace and p.oid < 16384 and (l.lanname not in ('internal', 'c', 'sql') or p.proconfig is not null)
  union all
  select format('operator %s', o.oid::regoperator) from pg_operator o
    where o.oprnamespace = 'exeat'::regnamespace or o.oprnamespace = 'pg_catalog'::regnamespace and o.oid >= 16384
  union all
  select format('cast from %s to %s', c.castsource::regtype, c.casttarget::regtype) from pg_cast c join pg_type f on f.oid = c.castsource
    join pg_type t on t.oid = c.casttarget where c.oid >= 16384 and f.typnamespace in ('pg_catalog'::regnamespace, 'exeat'::regnamespace)
      and t.typnamespace in ('pg_catalog'::regnamespace, 'exeat'::regnamespace)
  union all
  select format('relation added to pg_catalog: %s', c.relname) from pg_class c where c.relnamespace = 'pg_catalog'::regnamespace and c.oid >= 16384
  union all
  -- Settings that change what a statement means, of the database, of a role, of the server.
  select format('setting of %s: %s', coalesce(o.rolname::text, 'the database'), x) from pg_db_role_setting s left join pg_roles o on o.oid = s.setrole,
    unnest(s.setconfig) x where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
      and lower(split_part(x, '=', 1)) in ('search_path', 'session_replication_role', 'row_security', 'role', 'transform_null_equals', 'session_preload_libraries',
        'local_preload_libraries', 'dynamic_library_path', 'standard_conforming_strings', 'plpgsql.variable_conflict', 'array_nulls', 'enable_partition_pruning')
  union all
  select format('setting of this session: %s = %s', name, current_setting(name)) from unnest(array['session_replication_role', 'row_security',
    'transform_null_equals', 'standard_conforming_strings', 'array_nulls']) name
  union all
  select format('member of exeat_owner: %s', pg_get_userbyid(m.member)) from pg_auth_members m where m.roleid = 'exeat_owner'::regrole
  union all
  select format('role %s: superuser %s, login %s, passes row security %s, makes roles %s, replicates %s', rolname, rolsuper, rolcanlogin, rolbypassrls, rolcreaterole,
    rolreplication) from pg_roles where rolname in ('exeat_owner', 'exeat_person', 'exeat_service', 'exeat_worker')
  union all
  select format('event trigger %s', evtname) from pg_event_trigger where evtevent = 'login'
) all_lines (line)
