package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a query, one after another, with bounded memory. Reads chunks of vectors, which costs half of what
 * DuckDB's ResultSet does. Byte strings arrive as Base64, see {@link Sql#output}.
 */
public final class RowCursor implements AutoCloseable {
    private final PreparedStatement statement;
    private final DuckDBChunkedResult result;
    private final List<Carrier> carriers;
    private DuckDBReadableVector[] vectors = new DuckDBReadableVector[0];
    private long rowsInChunk;
    private long nextRow;

    RowCursor(PreparedStatement statement, DuckDBChunkedResult result, List<Carrier> carriers) {
        this.statement = statement;
        this.result = result;
        this.carriers = List.copyOf(carriers);
    }

    /** @return null after the last row */
    public @Nullable RowImage next() {
        while (nextRow >= rowsInChunk) {
            if (!nextChunk()) {
                requireAll();
                return null;
            }
            takeChunk(result.chunk());
        }
        Object[] values = new Object[carriers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(vectors[i], carriers.get(i), nextRow);
        }
        nextRow++;
        return RowImage.of(values);
    }

    private boolean nextChunk() {
        try {
            return result.nextChunk();
        } catch (RuntimeException e) { // the driver wraps what goes wrong here
            throw FoldMemoryException.isMeant(e) ? new FoldMemoryException(e) : e;
        }
    }

    private void requireAll() {
        try {
            EndOfRows.requireReached(result);
        } catch (SQLException e) {
            throw FoldDatabase.failed("the rows of a query", e);
        }
    }

    private void takeChunk(DuckDBDataChunkReader chunk) {
        vectors = new DuckDBReadableVector[carriers.size()];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = chunk.vector(i);
        }
        rowsInChunk = chunk.rowCount();
        nextRow = 0;
    }

    private static @Nullable Object value(DuckDBReadableVector vector, Carrier carrier, long row) {
        if (vector.isNull(row)) {
            return null;
        }
        return switch (carrier) {
            case BOOLEAN -> vector.getBoolean(row);
            case INT64 -> vector.getLong(row);
            case FLOAT32 -> vector.getFloat(row);
            case FLOAT64 -> vector.getDouble(row);
            case BYTES -> Base64.getDecoder().decode(vector.getString(row));
            case TEXT -> vector.getString(row);
        };
    }

    @Override
    public void close() {
        try (statement;
                result) {
            vectors = new DuckDBReadableVector[0];
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot close a query of DuckDB", e);
        }
    }
}
