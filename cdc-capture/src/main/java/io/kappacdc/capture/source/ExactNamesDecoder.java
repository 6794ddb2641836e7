package io.kappacdc.capture.source;

import io.debezium.DebeziumException;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.PostgresStreamingChangeEventSource.PgConnectionSupplier;
import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.MessageDecoderContext;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.PostgresReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationStream.ReplicationMessageProcessor;
import io.debezium.connector.postgresql.connection.pgoutput.PgOutputMessageDecoder;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables.TableFilter;
import io.debezium.util.Strings;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's decoder, such that names are what the server sent. Debezium reads them as if somebody
 * had written them in SQL: of a table from a text that {@code TableId.quote} leaves as it is if a
 * quotation mark begins or ends it, and in which {@code TableIdParser} takes two apostrophes or
 * backticks for one; of a column without the quotation marks, apostrophes or backticks around it. A
 * change would be taken for another table's, a value be left out, or capture stop. So what it is
 * given is written such that it reads the name.
 *
 * <p>Tables that are not captured are passed over, descriptions and changes: Debezium stops at some
 * of the descriptions, and would take the changes of a table that had a captured name before for
 * that name's.
 *
 * <p>What an old key lacks is marked as not sent: Debezium takes it for null, and whether the
 * server sent keys or rows then, the catalog does not tell any more.
 */
final class ExactNamesDecoder extends PgOutputMessageDecoder {
  private static final int COLUMN_TYPE_BYTES = 8; // oid, typmod
  private static final int CHANGE_HEAD_BYTES = 5; // type, oid

  private final PostgresSchema schema;
  private final TableFilter captured;

  /** Of the relations that Debezium would misread. */
  private final Map<Integer, ExactNames> namesByRelation = new HashMap<>();

  /** Relations that are not captured under the names that they have now. */
  private final Set<Integer> passedOver = new HashSet<>();

  private ExactNamesDecoder(
      PostgresConnectorConfig config, PostgresSchema schema, PostgresConnection metadata) {
    super(new MessageDecoderContext(config, schema), metadata);
    this.schema = schema;
    this.captured = config.getTableFilters().dataCollectionFilter();
  }

  /** Gives it to a connection that does not stream yet, which has no other way to get one. */
  static ReplicationConnection giveTo(
      ReplicationConnection connection,
      PostgresConnectorConfig config,
      PostgresSchema schema,
      PostgresConnection metadata) {
    try {
      Field decoder = PostgresReplicationConnection.class.getDeclaredField("messageDecoder");
      decoder.setAccessible(true);
      decoder.set(connection, new ExactNamesDecoder(config, schema, metadata));
      return connection;
    } catch (ReflectiveOperationException e) {
      throw new DebeziumException("This Debezium keeps its decoder elsewhere", e);
    }
  }

  @Override
  public void processNotEmptyMessage(
      ByteBuffer buffer, ReplicationMessageProcessor processor, TypeRegistry types)
      throws SQLException, InterruptedException {
    switch (MessageType.forType((char) buffer.get(buffer.position()))) {
      case RELATION -> {
        ByteBuffer relation = exactRelation(buffer);
        if (relation != null) {
          super.processNotEmptyMessage(relation, processor, types);
        }
      }
      case INSERT, UPDATE, DELETE -> {
        int relation = buffer.getInt(buffer.position() + 1);
        if (!passedOver.contains(relation)) {
          markUnsent(buffer.duplicate());
          ExactNames names = namesByRelation.get(relation);
          super.processNotEmptyMessage(
              buffer,
              names == null
                  ? processor
                  : message -> processor.process(new ExactMessage(message, names)),
              types);
        }
      }
      case TRUNCATE -> {
        ByteBuffer truncate = truncateOfCaptured(buffer);
        Queue<ExactNames> names = namesOfTruncated(truncate.duplicate());
        super.processNotEmptyMessage(
            truncate,
            message -> processor.process(new ExactMessage(message, names.remove())),
            types);
      }
      default -> super.processNotEmptyMessage(buffer, processor, types);
    }
  }

  /** Type, oid, schema, table, replica identity, number of columns; of each flags, name, type. */
  private @Nullable ByteBuffer exactRelation(ByteBuffer relation) {
    ByteBuffer in = relation.duplicate();
    in.get();
    int id = in.getInt();
    TableId table = new TableId(null, text(in), text(in));
    if (!captured.isIncluded(table)) {
      passedOver.add(id);
      namesByRelation.remove(id);
      return null;
    }
    passedOver.remove(id);
    in.get();
    int columns = in.getShort();
    ByteArrayOutputStream out = new ByteArrayOutputStream(2 * relation.remaining());
    out.write(relation.array(), start(relation), in.position() - relation.position());
    boolean misread = false;
    for (int i = 0; i < columns; i++) {
      out.write(in.get());
      String name = text(in);
      boolean isMisread = !name.equals(Strings.unquoteIdentifierPart(name));
      misread |= isMisread;
      out.writeBytes(
          (isMisread ? PublishedTable.quote(name) : name).getBytes(StandardCharsets.UTF_8));
      out.write(0);
      out.write(in.array(), start(in), COLUMN_TYPE_BYTES);
      in.position(in.position() + COLUMN_TYPE_BYTES);
    }
    ExactNames names = ExactNames.of(table, misread);
    if (names.equals(ExactNames.AS_READ)) {
      namesByRelation.remove(id);
      return relation;
    }
    namesByRelation.put(id, names);
    return ByteBuffer.wrap(out.toByteArray());
  }

