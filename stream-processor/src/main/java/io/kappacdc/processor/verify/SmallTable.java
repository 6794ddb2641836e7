package io.kappacdc.processor.verify;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/**
 * While it is open, Spark holds a table's rows in the lake if they are few: a trail has a file for
 * every second or so, and opening them again for each query costs more than all else. Expressions
 * over few rows are interpreted, as it takes longer to compile them. Large tables are read from
 * their files each time, by compiled code.
 */
final class SmallTable implements AutoCloseable {
  private static final long BYTES_MAX = 32L * 1024 * 1024;

  private final List<Dataset<Row>> held;

  private SmallTable(List<Dataset<Row>> held) {
    this.held = held;
  }

  /**
   * @param versions what will be read of the table
   */
  static SmallTable open(@Nullable LakeSnapshot... versions) {
    List<LakeSnapshot> present = Stream.of(versions).filter(Objects::nonNull).toList();
    long bytes = present.stream().mapToLong(one -> one.version().sizeBytes()).sum();
    boolean isSmall = bytes <= BYTES_MAX;
    List<Dataset<Row>> rows = present.stream().map(one -> one.version().rows()).toList();
    for (Dataset<Row> one : rows) {
      RuntimeConfig settings = one.sparkSession().conf();
      settings.set("spark.sql.codegen.wholeStage", !isSmall);
      settings.set("spark.sql.codegen.factoryMode", isSmall ? "NO_CODEGEN" : "FALLBACK");
      if (isSmall) {
        one.persist(StorageLevel.MEMORY_AND_DISK());
      }
    }
    return new SmallTable(isSmall ? rows : List.of());
  }

  @Override
  public void close() {
    held.forEach(Dataset::unpersist);
  }
}
