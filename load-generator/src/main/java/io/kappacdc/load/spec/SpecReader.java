package io.kappacdc.load.spec;

import io.kappacdc.load.Mix;
import io.kappacdc.load.spec.TableSpec.Deletes;
import io.kappacdc.load.spec.TransactionSpec.Mixed;
import io.kappacdc.load.spec.TransactionSpec.Scripted;
import io.kappacdc.load.spec.TransactionSpec.Step;
import io.kappacdc.load.spec.ValueSpec.Pick;
import io.kappacdc.runtime.config.StrictMap;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Makes a workload of a YAML file. */
final class SpecReader {
  private static final int ROWS_MAX = 100_000;
  private static final int VALUE_CHARACTERS_MAX = 10_000_000;
  private static final Range ONE = new Range(1, 1);

  private SpecReader() {}

  /**
   * Reads and checks a spec.
   *
   * @throws io.kappacdc.runtime.config.ConfigException with every problem at once
   */
  static WorkloadSpec read(String name, String yaml) {
    String label = "The workload " + name;
    StrictMap root = StrictMap.parse(label, yaml);
    Optional<String> schema = root.optional("schema", text -> text);
    List<TableSpec> tables = new ArrayList<>();
    Map<String, StrictMap> named = root.mapsByName("tables");
    named.forEach((table, map) -> tables.add(table(table, map, schema.isPresent())));
    if (tables.isEmpty()) {
      root.problem("tables", "expected at least one");
    }
    List<TransactionSpec> transactions = new ArrayList<>();
    List<StrictMap> listed = root.maps("transactions");
    for (int i = 0; i < listed.size(); i++) {
      transactions.add(transaction(listed.get(i), i, tables));
    }
    if (transactions.isEmpty()) {
      root.problem("transactions", "expected at least one");
    }
    WorkloadSpec spec =
        new WorkloadSpec(
            name, root.required("description", text -> text, ""), schema, tables, transactions);
    SpecChecks.check(spec, root, 1);
    root.finish(label);
    return spec;
  }

  private static TableSpec table(String name, StrictMap map, boolean hasSchemaFile) {
    List<ColumnSpec> columns = new ArrayList<>();
    Map<String, StrictMap> named = map.mapsByName("columns");
    named.forEach((column, of) -> columns.add(column(column, of, hasSchemaFile)));
    if (columns.isEmpty()) {
      map.problem("columns", "expected at least one");
    }
    if (!name.matches("[^.]+\\.[^.]+")) {
      map.problem("", "expected a name such as public.fund_unit");
    }
    List<String> primaryKey = map.texts("primary-key");
    if (primaryKey.isEmpty()) {
      primaryKey =
          columns.stream()
              .filter(c -> c.value() instanceof ValueSpec.Key)
              .map(ColumnSpec::name)
              .toList();
    }
    return new TableSpec(
        name,
        map.optional("weight", StrictMap.wholeNumber(0, 1_000_000)).orElse(1L).intValue(),
        map.optional("rows", StrictMap.wholeNumber(0, 1_000_000_000)).orElse(0L),
        map.optional("keep", StrictMap.wholeNumber(0, 100_000)).orElse(0L).intValue(),
        map.optional("keys", KeyChoice::parse).orElse(KeyChoice.UNIFORM),
        map.optional("deletes", text -> constant(Deletes.class, text)).orElse(Deletes.ANY),
        columns,
        primaryKey,
        map.texts("update"));
  }

  private static ColumnSpec column(String name, StrictMap map, boolean hasSchemaFile) {
    String type =
        hasSchemaFile
            ? map.optional("type", text -> text).orElse(null)
            : map.required("type", text -> text, "");
    return new ColumnSpec(
        name, type, value(map), map.optional("nulls", StrictMap.number(0, 1)).orElse(0.0));
  }

  private static ValueSpec value(StrictMap map) {
    String kind = map.required("value", text -> text, "");
    return switch (kind) {
      case "key" -> new ValueSpec.Key();
      case "key-modulo" ->
          new ValueSpec.KeyModulo(
              map.required("of", StrictMap.wholeNumber(1, Integer.MAX_VALUE), 1L));
      case "reference" ->
          new ValueSpec.Reference(
              map.required("table", text -> text, ""),
              map.optional("pick", text -> constant(Pick.class, text)).orElse(Pick.ANY));
      case "words" -> new ValueSpec.Words(length(map));
      case "noise" -> new ValueSpec.Noise(length(map));
      case "bytes" -> new ValueSpec.Bytes(length(map));
      case "template" -> new ValueSpec.Template(map.required("text", text -> text, ""));
      case "whole" -> new ValueSpec.Whole(map.required("range", Range::parse, ONE));
      case "decimal" ->
          new ValueSpec.Decimal(
              map.required("unscaled", Range::parse, ONE),
              map.required("scale", StrictMap.wholeNumber(0, 100), 0L).intValue());
      case "day" ->
          new ValueSpec.Day(
              map.required("from", SpecReader::day, LocalDate.EPOCH),
              map.required("days", StrictMap.wholeNumber(1, 1_000_000), 1L).intValue());
      case "now" -> new ValueSpec.Now();
      case "now-millis" -> new ValueSpec.NowMillis();
      case "truth" -> new ValueSpec.Truth();
      case "uuid" -> new ValueSpec.Uuid();
      case "document" ->
          new ValueSpec.Document(
              map.required("fields", StrictMap.wholeNumber(1, 10_000), 1L).intValue());
      case "" -> new ValueSpec.Truth(); // the problem is noted
      default -> {
        map.problem(
            "value",
            "'"
                + kind
                + "' is unknown; there are key, key-modulo, reference, words, noise, bytes,"
                + " template, whole, decimal, day, now, now-millis, truth, uuid and document");
        yield new ValueSpec.Truth();
      }
    };
  }

  private static Range length(StrictMap map) {
    return map.required("length", t -> Range.parseWithin(t, 0, VALUE_CHARACTERS_MAX), ONE);
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("expected a day such as 2024-02-29", e);
    }
  }

  private static TransactionSpec transaction(StrictMap map, int index, List<TableSpec> tables) {
    String name = map.optional("name", text -> text).orElse("transaction " + (index + 1));
    int share = map.optional("share", StrictMap.wholeNumber(1, 1_000_000)).orElse(1L).intValue();
    if (!map.has("steps")) {
      List<String> of = map.texts("tables");
      return new Mixed(
          name,
          share,
          map.required("rows", SpecReader::rows, ONE),
          map.required("mix", Mix::parse, new Mix(1, 0, 0)),
          of.isEmpty() ? tables.stream().map(TableSpec::name).toList() : of);
    }
    List<Step> steps = new ArrayList<>();
    for (StrictMap step : map.maps("steps")) {
      steps.add(step(step));
    }
    return new Scripted(name, share, steps);
  }

  private static Step step(StrictMap map) {
    Range rows = map.optional("rows", SpecReader::rows).orElse(ONE);
    for (Mix.Kind kind : Mix.Kind.values()) {
      String key = kind.name().toLowerCase(Locale.ROOT);
      if (map.has(key)) {
        return new Step(kind, map.required(key, text -> text, ""), rows);
      }
    }
    map.problem("", "expected insert, update or delete with a table's name");
    return new Step(Mix.Kind.INSERT, "", rows);
  }

  private static Range rows(String text) {
    return Range.parseWithin(text, 1, ROWS_MAX);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "expected one of "
            + Arrays.stream(type.getEnumConstants())
                .map(c -> c.name().toLowerCase(Locale.ROOT))
                .toList());
  }
}
