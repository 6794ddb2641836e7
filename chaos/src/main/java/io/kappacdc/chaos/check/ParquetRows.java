package io.kappacdc.chaos.check;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;

/** The rows of a Parquet file, some of their columns. */
final class ParquetRows {
  private static final Configuration HADOOP = new Configuration();

  private ParquetRows() {}

  /** Hands over each row in the file's order; columns that the file lacks are not in it. */
  static void read(Path file, List<String> columns, Consumer<Group> rows) throws IOException {
    var path = new org.apache.hadoop.fs.Path(file.toUri());
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(path, HADOOP))) {
      MessageType all = reader.getFileMetaData().getSchema();
      MessageType wanted =
          new MessageType(
              all.getName(),
              columns.stream().filter(all::containsField).map(all::getType).toList());
      reader.setRequestedSchema(wanted);
      MessageColumnIO columnIo = new ColumnIOFactory().getColumnIO(wanted, all);
      for (PageReadStore group = reader.readNextRowGroup();
          group != null;
          group = reader.readNextRowGroup()) {
        RecordReader<Group> records =
            columnIo.getRecordReader(group, new GroupRecordConverter(wanted));
        for (long row = 0; row < group.getRowCount(); row++) {
          rows.accept(records.read());
        }
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
