package dev.cdp.capture.binlog;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a user may do with a whole database, from the lines of {@code SHOW GRANTS}. */
final class Privileges {
    private static final Pattern GRANT = Pattern.compile("GRANT (.+?) ON (\\S+)\\.\\* TO .*", Pattern.DOTALL);
    private static final String ALL = "ALL PRIVILEGES";

    private final Set<String> granted = new HashSet<>();

    Privileges(List<String> grants, String database) {
        for (String grant : grants) {
            Matcher parts = GRANT.matcher(grant);
            if (parts.matches() && covers(parts.group(2), database)) {
                for (String privilege : parts.group(1).toUpperCase(Locale.ROOT).split(",")) {
                    granted.add(privilege.strip());
                }
            }
        }
    }

    boolean has(String privilege) {
        return granted.contains(ALL) || granted.contains(privilege);
    }

    /** Names of databases in grants are patterns. */
    private static boolean covers(String scope, String database) {
        if (scope.equals("*")) {
            return true;
        }
        StringBuilder expression = new StringBuilder();
        String pattern = scope.substring(1, scope.length() - 1).replace("``", "`");
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\' && i + 1 < pattern.length()) {
                expression.append(Pattern.quote(pattern.substring(++i, i + 1)));
            } else {
                expression.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.matches(expression.toString(), database);
    }
}
