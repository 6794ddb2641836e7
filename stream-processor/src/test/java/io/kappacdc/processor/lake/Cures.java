package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** Does what the reasons of stopped partitions tell people to do. */
final class Cures {
  private static final Pattern STATEMENTS = Pattern.compile("kappa sql '([^']*)'");

  private Cures() {}

  /** Runs the statements of the reasons, each once, as {@code kappa sql} would. */
  static void apply(SparkSession spark, Path lake, Collection<String> reasons) {
    assertThat(reasons).isNotEmpty();
    SparkSession session = spark.newSession();
    new LakeCatalog(session, lake.toString()).register();
    for (String reason : new HashSet<>(reasons)) {
      Matcher cure = STATEMENTS.matcher(reason);
      assertThat(cure.find()).as(reason).isTrue();
      for (String statement : cure.group(1).split(";")) {
        session.sql(statement);
      }
    }
    for (LakeCatalog.Store store : LakeCatalog.Store.values()) {
      session.sql("DROP DATABASE " + store.database() + " CASCADE");
    }
  }
}
