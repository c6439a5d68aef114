CREATE TABLE public.one_null (a int, UNIQUE NULLS NOT DISTINCT (a));
CREATE VIEW public.as_invoker WITH (security_invoker = true) AS SELECT a FROM public.one_null;
CREATE TABLE public.set_some (a int, b int, FOREIGN KEY (a) REFERENCES public.hashed (id) ON DELETE SET NULL (a));
CREATE UNLOGGED SEQUENCE public.unlogged_sequence;
CREATE TABLE public.rounded (n numeric(5, -2), m numeric(2, 4));
