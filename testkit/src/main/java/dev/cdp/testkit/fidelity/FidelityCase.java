package dev.cdp.testkit.fidelity;

/**
 * What was compared.
 *
 * @param subject a type, a kind of rows or a statement, as a reader of the page knows it
 * @param place which way it took through the product, such as {@code base} or {@code key change}
 */
public record FidelityCase(FidelityKind kind, String subject, String place) {

    public FidelityCase {
        if (subject.isBlank() || place.isBlank()) {
            throw new IllegalArgumentException("Nothing was compared: '" + subject + "', '" + place + "'");
        }
    }
}