  private static int start(ByteBuffer buffer) {
    return buffer.arrayOffset() + buffer.position();
  }

  private static String text(ByteBuffer buffer) {
    int length = 0;
    while (buffer.get(buffer.position() + length) != 0) {
      length++;
    }
    String text = new String(buffer.array(), start(buffer), length, StandardCharsets.UTF_8);
    buffer.position(buffer.position() + length + 1);
    return text;
  }

  /** No column of a key can be null: what came as null with an old key was not sent. */
  private static void markUnsent(ByteBuffer change) {
    change.position(change.position() + CHANGE_HEAD_BYTES);
    if (change.get() != 'K') {
      return;
    }
    int columns = change.getShort();
    for (int i = 0; i < columns; i++) {
      switch (change.get()) {
        case 'n' -> change.put(change.position() - 1, (byte) 'u');
        case 't' -> {
          int length = change.getInt();
          change.position(change.position() + length);
        }
        default -> {}
      }
    }
  }

  /** Type, number of relations, options, oids; without the relations that are passed over. */
  private ByteBuffer truncateOfCaptured(ByteBuffer truncate) {
    ByteBuffer in = truncate.duplicate();
    byte type = in.get();
    int relations = in.getInt();
    byte options = in.get();
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < relations; i++) {
      int relation = in.getInt();
      if (!passedOver.contains(relation)) {
        kept.add(relation);
      }
    }
    ByteBuffer out = ByteBuffer.allocate(truncate.remaining());
    out.put(type).putInt(kept.size()).put(options);
    kept.forEach(out::putInt);
    return out.flip();
  }

  /** One for each of the tables that Debezium knows: it makes a message of each of them. */
  private Queue<ExactNames> namesOfTruncated(ByteBuffer truncate) {
    truncate.get();
    int relations = truncate.getInt();
    truncate.get();
    Queue<ExactNames> names = new ArrayDeque<>();
    for (int i = 0; i < relations; i++) {
      int relation = truncate.getInt();
      if (schema.tableFor(relation) != null) {
        names.add(namesByRelation.getOrDefault(relation, ExactNames.AS_READ));
      }
    }
    return names;
  }

  /**
   * How a table's names are written so that Debezium reads them right.
   *
   * @param table null if it does anyway
   * @param quotesColumns whether it misreads one of the columns, and so all are to be quoted
   */
  private record ExactNames(@Nullable String table, boolean quotesColumns) {
    static final ExactNames AS_READ = new ExactNames(null, false);

    static ExactNames of(TableId table, boolean quotesColumns) {
      String exact = quote(table.schema()) + '.' + quote(table.table());
      return new ExactNames(
          exact.equals(table.toDoubleQuotedString()) ? null : exact, quotesColumns);
    }

    private static String quote(String name) {
      return PublishedTable.quote(name).replace("'", "''").replace("`", "``");
    }

    @Nullable List<ReplicationMessage.Column> columns(
        @Nullable List<ReplicationMessage.Column> columns) {
      return columns == null || !quotesColumns
          ? columns
          : columns.stream().<ReplicationMessage.Column>map(QuotedColumn::new).toList();
    }
  }

  private record ExactMessage(ReplicationMessage message, ExactNames names)
      implements ReplicationMessage {
    @Override
    public String getTable() {
      return names.table() == null ? message.getTable() : names.table();
    }

    @Override
    public @Nullable List<Column> getOldTupleList() {
      return names.columns(message.getOldTupleList());
    }

    @Override
    public @Nullable List<Column> getNewTupleList() {
      return names.columns(message.getNewTupleList());
    }

    @Override
    public Operation getOperation() {
      return message.getOperation();
    }

    @Override
    public Instant getCommitTime() {
      return message.getCommitTime();
    }

    @Override
    public OptionalLong getTransactionId() {
      return message.getTransactionId();
    }

    @Override
    public boolean isLastEventForLsn() {
      return message.isLastEventForLsn();
    }

    @Override
    public boolean shouldSchemaBeSynchronized() {
      return message.shouldSchemaBeSynchronized();
    }

    @Override
    public boolean isSkippedMessage() {
      return message.isSkippedMessage();
    }
  }

  private record QuotedColumn(ReplicationMessage.Column column)
      implements ReplicationMessage.Column {
    @Override
    public String getName() {
      return PublishedTable.quote(column.getName());
    }

    @Override
    public PostgresType getType() {
      return column.getType();
    }

    @Override
    public ReplicationMessage.ColumnTypeMetadata getTypeMetadata() {
      return column.getTypeMetadata();
    }

    @Override
    public @Nullable Object getValue(
        PgConnectionSupplier connection, boolean includeUnknownDatatypes) {
      return column.getValue(connection, includeUnknownDatatypes);
    }

    @Override
    public boolean isOptional() {
      return column.isOptional();
    }

    @Override
    public boolean isToastedColumn() {
      return column.isToastedColumn();
    }
  }
}
