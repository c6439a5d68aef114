package dev.cdp.app.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every setting that exists, once: the reader accepts exactly these, {@code docs/configuration.md} and {@code
 * config/cdp.yaml} are held to them by tests.
 */
final class Schema {

    /** A part of the file that has a name. */
    sealed interface Element {
        String name();

        String description();
    }

    /** One value. {@code defaultText} is null when there is none. */
    record Leaf(String name, Kind kind, @Nullable String defaultText, Presence presence, String description)
            implements Element {}

    /** Whether a value must be there. */
    enum Presence {
        REQUIRED,
        OPTIONAL
    }

    /** Fixed keys. */
    record Section(String name, String description, List<Element> children) implements Element {}

    /** Keys that the operator chooses, each with the same section under it. */
    record Named(String name, String description, Section each) implements Element {}

    /** A list of sections. */
    record Sections(String name, String description, Section each) implements Element {}

    /** A list of texts. */
    record Texts(String name, String description) implements Element {}

    /** Keys and values that are handed on as they are. */
    record Properties(String name, String description) implements Element {}

    private Schema() {}

    static final Section ROOT = new Section(
            "",
            "",
            List.of(
                    new Leaf("version", Kind.INTEGER, "1", Presence.OPTIONAL, "Version of this file's form."),
                    optional("time-zone", Kind.ZONE, "How times without a zone are read; absent: they are refused."),
                    withDefault(
                            "data-directory",
                            Kind.PATH,
                            "cdp-data",
                            "Where the daemon keeps the embedded broker, spilled transactions, staging and its status."
                                    + " A relative path starts at this file's folder."),
                    new Named("sources", "The databases to protect, each under a name you choose.", source()),
                    new Named("groups", "Sources that are restored together to one moment.", group()),
                    kafka(),
                    archive(),
                    new Section(
                            "restore",
                            "Where restored databases go.",
                            List.of(new Named(
                                    "servers",
                                    "Servers for --into, each under a name you choose.",
                                    new Section("", "", server())))),
                    new Section(
                            "log",
                            "What the daemon writes to stderr.",
                            List.of(
                                    withDefault("level", Kind.LOG_LEVEL, "info", "The least important level shown."),
                                    withDefault(
                                            "format", Kind.LOG_FORMAT, "text", "One line of text, or one of JSON.")))));

    private static List<Element> server() {
        return List.of(
                optional("engine", Kind.ENGINE, "Which kind of server; needed unless the url says so."),
                optional("host", Kind.TEXT, "Host name or address; needed unless there is a url."),
                optional("port", Kind.PORT, "Absent: 5432 for PostgreSQL, 3306 for MariaDB and MySQL."),
                optional("user", Kind.TEXT, "Who signs in; needed unless the url says so."),
                optional("password", Kind.SECRET, "Best as ${file:PATH} or ${env:NAME}."),
                optional("url", Kind.DATABASE_URL, "All of the above as one address, instead of them."));
    }

    private static Section source() {
        List<Element> elements = new java.util.ArrayList<>(server());
        elements.add(3, optional("database", Kind.TEXT, "The database to protect; needed unless the url says so."));
        elements.add(new Section(
                "tables",
                "Which tables, as schema.table with * for any text; absent: all.",
                List.of(
                        new Texts("include", "Only tables that match one of these; absent: every table."),
                        new Texts("exclude", "None of these, even when included."))));
        elements.add(optional("slot", Kind.TEXT, "PostgreSQL: name of the replication slot; absent: cdp_NAME."));
        elements.add(optional(
                "log-budget",
                Kind.SIZE,
                "How much log the source may keep for us: status warns at half of it, at the limit the log is given up;"
                        + " absent: no limit."));
        return new Section("", "", List.copyOf(elements));
    }

    private static Section group() {
        return new Section(
                "",
                "",
                List.of(
                        new Texts("sources", "Names of the sources in it."),
                        withDefault(
                                "marker-interval",
                                Kind.DURATION,
                                "5s",
                                "How often a marker is written into every source of the group."),
                        new Sections(
                                "links",
                                "Columns of one source that refer to rows of another: what a cut must not tear.",
                                new Section(
                                        "",
                                        "",
                                        List.of(
                                                required(
                                                        "from",
                                                        Kind.TEXT,
                                                        "The referring column, as source.schema.table.column."),
                                                required("to", Kind.TEXT, "The key column that it refers to."))))));
    }

    private static Section kafka() {
        return new Section(
                "kafka",
                "Where the change topics are.",
                List.of(
                        optional(
                                "bootstrap-servers",
                                Kind.TEXT,
                                "host:port,... of a cluster; absent: one embedded broker in the data directory."),
                        withDefault("topic-prefix", Kind.TEXT, "cdp", "Topics are called PREFIX.SOURCE.changes."),
                        new Properties("properties", "Settings of the Kafka clients, as they are.")));
    }

    private static Section archive() {
        return new Section(
                "archive",
                "Where everything is kept.",
                List.of(
                        required("url", Kind.ARCHIVE_URL, "s3://BUCKET/PREFIX, or file:PATH for a local folder."),
                        optional("endpoint", Kind.HTTP_URL, "Address of an S3 service other than AWS."),
                        optional("region", Kind.TEXT, "Region of the bucket."),
                        withDefault(
                                "path-style",
                                Kind.BOOLEAN,
                                "false",
                                "Put the bucket's name into the path; most services other than AWS need it."),
                        withDefault(
                                "checksums",
                                Kind.CHECKSUMS,
                                "when-supported",
                                "When S3 requests carry checksums; Ceph needs when-required."),
                        new Section(
                                "credentials",
                                "Keys for S3; absent: the AWS default chain.",
                                List.of(
                                        optional("access-key", Kind.SECRET, "Access key id."),
                                        optional("secret-key", Kind.SECRET, "Secret access key."))),
                        withDefault(
                                "commit-interval",
                                Kind.DURATION,
                                "10s",
                                "How often what was captured becomes part of the archive."),
                        withDefault(
                                "target-file-size", Kind.SIZE, "128MiB", "A data file is closed at about this size.")));
    }

    private static Leaf optional(String name, Kind kind, String description) {
        return new Leaf(name, kind, null, Presence.OPTIONAL, description);
    }

    private static Leaf required(String name, Kind kind, String description) {
        return new Leaf(name, kind, null, Presence.REQUIRED, description);
    }

    private static Leaf withDefault(String name, Kind kind, String text, String description) {
        return new Leaf(name, kind, text, Presence.OPTIONAL, description);
    }
}
