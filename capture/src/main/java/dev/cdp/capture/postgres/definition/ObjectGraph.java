package dev.cdp.capture.postgres.definition;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a database, what makes them, and what each needs. References come from {@code pg_depend}; a part that
 * is made along with its whole (an array type, the index of a key) stands for the whole.
 */
final class ObjectGraph {
    private final Map<ObjectId, Node> homes = new HashMap<>();
    private final Map<ObjectId, ObjectId> wholes = new HashMap<>();
    private final Map<ObjectId, Set<ObjectId>> references = new HashMap<>();
    private final Map<ObjectId, String> leftOut = new HashMap<>();
    private final Set<String> unprotected = new TreeSet<>();
    private final List<Node> nodes = new ArrayList<>();

    /** What makes an object, and the ids under which others refer to it. */
    static final class Node {
        private final Making making;
        private final Set<ObjectId> ids = new LinkedHashSet<>();
        private final Set<ObjectId> needs = new LinkedHashSet<>();
        private final Set<Node> after = new LinkedHashSet<>();
        private @Nullable Split split;

        private Node(Making making) {
            this.making = making;
        }

        Making making() {
            return making;
        }

        /** The nodes that must come before this one. */
        Set<Node> after() {
            return after;
        }

        boolean isDivisible() {
            return split != null;
        }
    }

    /** How a view is made in two statements when its query needs what comes later. */
    private record Split(ObjectId query, Making shell, Making replacement) {}

    void add(Making making, ObjectId id, ObjectId... needs) {
        Node node = new Node(making);
        node.needs.addAll(List.of(needs));
        nodes.add(node);
        answerFor(id, node);
    }

    /** Adds a statement that nothing refers to. */
    void addFollower(Making making, ObjectId... needs) {
        Node node = new Node(making);
        node.needs.addAll(List.of(needs));
        nodes.add(node);
    }

    /**
     * Adds a view, which is made at once if its query allows, otherwise as a shell of typed columns first.
     *
     * @param query the rule that holds the view's query
     */
    void addView(ObjectId id, ObjectId query, Making making, Making shell, Making replacement) {
        add(making, id);
        Node node = homes.get(id);
        node.split = new Split(query, shell, replacement);
        answerFor(query, node);
    }

    /** Lets {@code other} mean the object that was added as {@code id}. */
    void alias(ObjectId other, ObjectId id) {
        Node node = homes.get(id);
        if (node != null) {
            answerFor(other, node);
        }
    }

    /** Whether something makes the object, or the whole it is a column of. */
    boolean holds(ObjectId id) {
        return homes.containsKey(id) || homes.containsKey(id.whole());
    }

    /** Says that the object is not made again, so that nothing which needs it can be. */
    void leaveOut(ObjectId id, String description) {
        leftOut.put(id, description);
    }

    void warn(String sentence) {
        unprotected.add(sentence);
    }

    /** One sentence for each thing that the definition does not bring back, sorted. */
    List<String> unprotected() {
        return List.copyOf(unprotected);
    }

    List<Node> nodes() {
        return nodes;
    }

    private void answerFor(ObjectId id, Node node) {
        homes.put(id, node);
        node.ids.add(id);
    }

    /** Reads who refers to whom, and leaves out whatever refers to an object that nothing makes. */
    void link(Catalog catalog) throws SQLException {
        readReferences(catalog);
        Map<Node, String> unmakeable = new HashMap<>();
        Map<Node, ObjectId> unresolved = new HashMap<>();
        for (Node node : nodes) {
            connect(node, unmakeable, unresolved);
        }
        for (Map.Entry<Node, ObjectId> entry : unresolved.entrySet()) {
            unmakeable.putIfAbsent(entry.getKey(), describe(catalog, entry.getValue()));
        }
        remove(unmakeable);
    }

    private void readReferences(Catalog catalog) throws SQLException {
        String sql = """
                SELECT classid::regclass::text, objid, objsubid, refclassid::regclass::text, refobjid,
                    refobjsubid, deptype
                FROM pg_depend WHERE objid >= 16384 AND refobjid >= 16384 AND deptype IN ('n', 'a', 'i', 'e', 'P', 'S')
                """;
        catalog.forEach(sql, row -> {
            ObjectId from = new ObjectId(row.getString(1), row.getLong(2), row.getInt(3));
            ObjectId to = new ObjectId(row.getString(4), row.getLong(5), row.getInt(6));
            String type = row.getString(7);
            if (type.equals("i") || type.equals("e")) {
                wholes.put(from.whole(), to);
            }
            Node home = homes.get(from.whole());
            boolean ownedSequence = type.equals("a") && home != null && home.making.step() == Step.SEQUENCE;
            if (!ownedSequence) {
                references.computeIfAbsent(from, any -> new LinkedHashSet<>()).add(to);
            }
        });
        // A part's needs are its whole's.
        for (ObjectId from : List.copyOf(references.keySet())) {
            Node home = homeOf(from);
            if (home != null) {
                home.ids.add(from);
            }
        }
    }

