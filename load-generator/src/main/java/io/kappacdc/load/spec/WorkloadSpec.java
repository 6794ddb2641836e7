package io.kappacdc.load.spec;

import io.kappacdc.load.Mix;
import io.kappacdc.load.spec.TransactionSpec.Mixed;
import io.kappacdc.runtime.KappaException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A workload: its tables and what transactions do to them.
 *
 * @param name its file's, without the ending
 * @param schema file of {@code sql/source} that creates the tables; none if the columns' types do
 */
public record WorkloadSpec(
    String name,
    String description,
    Optional<String> schema,
    List<TableSpec> tables,
    List<TransactionSpec> transactions) {
  public WorkloadSpec {
    tables = List.copyOf(tables);
    transactions = List.copyOf(transactions);
  }

  /** The table of that name; the spec was checked to have those that it mentions. */
  public TableSpec table(String table) {
    return tables.stream().filter(t -> t.name().equals(table)).findFirst().orElseThrow();
  }

  /** Row changes of a transaction, on average. */
  public double meanRows() {
    double shares = transactions.stream().mapToInt(TransactionSpec::share).sum();
    return transactions.stream().mapToDouble(t -> t.share() * t.meanRows()).sum() / shares;
  }

  /** Tells apart workloads that do different things, whatever they are called. */
  public String fingerprint() {
    String content = schema + " " + tables + " " + transactions;
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** The same with another mix of inserts, updates and deletes. */
  public WorkloadSpec withMix(Mix mix) {
    return with("mix", t -> new Mixed(t.name(), t.share(), t.rows(), mix, t.tables()));
  }

  /** The same with transactions of so many row changes. */
  public WorkloadSpec withRows(Range rows) {
    return with(
        "size of transactions", t -> new Mixed(t.name(), t.share(), rows, t.mix(), t.tables()));
  }

  /** The same with at least so many rows in its tables before the load begins. */
  public WorkloadSpec withInitialRows(long rows) {
    return new WorkloadSpec(
        name,
        description,
        schema,
        tables.stream()
            .map(
                t ->
                    new TableSpec(
                        t.name(),
                        t.weight(),
                        Math.max(t.rows(), rows),
                        t.keep(),
                        t.keys(),
                        t.deletes(),
                        t.columns(),
                        t.primaryKey(),
                        t.updated()))
            .toList(),
        transactions);
  }

  private WorkloadSpec with(String what, UnaryOperator<Mixed> change) {
    if (transactions.stream().noneMatch(Mixed.class::isInstance)) {
      throw new KappaException(
          "The " + what + " of the workload " + name + " cannot be set",
          "its transactions are written out step by step",
          "Leave the option out, or take another --spec.");
    }
    return new WorkloadSpec(
        name,
        description,
        schema,
        tables,
        transactions.stream()
            .map(t -> t instanceof Mixed mixed ? (TransactionSpec) change.apply(mixed) : t)
            .toList());
  }
}
