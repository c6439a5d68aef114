package dev.cdp.capture.postgres.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The privileges on an object, compared with those it has when it is made.
 *
 * <p>Whoever granted a privilege is not kept: after a restore every grant is the owner's.
 */
final class AccessList {
    private static final String FIELD = "\u001f";
    private static final String ENTRY = "\u001e";

    private AccessList() {}

    /** One privilege of one role; {@code option} is {@code true} with the right to grant it. */
    private record Grant(String role, String privilege, String option) {}

    /** Two result columns: what is granted, and what is granted by default. */
    static String columns(String acl, String defaults) {
        return exploded(acl) + ", " + exploded(defaults);
    }

    private static String exploded(String acl) {
        return """
                (SELECT string_agg(concat_ws(E'\\x1f', CASE x.grantee WHEN 0 THEN 'PUBLIC'
                    ELSE x.grantee::regrole::text END,
                     x.privilege_type, x.is_grantable), E'\\x1e' ORDER BY x.ordinality)
                 FROM aclexplode(nullif(%s, '{}'::aclitem[])) WITH ORDINALITY AS x (grantor, grantee,
                     privilege_type, is_grantable, ordinality))""".formatted(acl);
    }

    /** A statement that gives or takes privileges. */
    record Change(Verb verb, String role, Set<String> privileges, String suffix) {

        /** Which way privileges go. */
        enum Verb {
            GRANT("TO"),
            REVOKE("FROM");

            private final String preposition;

            Verb(String preposition) {
                this.preposition = preposition;
            }
        }

        /**
         * The statement.
         *
         * @param column a column the privileges are limited to, or empty
         * @param on {@code ON} and the object
         */
        String statement(String column, String on) {
            String columns = column.isEmpty() ? "" : " (" + column + ")";
            String list = String.join(
                    ", ", privileges.stream().map(each -> each + columns).toList());
            return verb + " " + list + " " + on + " " + verb.preposition + " " + role + suffix;
        }
    }

    /** What turns the default privileges into the actual ones: first what is taken, then what is given. */
    static List<Change> changes(@Nullable String actual, @Nullable String defaults) {
        Set<Grant> wanted = parse(actual);
        Set<Grant> given = parse(defaults);
        List<Change> changes = new ArrayList<>();
        byRole(given, wanted)
                .forEach((key, privileges) -> changes.add(new Change(Change.Verb.REVOKE, key.role(), privileges, "")));
        byRole(wanted, given)
                .forEach((key, privileges) -> changes.add(new Change(
                        Change.Verb.GRANT,
                        key.role(),
                        privileges,
                        key.option().equals("t") ? " WITH GRANT OPTION" : "")));
        return changes;
    }

    private static Map<Grant, Set<String>> byRole(Set<Grant> all, Set<Grant> without) {
        Map<Grant, Set<String>> result = new LinkedHashMap<>();
        for (Grant grant : all) {
            if (!without.contains(grant)) {
                Grant key = new Grant(grant.role(), "", grant.option());
                result.computeIfAbsent(key, any -> new LinkedHashSet<>()).add(grant.privilege());
            }
        }
        return result;
    }

    private static Set<Grant> parse(@Nullable String exploded) {
        Set<Grant> grants = new LinkedHashSet<>();
        if (exploded != null) {
            for (String entry : exploded.split(ENTRY)) {
                String[] fields = entry.split(FIELD);
                grants.add(new Grant(fields[0], fields[1], fields[2]));
            }
        }
        return grants;
    }
}
