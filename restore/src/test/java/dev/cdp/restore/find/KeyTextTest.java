package dev.cdp.restore.find;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.CdpException;
import dev.cdp.core.Column;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.testkit.SyntheticTable;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyTextTest {
    private static final Column ID = SyntheticTable.column(1, "id", Carrier.INT64);
    private static final Column CODE = SyntheticTable.column(2, "code", Carrier.TEXT);
    private static final Column RAW = SyntheticTable.column(3, "raw", Carrier.BYTES);

    @Test
    void readsValuesInKeyOrderAndByName() {
        assertThat(parse(table(1), "42")).isEqualTo(RowImage.of(42L));
        assertThat(parse(table(1), "id=42")).isEqualTo(RowImage.of(42L));
        assertThat(parse(table(2, 1), "a b,7")).isEqualTo(RowImage.of("a b", 7L));
        assertThat(parse(table(2, 1), "id=7,code=a b")).isEqualTo(RowImage.of("a b", 7L));
        assertThat(parse(table(3), "\\x00FF")).isEqualTo(RowImage.of(new byte[] {0, -1}));
    }

    @Test
    void quotesKeepCommasEqualsSignsAndQuotes() {
        assertThat(parse(table(2), "\"a,b\"")).isEqualTo(RowImage.of("a,b"));
        assertThat(parse(table(2), "\"a=b\"")).isEqualTo(RowImage.of("a=b"));
        assertThat(parse(table(2), "code=\"say \"\"so\"\"\"")).isEqualTo(RowImage.of("say \"so\""));
        assertThat(parse(table(2), "code=a=b")).isEqualTo(RowImage.of("a=b"));
        assertThat(parse(table(2), "")).isEqualTo(RowImage.of(""));
    }

    @Test
    void whatDoesNotFitNamesTheColumnsAndAnExample() {
        for (String wrong : List.of("42", "42,a,b", "id=42", "id=42,kode=a", "id=42,id=42", "x,a", "\"a,7")) {
            assertThatThrownBy(() -> parse(table(1, 2), wrong))
                    .as(wrong)
                    .isInstanceOf(CdpException.class)
                    .hasMessageContaining("The key of orders.public.t is id (bigint), code (text), and ")
                    .satisfies(error -> {
                        assertThat(((CdpException) error).code()).isEqualTo(ErrorCode.KEY_WRONG);
                        assertThat(((CdpException) error).next())
                                .isEqualTo("cdp history orders.public.t --key id=42,code=abc");
                    });
        }
        assertThatThrownBy(() -> parse(table(1, 2), "id=42,kode=a")).hasMessageContaining("\"kode\" is none of them");
        assertThatThrownBy(() -> parse(table(1, 2), "x,a")).hasMessageContaining("\"x\" is no value of \"id\"");
    }

    @Test
    void aTableWithoutKeyHasNoRowsToTellApart() {
        assertThatThrownBy(() -> parse(table(), "1"))
                .isInstanceOf(CdpException.class)
                .hasMessageContaining("has no primary key");
    }

    private static RowImage parse(TableSchema table, String text) {
        return KeyText.parse("orders.public.t", table, text);
    }

    private static TableSchema table(Integer... key) {
        return new TableSchema(
                new TableId(1),
                1,
                new TableName("public", "t"),
                List.of(ID, CODE, RAW),
                List.of(key),
                TableSchema.Identity.KEY);
    }
}
