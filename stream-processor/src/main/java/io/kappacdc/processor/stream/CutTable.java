package io.kappacdc.processor.stream;

import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.streaming.StreamingRelationV2;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.execution.datasources.DataSource;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.Option;
import scala.collection.Seq;

/**
 * Spark's Kafka table with another stream over it. A query on it is planned by hand, since a source
 * that Spark looks up by name could be given texts only.
 */
final class CutTable implements Table, SupportsRead {
  private static final String KAFKA = "kafka";

  private final SupportsRead kafka;
  private final UnaryOperator<MicroBatchStream> stream;

  private CutTable(SupportsRead kafka, UnaryOperator<MicroBatchStream> stream) {
    this.kafka = kafka;
    this.stream = stream;
  }

  /**
   * The streaming rows of Spark's Kafka source.
   *
   * @param options of the Kafka source
   * @param stream makes a stream out of Kafka's when the query starts
   */
  @SuppressWarnings("unchecked")
  static Dataset<Row> read(
      SparkSession spark,
      CaseInsensitiveStringMap options,
      UnaryOperator<MicroBatchStream> stream) {
    TableProvider provider = provider(spark);
    StructType schema = provider.inferSchema(options);
    Table kafka = provider.getTable(schema, new Transform[0], options);
    Seq<Attribute> output = (Seq<Attribute>) (Seq<?>) DataTypeUtils.toAttributes(schema);
    return Dataset.ofRows(
        spark,
        new StreamingRelationV2(
            Option.empty(),
            "kafka-cuts",
            new CutTable((SupportsRead) kafka, stream),
            options,
            output,
            Option.empty(),
            Option.empty(),
            Option.empty()));
  }

  private static TableProvider provider(SparkSession spark) {
    try {
      return (TableProvider)
          DataSource.lookupDataSource(KAFKA, spark.sessionState().conf())
              .getConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Spark's Kafka source cannot be made", e);
    }
  }

  @Override
  public String name() {
    return kafka.name();
  }

  @Override
  @SuppressWarnings("deprecation")
  public StructType schema() {
    return kafka.schema();
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.MICRO_BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    Scan scan = kafka.newScanBuilder(options).build();
    return () -> new CutScan(scan, stream);
  }

  private record CutScan(Scan kafka, UnaryOperator<MicroBatchStream> stream) implements Scan {
    @Override
    public StructType readSchema() {
      return kafka.readSchema();
    }

    @Override
    public MicroBatchStream toMicroBatchStream(String checkpointLocation) {
      return stream.apply(kafka.toMicroBatchStream(checkpointLocation));
    }

    @Override
    public CustomMetric[] supportedCustomMetrics() {
      return kafka.supportedCustomMetrics();
    }
  }
}
