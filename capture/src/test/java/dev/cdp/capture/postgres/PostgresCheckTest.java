package dev.cdp.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.CheckPage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PostgresCheckTest {
    @Test
    void thePageNamesEveryCheckAndWhatMendsIt() {
        CheckPage.assertHolds("postgresql.md", PostgresCheck.values());
    }

    /** A database prepared by an earlier version is brought up to date only if it can tell that it is one. */
    @Test
    void whoeverChangesTheSchemaRaisesItsVersion() throws NoSuchAlgorithmException {
        byte[] script = String.join("\n", CdpSchema.script()).getBytes(StandardCharsets.UTF_8);
        String digest = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(script))
                .substring(0, 16);

        assertThat(CdpSchema.VERSION + " " + digest)
                .as("version and text of cdp-schema.sql; when the text changes, raise cdp.version in it")
                .isEqualTo("3 3ce0f956d26f7667");
    }
}
