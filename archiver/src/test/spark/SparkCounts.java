import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Prints rows and the sum of their numbers for each table of a source, read through Spark's stock Hadoop catalog. Run
 * from source on Spark's own class path. Arguments: the warehouse, the source.
 */
final class SparkCounts {
    private SparkCounts() {}

    public static void main(String[] arguments) throws Exception {
        try (SparkSession spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.catalog.cdp", "org.apache.iceberg.spark.SparkCatalog")
                .config("spark.sql.catalog.cdp.type", "hadoop")
                .config("spark.sql.catalog.cdp.warehouse", arguments[0])
                .getOrCreate()) {
            List<Row> tables =
                    spark.sql("show tables in cdp." + arguments[1]).collectAsList();
            for (Row each : tables) {
                String table = each.getAs("tableName");
                String seq = table.equals("transactions") ? "seq" : "_cdp_seq";
                Row counted = spark.sql("select count(*), sum(" + seq + "), count(distinct " + seq + ") from cdp."
                                + arguments[1] + ".`" + table + "`")
                        .first();
                System.out.println("counted " + table + " " + counted.getLong(0) + " " + counted.getLong(1) + " "
                        + counted.getLong(2));
            }
        }
    }
}
