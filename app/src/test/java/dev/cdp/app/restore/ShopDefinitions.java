package dev.cdp.app.restore;

import dev.cdp.core.Engine;
import dev.cdp.core.Json;
import dev.cdp.core.TableName;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Definitions of two small databases with something of everything that a restore makes in another step. */
final class ShopDefinitions {
    private ShopDefinitions() {}

    static String orders() {
        return Json.write(new DatabaseDefinition(
                Engine.POSTGRESQL,
                "15",
                Map.of("encoding", "UTF8", "lc_collate", "C", "lc_ctype", "C"),
                List.of(
                        before("SEQUENCE", null, "CREATE SEQUENCE public.tickets"),
                        before("TABLE", "kind", "CREATE TABLE public.kind (id bigint NOT NULL, name text)"),
                        before("TABLE", "line", """
                                CREATE TABLE public.line (id bigint NOT NULL, kind bigint, note text, amount double precision,
                                    twice bigint GENERATED ALWAYS AS (id * 2) STORED)"""),
                        before("TABLE", "log", "CREATE TABLE public.log (what text)"),
                        before("FUNCTION", null, """
                                CREATE FUNCTION public.noted() RETURNS trigger LANGUAGE plpgsql AS $$
                                BEGIN NEW.note := 'by trigger'; RETURN NEW; END $$"""),
                        statement(Phase.KEYS, "PRIMARY KEY", "kind", "ALTER TABLE public.kind ADD PRIMARY KEY (id)"),
                        statement(Phase.KEYS, "PRIMARY KEY", "line", "ALTER TABLE public.line ADD PRIMARY KEY (id)"),
                        after("VIEW", null, "CREATE VIEW public.large AS SELECT id, note FROM public.line"),
                        after("INDEX", "line", "CREATE INDEX line_note ON public.line (note, kind)"),
                        after("FOREIGN KEY", "line", """
                                ALTER TABLE public.line ADD CONSTRAINT line_kind FOREIGN KEY (kind)
                                    REFERENCES public.kind (id) ON DELETE CASCADE"""),
                        after("TRIGGER", "line", """
                                CREATE TRIGGER line_noted BEFORE INSERT ON public.line
                                    FOR EACH ROW EXECUTE FUNCTION public.noted()"""),
                        after("COMMENT", "kind", "COMMENT ON TABLE public.kind IS 'what lines are of'"),
                        after("COMMENT", null, """
                                DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(),
                                    'the shop''s own'); END $$""")),
                List.of(),
                List.of()));
    }

    static String stock() {
        return Json.write(new DatabaseDefinition(
                Engine.MARIADB,
                "11.4",
                Map.of("character_set", "utf8mb4", "collation", "utf8mb4_bin", "comment", "the shop's own"),
                List.of(
                        before("SEQUENCE", null, "CREATE SEQUENCE tickets CACHE 10"),
                        before("TABLE", "kind", """
                                CREATE TABLE kind (id bigint NOT NULL DEFAULT nextval(tickets) PRIMARY KEY,
                                    name varchar(100))"""),
                        before("TABLE", "line", """
                                CREATE TABLE line (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, kind bigint,
                                    note varchar(200), amount double, twice bigint GENERATED ALWAYS AS (kind * 2) STORED,
                                    KEY line_kind (kind), KEY line_note (note), CHECK (kind > 0))"""),
                        before("TABLE", "log", "CREATE TABLE log (what varchar(100))"),
                        before("SESSION", null, "SET sql_mode = 'STRICT_ALL_TABLES'"),
                        before("FUNCTION", null, "CREATE FUNCTION two() RETURNS int DETERMINISTIC RETURN 2"),
                        before("VIEW", null, "CREATE VIEW large AS SELECT id, note FROM line WHERE amount > two()"),
                        before("SESSION", null, "SET sql_mode = ''"),
                        after("FOREIGN KEY", "line", """
                                ALTER TABLE line ADD CONSTRAINT line_of_kind FOREIGN KEY (kind) REFERENCES kind (id)
                                    ON DELETE CASCADE"""),
                        after("FOREIGN KEY", "line", """
                                ALTER TABLE line ADD CONSTRAINT line_of_kind_too FOREIGN KEY (kind) REFERENCES kind (id)"""),
                        after("SESSION", null, "SET sql_mode = 'STRICT_ALL_TABLES'"),
                        after("TRIGGER", "line", """
                                CREATE TRIGGER noted BEFORE INSERT ON line FOR EACH ROW SET NEW.note = 'by trigger'"""),
                        after(
                                "EVENT",
                                null,
                                "CREATE EVENT cleans ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DO DELETE FROM log"),
                        after("SESSION", null, "SET sql_mode = ''")),
                List.of(),
                List.of()));
    }

    private static DefinitionStatement before(String kind, @Nullable String table, String sql) {
        return statement(Phase.BEFORE_DATA, kind, table, sql);
    }

    private static DefinitionStatement after(String kind, @Nullable String table, String sql) {
        return statement(Phase.AFTER_DATA, kind, table, sql);
    }

    private static DefinitionStatement statement(Phase phase, String kind, @Nullable String table, String sql) {
        TableName name = table == null ? null : new TableName("public", table);
        return new DefinitionStatement(phase, kind, table == null ? "something" : table, name, sql);
    }
}
