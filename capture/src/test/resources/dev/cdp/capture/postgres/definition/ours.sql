-- What must not be read.
CREATE SCHEMA cdp;
CREATE TABLE cdp.marker (id int PRIMARY KEY);
CREATE FUNCTION cdp.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER cdp_ddl ON ddl_command_end EXECUTE FUNCTION cdp.on_ddl();
CREATE PUBLICATION cdp FOR TABLE cdp.marker;
CREATE PUBLICATION cdp_all FOR ALL TABLES;
