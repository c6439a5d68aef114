package dev.cdp.app.endtoend;

import dev.cdp.app.endtoend.BankService.Content;
import dev.cdp.app.endtoend.BankService.Note;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the databases of all services of a bank hold at one cut, by the name of the service. */
record BankState(Map<String, Content> services) {
    static final Verdict SOUND = new Verdict(0, 0, 0, 0);

    BankState {
        services = new TreeMap<>(services);
    }

    /**
     * What is wrong with a state.
     *
     * @param torn services whose content is not what their journal says after so many transactions
     * @param orphans messages that were received and never sent
     * @param brokenDeals messages whose cause, in the same deal, is nowhere
     * @param moneyMade above what the bank began with, negative when money was lost
     */
    record Verdict(int torn, int orphans, int brokenDeals, long moneyMade) {}

    /** @param witnesses the services, with their journals */
    Verdict judge(List<BankService> witnesses) {
        Map<String, Note> sent = new HashMap<>();
        Map<String, Note> received = new HashMap<>();
        long inAccounts = 0;
        int torn = 0;
        for (BankService witness : witnesses) {
            Content content = of(witness);
            sent.putAll(content.outbox());
            received.putAll(content.inbox());
            inAccounts += content.money();
            torn += content.equals(witness.replay(content.steps())) ? 0 : 1;
        }
        long inFlight = sent.entrySet().stream()
                .filter(message -> !received.containsKey(message.getKey()))
                .mapToLong(message -> message.getValue().amount())
                .sum();
        long orphans =
                received.keySet().stream().filter(id -> !sent.containsKey(id)).count();
        long brokenDeals = sent.keySet().stream()
                .map(Bank.Message::cause)
                .filter(cause -> !cause.isEmpty() && !sent.containsKey(cause))
                .count();
        long began = witnesses.size() * BankService.openingMoney();
        return new Verdict(torn, (int) orphans, (int) brokenDeals, inAccounts + inFlight - began);
    }

    Content of(BankService service) {
        Content content = services.get(service.name());
        if (content == null) {
            throw new IllegalArgumentException("No content of service " + service.name());
        }
        return content;
    }
}
