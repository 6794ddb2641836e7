package io.kappacdc.processor.sql;

import io.kappacdc.event.Lsn;
import io.kappacdc.processor.lake.UnsentValue;
import io.kappacdc.runtime.KappaException;
import java.io.FileNotFoundException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Every error of {@code kappa sql}. */
final class SqlErrors {
  private static final Pattern NAMED =
      Pattern.compile("`([^`]+)`(?:\\.`([^`]+)`)?(?:\\.`([^`]+)`)?");
  private static final int NEAR_MAX = 3;
  private static final String OTHER_WAYS =
      "The trails reach further back, and so do the views <table>_as_of in PostgreSQL.";

  private SqlErrors() {}

  static KappaException refused(String verb) {
    return new KappaException(
        "`kappa sql` does not run " + verb,
        "it reads the lake and changes nothing: the processor is its only writer",
        "Use SELECT, WITH, VALUES, TABLE, DESCRIBE, SHOW or EXPLAIN.");
  }

  static KappaException empty() {
    return new KappaException(
        "There is nothing to run", "no query was given", "kappa sql \"SHOW TABLES IN mirror\"");
  }

  static KappaException noLake() {
    return new KappaException(
        "Cannot find the lake",
        "lake.path is not set",
        "Set lake.path in --config FILE, or give the --home of the stack.");
  }

  static KappaException unreadableFile(String file, Exception cause) {
    return new KappaException(
        "Cannot read " + file, cause.getClass().getSimpleName(), "Correct the path.", cause);
  }

  static KappaException notAnLsn(String text) {
    return new KappaException(
        "--as-of-lsn " + text + " is no LSN",
        "an LSN looks like 0/1A2B3C8; the newest moment is called latest",
        "kappa sql \"SELECT * FROM kappa.cuts ORDER BY lsn DESC\" shows those that were noted.");
  }

  static KappaException notATime(String text) {
    return new KappaException(
        "--as-of-time " + text + " is no time",
        "a time looks like 2026-11-21T03:10:11.5+01:00, UTC if it has no offset",
        "Give the source's time in that form.");
  }

  static KappaException noCuts(String reason) {
    return new KappaException(
        "There is no moment to read",
        reason,
        "Wait until the processor has caught up once; `./kappa status` shows how far it is. A lake"
            + " that an older release wrote has moments from the first start of this one on.");
  }

  static KappaException notCompleteYet(AskedMoment asked, Moment newest) {
    return new KappaException(
        "The lake is not complete at " + asked + " yet",
        "it is complete up to " + newest,
        "Wait, or ask for an earlier moment; --as-of-lsn latest takes the newest.");
  }

  static KappaException before(AskedMoment asked, Moment first) {
    return new KappaException(
        "The lake does not reach back to " + asked,
        "its first moment is " + first,
        "Ask for a later moment; table kappa.cuts has those that were noted.");
  }

  static KappaException notYetThere(String table, Moment moment) {
    return new KappaException(
        "There was no table " + table + " as of " + moment,
        "its first change came later",
        "Ask for a later moment, or leave the table out.");
  }

  static KappaException stopped(String table, Moment moment, long noted) {
    return new KappaException(
        "Table " + table + " is not complete as of " + moment,
        "it had stopped by " + Lsn.format(noted),
        "`./kappa status` says why and what to do. Moments from before the stop can be read.");
  }

  static KappaException madeAnew(String table, Moment moment) {
    return new KappaException(
        "Table " + table + " cannot be read as of " + moment,
        "it was emptied and filled again since, or is being filled, or a row was erased from it",
        "Ask for a later moment. " + OTHER_WAYS);
  }

  static KappaException versionGone(String table, Moment moment, long version, Exception cause) {
    return new KappaException(
        "Table " + table + " cannot be read as of " + moment + " any more",
        "its version " + version + " is gone: mirrors keep theirs for lake.mirror-history",
        "Ask for a later moment, or keep versions for longer. " + OTHER_WAYS,
        cause);
  }

  static KappaException rekeyed(String table) {
    return new KappaException(
        "There is no table " + table,
        "the table's key has changed: changes from before do not tell which row they are of",
        "Read the trail, which has what PostgreSQL sent, or the mirror.");
  }

