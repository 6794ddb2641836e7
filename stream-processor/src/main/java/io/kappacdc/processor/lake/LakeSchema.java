package io.kappacdc.processor.lake;

import static java.util.stream.Collectors.toSet;

import io.kappacdc.event.Column;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.TopicNames;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The source columns of a lake table, in the table's order. Only ever grows: a column that the
 * source dropped stays, null from then on. So does a column that somebody renamed because it cannot
 * hold the source's new type: another one takes the source's column over.
 */
public record LakeSchema(List<LakeColumn> columns) implements Serializable {
  static final LakeSchema EMPTY = new LakeSchema(List.of());

  public LakeSchema {
    columns = List.copyOf(columns);
  }

  /** What it takes for a table to hold rows of a further schema. */
  sealed interface Fit {
    /** At most new columns are needed. */
    record Fits(LakeSchema merged) implements Fit {}

    /** Existing columns need a wider type: the table must be rewritten first. */
    record Widens(LakeSchema merged) implements Fit {}

    /**
     * No type holds the old and the new values.
     *
     * @param column the one that cannot hold the new ones
     */
    record Clashes(LakeColumn column, String reason) implements Fit {}
  }

  /** The columns of a Delta table, metadata columns left out. */
  static LakeSchema of(StructType table) {
    List<LakeColumn> columns = new ArrayList<>();
    for (StructField field : table.fields()) {
      if (!MetadataColumns.isMetadata(field.name())) {
        columns.add(LakeColumn.of(field));
      }
    }
    return new LakeSchema(columns);
  }

  /** Whether this table holds rows of that schema, and with which columns. */
  Fit fit(TableSchema incoming) {
    Map<String, LakeColumn> known = new HashMap<>();
    columns.forEach(column -> known.put(column.column(), column));
    Map<String, LakeColumn> merged = new HashMap<>();
    List<LakeColumn> added = new ArrayList<>();
    Set<String> names =
        columns.stream()
            .map(column -> column.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toCollection(HashSet::new));
    Set<String> physicalNames =
        columns.stream()
            .map(LakeColumn::physicalName)
            .collect(Collectors.toCollection(HashSet::new));
    boolean widens = false;
    for (Column column : incoming.columns()) {
      LakeColumn existing = known.get(column.name());
      DataType type = LakeTypes.sparkType(column.builtInType());
      if (existing == null) {
        added.add(newColumn(column, type, names, physicalNames));
        continue;
      }
      Optional<DataType> joined = LakeTypes.join(existing.type(), type);
      if (joined.isEmpty() && isRenamed(existing)) {
        merged.put(column.name(), existing.givenUp());
        added.add(newColumn(column, type, names, physicalNames));
        continue;
      }
      if (joined.isEmpty()) {
        return new Fit.Clashes(existing, clash(incoming, column, existing));
      }
      widens |= !joined.get().equals(existing.type());
      merged.put(column.name(), existing.with(column.builtInType(), joined.get()));
    }
    List<LakeColumn> all = new ArrayList<>();
    columns.forEach(column -> all.add(merged.getOrDefault(column.column(), column)));
    all.addAll(added);
    LakeSchema schema = new LakeSchema(all);
    return widens ? new Fit.Widens(schema) : new Fit.Fits(schema);
  }

  private static String clash(TableSchema incoming, Column column, LakeColumn existing) {
    return "Column '"
        + column.name()
        + "' of "
        + incoming.qualifiedName()
        + " is now "
        + column.type()
        + ", and its lake column of type "
        + existing.type().sql()
        + " cannot hold that.";
  }

  private static LakeColumn newColumn(
      Column column, DataType type, Set<String> names, Set<String> physicalNames) {
    String name = column.name();
    if (MetadataColumns.isMetadata(name) || names.contains(name.toLowerCase(Locale.ROOT))) {
      name = suffixed(name);
    }
    names.add(name.toLowerCase(Locale.ROOT));
    String physicalName = TopicNames.escape(name);
    for (int number = 2; !physicalNames.add(physicalName); number++) {
      physicalName = TopicNames.escape(name) + '-' + number;
    }
    return new LakeColumn(name, column.name(), column.builtInType(), type, physicalName);
  }

  /** A name that a column could have once it is one of the past. */
  String formerName(LakeColumn column) {
    String plain = column.name() + '_' + column.type().typeName().replaceAll("\\(.*", "");
    Set<String> names =
        columns.stream().map(other -> other.name().toLowerCase(Locale.ROOT)).collect(toSet());
    String name = plain;
    for (int number = 2; names.contains(name.toLowerCase(Locale.ROOT)); number++) {
      name = plain + '_' + number;
    }
    return name;
  }

