-- What PostgresCensus asks, a query behind each empty line. @kept(namespace), @own(catalog, oid): not of the system,
-- of cdp, or of an extension. @acl(privileges, kind, owner): in one order, and in full where they are the usual ones.

-- database
SELECT shobj_description(d.oid, 'pg_database'), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
    (SELECT string_agg(s.setrole::text || ' ' || s.setconfig::text, ' ' ORDER BY s.setrole) FROM pg_db_role_setting s WHERE s.setdatabase = d.oid)
FROM pg_database d WHERE d.datname = current_database()

-- schema
SELECT n.nspname, pg_get_userbyid(n.nspowner), @acl(n.nspacl, 'n', n.nspowner) FROM pg_namespace n
WHERE @kept(n.oid) AND @own(pg_namespace, n.oid)

-- extension
SELECT e.extname, e.extversion, e.extnamespace::regnamespace FROM pg_extension e

-- relation
SELECT c.oid::regclass, c.relkind, c.relpersistence, c.reloptions, t.reloptions, c.relreplident, c.relrowsecurity, c.relforcerowsecurity,
    c.relispopulated, c.reloftype::regtype, c.relispartition, a.amname, pg_get_userbyid(c.relowner),
    @acl(c.relacl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner),
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, pg_get_expr(c.relpartbound, c.oid),
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid LEFT JOIN pg_am a ON a.oid = c.relam
WHERE c.relkind NOT IN ('i', 'I', 't') AND @kept(c.relnamespace) AND @own(pg_class, c.oid)

-- column
SELECT a.attrelid::regclass, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
    a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation, a.attstorage, a.attcompression, a.attstattarget, a.attoptions,
    a.attislocal, a.attinhcount, (SELECT string_agg(x::text, ' ' ORDER BY x::text COLLATE "C") FROM unnest(a.attacl) x),
    pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND @kept(c.relnamespace) AND @own(pg_class, c.oid)

-- parent
SELECT i.inhrelid::regclass, i.inhparent::regclass, i.inhseqno FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE @kept(c.relnamespace)

-- constraint
SELECT CASE WHEN k.conrelid <> 0 THEN k.conrelid::regclass::text ELSE k.contypid::regtype::text END, k.conname, k.contype,
    pg_get_constraintdef(k.oid), k.condeferrable, k.condeferred, k.convalidated, k.conislocal, k.coninhcount, k.connoinherit
FROM pg_constraint k WHERE k.conparentid = 0 AND @kept(k.connamespace)

-- constraints of partitions that a constraint above them made
SELECT k.conrelid::regclass, k.contype, k.convalidated, count(*) FROM pg_constraint k
WHERE k.conparentid <> 0 AND @kept(k.connamespace) GROUP BY k.conrelid, k.contype, k.convalidated

-- index
SELECT pg_get_indexdef(i.indexrelid), i.indisprimary, i.indisunique, i.indisclustered, i.indisreplident, i.indisvalid, i.indimmediate
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE @kept(c.relnamespace)

-- rule
SELECT pg_get_ruledef(r.oid), r.ev_enabled FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE r.rulename <> '_RETURN' AND @kept(c.relnamespace)

-- trigger
SELECT t.tgrelid::regclass, pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND @kept(c.relnamespace)

-- triggers of the system
SELECT t.tgrelid::regclass, t.tgfoid::regproc, t.tgenabled, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgisinternal AND @kept(c.relnamespace) GROUP BY t.tgrelid, t.tgfoid, t.tgenabled

-- event trigger
SELECT e.evtname, e.evtevent, e.evtfoid::regprocedure, e.evtenabled, e.evttags, pg_get_userbyid(e.evtowner) FROM pg_event_trigger e
WHERE e.evtname !~ '^cdp'

-- routine
SELECT p.oid::regprocedure, CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, pg_get_userbyid(p.proowner),
    @acl(p.proacl, 'f', p.proowner)
FROM pg_proc p WHERE @kept(p.pronamespace) AND @own(pg_proc, p.oid)

-- aggregate
SELECT g.aggfnoid::regprocedure, to_jsonb(g) - '{aggsortop,aggtranstype,aggmtranstype}'::text[], g.aggsortop::regoperator,
    g.aggtranstype::regtype, g.aggmtranstype::regtype
FROM pg_aggregate g JOIN pg_proc p ON p.oid = g.aggfnoid WHERE @kept(p.pronamespace) AND @own(pg_proc, p.oid)

-- type
SELECT t.oid::regtype, t.typtype, t.typnotnull, t.typdefault, format_type(t.typbasetype, t.typtypmod), t.typcollation::regcollation,
    pg_get_userbyid(t.typowner), @acl(t.typacl, 'T', t.typowner),
    (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
    (SELECT concat_ws(', ', r.rngsubtype::regtype, r.rngmultitypid::regtype, r.rngcollation::regcollation, r.rngsubdiff) FROM pg_range r WHERE r.rngtypid = t.oid)
FROM pg_type t WHERE t.typelem = 0 AND @kept(t.typnamespace) AND @own(pg_type, t.oid)

-- sequence
SELECT to_jsonb(s) - 'last_value' FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname WHERE @kept(n.oid)

-- owned sequence
SELECT d.objid::regclass, d.refobjid::regclass, a.attname, d.deptype FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND @kept(c.relnamespace)

-- operator
SELECT o.oid::regoperator, o.oprcode::regprocedure, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprcanmerge, o.oprcanhash, pg_get_userbyid(o.oprowner)
FROM pg_operator o WHERE @kept(o.oprnamespace) AND @own(pg_operator, o.oid)

-- cast
SELECT k.castsource::regtype, k.casttarget::regtype, k.castfunc::regprocedure, k.castcontext, k.castmethod FROM pg_cast k
WHERE k.oid >= 16384 AND @own(pg_cast, k.oid)

-- collation
SELECT k.collnamespace::regnamespace, to_jsonb(k) - '{oid,collnamespace,collowner}'::text[], pg_get_userbyid(k.collowner) FROM pg_collation k
WHERE @kept(k.collnamespace)

-- text search dictionary
SELECT d.oid::regdictionary, d.dictinitoption, pg_get_userbyid(d.dictowner) FROM pg_ts_dict d WHERE @kept(d.dictnamespace) AND @own(pg_ts_dict, d.oid)

-- text search configuration
SELECT c.oid::regconfig, m.maptokentype, m.mapseqno, m.mapdict::regdictionary FROM pg_ts_config c LEFT JOIN pg_ts_config_map m ON m.mapcfg = c.oid
WHERE @kept(c.cfgnamespace) AND @own(pg_ts_config, c.oid)

-- policy
SELECT p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive, (SELECT string_agg(r::regrole::text, ', ' ORDER BY r::regrole::text) FROM unnest(p.polroles) r),
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p

-- statistics
SELECT pg_get_statisticsobjdef(s.oid), s.stxstattarget, pg_get_userbyid(s.stxowner) FROM pg_statistic_ext s WHERE @kept(s.stxnamespace)

-- default privileges
SELECT pg_get_userbyid(d.defaclrole), d.defaclnamespace::regnamespace, d.defaclobjtype,
    (SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE "C") FROM unnest(d.defaclacl) a)
FROM pg_default_acl d

-- comment
SELECT (pg_identify_object(d.classoid, d.objoid, d.objsubid)).type, (pg_identify_object(d.classoid, d.objoid, d.objsubid)).identity, d.description
FROM pg_description d WHERE (d.objoid >= 16384 OR d.objoid = 'public'::regnamespace)
    AND (pg_identify_object(d.classoid, d.objoid, d.objsubid)).identity !~ '^"?cdp[._]?'