  private static KappaException neverSent(UnsentValue value, Exception cause) {
    return new KappaException(
        "The value of %s in a row of %s is not in the trail"
            .formatted(value.column(), value.table()),
        "the update at %s left it as it was, and the trail has no change that brought it"
            .formatted(value.lsn()),
        "Select other columns, or read the tables anew: kappa capture --resnapshot",
        cause);
  }

  /** Whether a query found that a file of an earlier version is not there any more. */
  private static boolean isFileGone(Exception error) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      if (at instanceof FileNotFoundException
          || String.valueOf(at.getMessage()).contains("FILE_NOT_FOUND")) {
        return true;
      }
    }
    return false;
  }

  static KappaException historyOfAMoment(String statement) {
    return new KappaException(
        "No history as of a moment: " + statement,
        "--as-of-lsn and --as-of-time show one state of each table",
        "Run this statement without the option.");
  }

  /** An error of Spark, with the lake's own tables in mind. */
  static KappaException failed(Exception cause, List<String> tables) {
    String message =
        Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName());
    String first = message.lines().findFirst().orElse(message);
    Optional<UnsentValue> unsent = UnsentValue.of(cause);
    if (unsent.isPresent()) {
      return neverSent(unsent.get(), cause);
    } else if (isFileGone(cause)) {
      return new KappaException(
          "A table cannot be read as of that moment or version any more",
          "files of the version are gone: mirrors keep theirs for lake.mirror-history",
          "Ask for a later one, or keep them for longer. " + OTHER_WAYS,
          cause);
    } else if (message.contains("TABLE_OR_VIEW_NOT_FOUND")) {
      String name = tableName(first);
      return new KappaException(
          "There is no table " + name,
          tables.isEmpty() ? "the lake has no tables yet" : "the lake does not have it",
          near(name, tables),
          cause);
    } else if (message.contains("SCHEMA_NOT_FOUND")) {
      return new KappaException(
          "There is no such database",
          first,
          "The lake has trail, history, mirror and kappa.",
          cause);
    }
    if (message.contains("TIME_TRAVEL") && message.contains("UNSUPPORTED")) {
      return new KappaException(
          "A version of its own for one table does not go with a moment for all",
          "--as-of-lsn and --as-of-time have chosen the version",
          "Leave out either VERSION AS OF or the option.",
          cause);
    }
    return new KappaException(
        "The query failed", first, "Correct the query; it is Spark SQL.", cause);
  }

  /** The table that Spark did not find; empty if that is not the error. */
  static Optional<String> missingTable(Exception cause) {
    String message = String.valueOf(cause.getMessage());
    return message.contains("TABLE_OR_VIEW_NOT_FOUND")
        ? Optional.of(tableName(message.lines().findFirst().orElse(message)))
        : Optional.empty();
  }

  private static String tableName(String message) {
    Matcher named = NAMED.matcher(message);
    if (!named.find()) {
      return "of that name";
    }
    String last = named.group(3) != null ? named.group(3) : named.group(2);
    String database = named.group(3) != null ? named.group(2) : named.group(1);
    return last == null ? database : database + '.' + last;
  }

  private static String near(String name, List<String> tables) {
    if (tables.isEmpty()) {
      return "Tables appear with the first change; `./kappa status` shows how far the pipeline is.";
    }
    String wanted = name.toLowerCase(Locale.ROOT);
    String nearest =
        tables.stream()
            .sorted(Comparator.comparingInt((String table) -> distance(wanted, table)))
            .limit(NEAR_MAX)
            .collect(Collectors.joining(", "));
    return "Did you mean one of " + nearest + "?";
  }

  /** Edits from one name to the other; cheap when one is part of the other. */
  private static int distance(String wanted, String table) {
    String bare = table.substring(table.indexOf('.') + 1);
    if (table.endsWith(wanted) || wanted.endsWith(bare) || bare.endsWith(wanted)) {
      return 0;
    }
    int[] row = new int[table.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= wanted.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int substitution = diagonal + (wanted.charAt(i - 1) == table.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[table.length()];
  }
}