  private static String suffixed(String name) {
    return name + '_' + Integer.toHexString(name.hashCode());
  }

  /** Whether somebody gave the column another name than {@link #newColumn} did. */
  private static boolean isRenamed(LakeColumn column) {
    return !column.name().equals(column.column())
        && !column.name().equals(suffixed(column.column()));
  }

  private static Map<String, LakeColumn> byPhysicalName(LakeSchema schema) {
    Map<String, LakeColumn> columns = new HashMap<>();
    schema.columns.forEach(column -> columns.put(column.physicalName(), column));
    return columns;
  }

  /** Whether files with that schema's columns can be read as part of this table. */
  boolean reads(LakeSchema file) {
    Map<String, LakeColumn> known = byPhysicalName(this);
    Map<String, LakeColumn> theirs = byPhysicalName(file);
    return file.columns.stream()
            .allMatch(
                column -> {
                  LakeColumn mine = known.get(column.physicalName());
                  return mine == null || mine.type().equals(column.type());
                })
        && columns.stream()
            .noneMatch(
                column -> {
                  LakeColumn their = theirs.get(column.physicalName());
                  return their == null && file.column(column.column()).isPresent();
                });
  }

  /**
   * This schema and that one's further columns; where both have a column, the other's types. A
   * column that one of them gave up is given up.
   */
  LakeSchema plus(LakeSchema newer) {
    Map<String, LakeColumn> theirs = byPhysicalName(newer);
    List<LakeColumn> all = new ArrayList<>();
    for (LakeColumn column : columns) {
      LakeColumn their = theirs.remove(column.physicalName());
      if (their == null) {
        all.add(column);
        continue;
      }
      LakeColumn kept = isRenamed(column) && !isRenamed(their) ? column.givenUp() : column;
      all.add(kept.with(their.postgresType(), column.type()));
    }
    newer.columns.stream().filter(c -> theirs.containsKey(c.physicalName())).forEach(all::add);
    return new LakeSchema(all);
  }

  /** These columns, each wide enough for that schema's column of the same name as well. */
  LakeSchema widenedBy(LakeSchema wider) {
    Map<String, LakeColumn> theirs = byPhysicalName(wider);
    List<LakeColumn> all = new ArrayList<>();
    for (LakeColumn column : columns) {
      all.add(
          Optional.ofNullable(theirs.get(column.physicalName()))
              .flatMap(
                  other ->
                      LakeTypes.join(column.type(), other.type())
                          .map(type -> column.with(other.postgresType(), type)))
              .orElse(column));
    }
    return new LakeSchema(all);
  }

  /** The column that holds this source column. */
  public Optional<LakeColumn> column(String name) {
    return columns.stream().filter(column -> column.column().equals(name)).findFirst();
  }

  /** Places of these source columns among the table's. */
  int[] ordinals(Collection<String> names) {
    return IntStream.range(0, columns.size())
        .filter(i -> names.contains(columns.get(i).column()))
        .toArray();
  }

  /** The table's columns followed by metadata columns, as they stand inside Parquet files. */
  StructType physical(StructType metadata) {
    StructType type = new StructType();
    for (LakeColumn column : columns) {
      type = type.add(column.toPhysicalField());
    }
    for (StructField field : metadata.fields()) {
      type = type.add(field);
    }
    return type;
  }

  /**
   * The table's fields, with what Delta noted about existing ones.
   *
   * @param existing the table's schema so far; null for a new table
   */
  StructType toTable(
      @Nullable StructType existing, StructType metadataFirst, StructType metadataLast) {
    Map<String, StructField> noted = new HashMap<>();
    if (existing != null) {
      for (StructField field : existing.fields()) {
        noted.put(field.name(), field);
      }
    }
    List<StructField> fields = new ArrayList<>();
    for (StructField field : metadataFirst.fields()) {
      fields.add(noted.getOrDefault(field.name(), MetadataColumns.withPhysicalName(field)));
    }
    for (LakeColumn column : columns) {
      StructField field = noted.get(column.name());
      fields.add(column.toField(field == null ? MetadataColumns.NOTHING_NOTED : field.metadata()));
    }
    for (StructField field : metadataLast.fields()) {
      fields.add(noted.getOrDefault(field.name(), MetadataColumns.withPhysicalName(field)));
    }
    return new StructType(fields.toArray(StructField[]::new));
  }
}
