-- What a definition leaves out by name.
CREATE TABLE here (id int PRIMARY KEY, gone int, FOREIGN KEY (gone) REFERENCES nowhere (id))
--
CREATE TABLE soon_gone (id int)
--
CREATE VIEW broken AS SELECT id FROM soon_gone
--
CREATE VIEW above_broken AS SELECT id FROM broken
--
CREATE VIEW fine AS SELECT id FROM here
--
CREATE VIEW elsewhere AS SELECT h.id, s.schema_name FROM here h, information_schema.schemata s
--
CREATE VIEW above_elsewhere AS SELECT id FROM elsewhere
--
DROP TABLE soon_gone
