package dev.cdp.core.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.DataSize;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowCursorTest {
    @TempDir
    private Path folder;

    @Test
    void aQueryThatFailsBehindItsFirstRowsDoesNotEndAsIfTheyWereAll() {
        String failing = "SELECT repeat('x', 1000) || CAST(CASE WHEN i = 90000 THEN 'broken' ELSE '1' END AS BIGINT)"
                + " FROM range(100000) t(i)"; // more than is made before the first rows are handed out
        try (FoldDatabase database = open(64);
                RowCursor rows = database.query(failing, List.of(Carrier.TEXT))) {
            assertThat(rows.next()).isNotNull();

            assertThatThrownBy(() -> {
                        while (rows.next() != null) {
                            // the rows before
                        }
                    })
                    .hasMessageContaining("Could not convert string");
        }
    }

    @Test
    void saysWhenRowsNeedMoreMemoryThanThereIs() {
        try (FoldDatabase database = open(64)) {
            String large = "SELECT length(v) FROM (SELECT i, repeat(chr((97 + i % 20)::INT), 30000000) AS v"
                    + " FROM range(10) t(i)) ORDER BY v";

            assertThatThrownBy(() -> count(database, large)).isInstanceOf(FoldMemoryException.class);
        }
    }

    private FoldDatabase open(int mebibytes) {
        return FoldDatabase.open(new FoldDatabase.Limits(DataSize.ofMebibytes(mebibytes), 1, folder.resolve("spill")));
    }

    private static int count(FoldDatabase database, String sql) {
        int rowCount = 0;
        try (RowCursor rows = database.query(sql, List.of(Carrier.INT64))) {
            while (rows.next() != null) {
                rowCount++;
            }
        }
        return rowCount;
    }
}
