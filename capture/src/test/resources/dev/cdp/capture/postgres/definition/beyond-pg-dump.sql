-- What a definition leaves out by name, and views that pg_dump divides at a place that depends on object ids.
CREATE VIEW public.above_by_key AS SELECT name, n FROM public.by_key;
CREATE FUNCTION public.uses_by_key() RETURNS SETOF public.above_by_key LANGUAGE sql AS 'SELECT * FROM public.above_by_key';
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE public.remote (id int) SERVER elsewhere;
CREATE VIEW public.over_remote AS SELECT id FROM public.remote;
CREATE VIEW public.over_over_remote AS SELECT id FROM public.over_remote;
