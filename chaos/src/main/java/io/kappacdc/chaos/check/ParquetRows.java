package io.kappacdc.chaos.check;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/** The rows of a Parquet file, some of their columns. */
final class ParquetRows {
  private static final Configuration HADOOP = new Configuration();

  private ParquetRows() {}

  /** Hands over each row in the file's order; columns that the file lacks are not in it. */
  static void read(Path file, List<String> columns, Consumer<Group> rows) throws IOException {
    var path = new org.apache.hadoop.fs.Path(file.toUri());
    MessageType all;
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(path, HADOOP))) {
      all = reader.getFileMetaData().getSchema();
    }
    List<Type> wanted = new ArrayList<>();
    for (String column : columns) {
      if (all.containsField(column)) {
        wanted.add(all.getType(column));
      }
    }
    Configuration projection = new Configuration(HADOOP);
    projection.set(
        ReadSupport.PARQUET_READ_SCHEMA, new MessageType(all.getName(), wanted).toString());
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), path).withConf(projection).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        rows.accept(row);
      }
    }
  }

  /** Whether the row has a value in this column. */
  static boolean has(Group row, String column) {
    return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0;
  }

  /** A whole number or a decimal. */
  static BigDecimal number(Group row, String column) {
    PrimitiveType type = row.getType().getType(column).asPrimitiveType();
    BigInteger unscaled =
        switch (type.getPrimitiveTypeName()) {
          case INT32 -> BigInteger.valueOf(row.getInteger(column, 0));
          case INT64 -> BigInteger.valueOf(row.getLong(column, 0));
          default -> new BigInteger(row.getBinary(column, 0).getBytes());
        };
    return type.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation decimal
        ? new BigDecimal(unscaled, decimal.getScale())
        : new BigDecimal(unscaled);
  }
}