    private @Nullable Node homeOf(ObjectId id) {
        ObjectId current = id;
        // Parts nest a few levels deep at most; the bound stops a loop in a damaged catalog.
        for (int level = 0; level < 10 && current != null; level++) {
            Node home = homes.getOrDefault(current, homes.get(current.whole()));
            if (home != null) {
                return home;
            }
            current = wholes.get(current.whole());
        }
        return null;
    }

    private @Nullable String leftOutWhole(ObjectId id) {
        ObjectId current = id;
        for (int level = 0; level < 10 && current != null; level++) {
            String description = leftOut.get(current.whole());
            if (description != null) {
                return description;
            }
            current = wholes.get(current.whole());
        }
        return null;
    }

    private void connect(Node node, Map<Node, String> unmakeable, Map<Node, ObjectId> unresolved) {
        Set<ObjectId> targets = new LinkedHashSet<>(node.needs);
        node.ids.forEach(id -> targets.addAll(references.getOrDefault(id, Set.of())));
        node.after.clear();
        for (ObjectId target : targets) {
            String missing = leftOutWhole(target);
            Node home = homeOf(target);
            if (missing != null) {
                unmakeable.put(node, missing);
            } else if (home == null) {
                unresolved.put(node, target);
            } else if (home != node) {
                node.after.add(home);
            }
        }
    }

    private static String describe(Catalog catalog, ObjectId id) throws SQLException {
        String sql = "SELECT pg_describe_object('pg_catalog.%s'::regclass, %d, 0)".formatted(id.catalog(), id.oid());
        return catalog.rows(sql, row -> row.getString(1)).get(0);
    }

    /** Removes the given nodes and all that come after them, and says why. */
    private void remove(Map<Node, String> unmakeable) {
        Set<Node> gone = new HashSet<>();
        Map<Node, String> next = unmakeable;
        while (!next.isEmpty()) {
            next.forEach((node, missing) -> {
                // What only follows an object is lost with it and needs no sentence of its own.
                if (gone.add(node) && !node.ids.isEmpty()) {
                    warn("Not protected: " + node.making + ", because it needs " + missing + ", which is not kept");
                }
            });
            Map<Node, String> following = new HashMap<>();
            for (Node node : nodes) {
                if (!gone.contains(node)) {
                    node.after.stream()
                            .filter(gone::contains)
                            .findFirst()
                            .ifPresent(missing -> following.put(node, missing.making.toString()));
                }
            }
            next = following;
        }
        nodes.removeAll(gone);
    }

    /** Takes out nodes that need each other in a circle. */
    void removeCircle(Set<Node> circle) {
        circle.forEach(node -> warn(
                "Not protected: " + node.making + ", because it and what it needs refer to each other in a circle"));
        Map<Node, String> unmakeable = new HashMap<>();
        for (Node node : nodes) {
            if (!circle.contains(node)) {
                node.after.stream()
                        .filter(circle::contains)
                        .findFirst()
                        .ifPresent(missing -> unmakeable.put(node, missing.making.toString()));
            }
        }
        nodes.removeAll(circle);
        remove(unmakeable);
    }

    /** Makes a view in two statements; whatever needs the view then needs only its shell. */
    void divide(Node view) {
        Split split = view.split;
        if (split == null) {
            throw new IllegalStateException("Not a view: " + view.making);
        }
        Node shell = new Node(split.shell());
        Node query = new Node(split.replacement());
        for (ObjectId id : view.ids) {
            Node home = id.equals(split.query()) ? query : shell;
            home.ids.add(id);
            homes.put(id, home);
        }
        query.after.add(shell);
        nodes.remove(view);
        nodes.add(shell);
        nodes.add(query);
        for (Node node : nodes) {
            if (node.after.remove(view)) {
                node.after.add(shell);
            }
        }
        connect(shell, new HashMap<>(), new HashMap<>());
        connect(query, new HashMap<>(), new HashMap<>());
        query.after.add(shell);
    }
}
