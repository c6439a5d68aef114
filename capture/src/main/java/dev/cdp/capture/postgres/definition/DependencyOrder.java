package dev.cdp.capture.postgres.definition;

import dev.cdp.capture.postgres.definition.ObjectGraph.Node;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Puts the objects of a graph into an order in which each comes after what it needs.
 *
 * <p>A statement moves to a later phase with what it needs: a materialized view grouped by a primary key can only be
 * made once there is that key. Views are divided instead, so that what uses them can stay before the rows.
 */
final class DependencyOrder {
    private final ObjectGraph graph;

    DependencyOrder(ObjectGraph graph) {
        this.graph = graph;
    }

    List<DefinitionStatement> statements() {
        breakCircles();
        Map<Node, Phase> phases = phases();
        List<Node> late = graph.nodes().stream()
                .filter(node -> node.isDivisible() && phases.get(node) != Phase.BEFORE_DATA)
                .toList();
        if (!late.isEmpty()) {
            late.forEach(graph::divide);
            phases.clear();
            phases.putAll(phases());
        }
        Comparator<Node> order =
                Comparator.comparing((Node node) -> phases.get(node)).thenComparing(Node::making, Making.ORDER);
        List<DefinitionStatement> statements = new ArrayList<>();
        sorted(order).forEach(node -> statements.add(node.making().in(phases.get(node))));
        refreshInOrderOfCreation(statements);
        return List.copyOf(statements);
    }

    /** A materialized view may read others, through views and functions too; so may its creation. */
    private static void refreshInOrderOfCreation(List<DefinitionStatement> statements) {
        Map<String, Integer> created = new HashMap<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < statements.size(); i++) {
            DefinitionStatement statement = statements.get(i);
            if (statement.kind().equals(ViewObjects.MATERIALIZED_VIEW)) {
                created.put(statement.object(), i);
            } else if (statement.kind().equals(ViewObjects.REFRESH)) {
                places.add(i);
            }
        }
        List<DefinitionStatement> refreshes =
                new ArrayList<>(places.stream().map(statements::get).toList());
        refreshes.sort(Comparator.comparing(each -> created.getOrDefault(each.object(), 0)));
        for (int i = 0; i < places.size(); i++) {
            statements.set(places.get(i), refreshes.get(i));
        }
    }

    private void breakCircles() {
        while (true) {
            Set<Node> stuck = new HashSet<>(graph.nodes());
            sorted(byName()).forEach(stuck::remove);
            if (stuck.isEmpty()) {
                return;
            }
            List<Node> circular = stuck.stream()
                    .filter(node -> reaches(node, node, stuck))
                    .sorted(byName())
                    .toList();
            Optional<Node> view = circular.stream().filter(Node::isDivisible).findFirst();
            view.ifPresentOrElse(graph::divide, () -> graph.removeCircle(Set.copyOf(circular)));
        }
    }

    private static Comparator<Node> byName() {
        return Comparator.comparing(Node::making, Making.ORDER);
    }

    private static boolean reaches(Node from, Node to, Set<Node> among) {
        Set<Node> seen = new HashSet<>();
        Deque<Node> open = new ArrayDeque<>(from.after());
        while (!open.isEmpty()) {
            Node next = open.pop();
            if (next == to) {
                return true;
            }
            if (among.contains(next) && seen.add(next)) {
                open.addAll(next.after());
            }
        }
        return false;
    }

    /** The phase of each node: its own, or the latest of what it needs. */
    private Map<Node, Phase> phases() {
        Map<Node, Phase> phases = new HashMap<>();
        for (Node node : sorted(byName())) {
            Phase latest = node.making().step().phase();
            for (Node needed : node.after()) {
                Phase other = phases.get(needed);
                latest = other.compareTo(latest) > 0 ? other : latest;
            }
            phases.put(node, latest);
        }
        return phases;
    }

    /** All nodes that can be reached, the smallest possible one first at every place. */
    private List<Node> sorted(Comparator<Node> order) {
        Map<Node, Integer> waitingFor = new HashMap<>();
        Map<Node, List<Node>> followers = new HashMap<>();
        PriorityQueue<Node> ready = new PriorityQueue<>(order);
        for (Node node : graph.nodes()) {
            waitingFor.put(node, node.after().size());
            node.after().forEach(needed -> followers
                    .computeIfAbsent(needed, any -> new ArrayList<>())
                    .add(node));
            if (node.after().isEmpty()) {
                ready.add(node);
            }
        }
        List<Node> result = new ArrayList<>();
        while (!ready.isEmpty()) {
            Node next = ready.poll();
            result.add(next);
            for (Node follower : followers.getOrDefault(next, List.of())) {
                if (waitingFor.merge(follower, -1, Integer::sum) == 0) {
                    ready.add(follower);
                }
            }
        }
        return result;
    }
}
