package dev.cdp.capture.postgres.definition;

import dev.cdp.core.definition.DefinitionStatement.Phase;

/** The order in which kinds of statements run when no dependency asks for another one. */
enum Step {
    SCHEMA(Phase.BEFORE_DATA),
    EXTENSION(Phase.BEFORE_DATA),
    COLLATION(Phase.BEFORE_DATA),
    TYPE(Phase.BEFORE_DATA),
    TEXT_SEARCH(Phase.BEFORE_DATA),
    TEXT_SEARCH_MAPPING(Phase.BEFORE_DATA),
    SEQUENCE(Phase.BEFORE_DATA),
    ROUTINE(Phase.BEFORE_DATA),
    OPERATOR(Phase.BEFORE_DATA),
    DOMAIN_CHECK(Phase.BEFORE_DATA),
    TABLE(Phase.BEFORE_DATA),
    COLUMN_SETTING(Phase.BEFORE_DATA),
    INHERITANCE(Phase.BEFORE_DATA),
    COLUMN_SOURCE(Phase.BEFORE_DATA),
    VIEW(Phase.BEFORE_DATA),
    MATERIALIZED_VIEW(Phase.BEFORE_DATA),

    KEY(Phase.KEYS),
    KEY_ATTACHMENT(Phase.KEYS),

    VIEW_QUERY(Phase.AFTER_DATA),
    // Checks may call functions that read other tables, so they wait for all rows.
    CHECK(Phase.AFTER_DATA),
    INDEX(Phase.AFTER_DATA),
    INDEX_ATTACHMENT(Phase.AFTER_DATA),
    FOREIGN_KEY(Phase.AFTER_DATA),
    STATISTICS(Phase.AFTER_DATA),
    RULE(Phase.AFTER_DATA),
    TRIGGER(Phase.AFTER_DATA),
    POLICY(Phase.AFTER_DATA),
    TABLE_SETTING(Phase.AFTER_DATA),
    COMMENT(Phase.AFTER_DATA),
    OWNER(Phase.AFTER_DATA),
    PRIVILEGE(Phase.AFTER_DATA),
    DEFAULT_PRIVILEGE(Phase.AFTER_DATA),
    DATABASE_SETTING(Phase.AFTER_DATA),
    // A refresh runs as the view's owner, who needs his privileges first.
    REFRESH(Phase.AFTER_DATA),
    // Last, or it would fire for the statements above.
    EVENT_TRIGGER(Phase.AFTER_DATA);

    private final Phase phase;

    Step(Phase phase) {
        this.phase = phase;
    }

    Phase phase() {
        return phase;
    }
}
