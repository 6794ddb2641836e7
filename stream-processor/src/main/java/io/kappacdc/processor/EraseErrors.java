package io.kappacdc.processor;

import io.kappacdc.event.TableSchema;
import io.kappacdc.runtime.KappaException;
import java.util.List;

/** Every error of {@code kappa erase}. */
final class EraseErrors {
  private EraseErrors() {}

  static KappaException noTableName(String text) {
    return new KappaException(
        "'" + text + "' is not a table's name",
        "a schema and a table are expected",
        "Write it as schema.table, e.g. public.fund_metadata.");
  }

  static KappaException unknownTable(String topic) {
    return new KappaException(
        "The trail has no table of topic " + topic,
        "no change of such a table has arrived in the PostgreSQL trail",
        "Look with SELECT source_schema, source_table FROM kappa.tables in the sink database.");
  }

  static KappaException noKey(TableSchema schema) {
    return new KappaException(
        "Rows of " + schema.qualifiedName() + " cannot be told apart",
        "the table has no primary key",
        "Add one at the source; or delete the rows yourself from the trail in PostgreSQL, and"
            + " rebuild the lake's tables once the topic has lost them.");
  }

  static KappaException badKey(TableSchema schema, List<String> given) {
    String names = String.join(", ", schema.key());
    return new KappaException(
        "This is not a primary key of " + schema.qualifiedName(),
        "it has " + schema.key().size() + " columns, " + names + "; " + given.size() + " given",
        schema.key().size() == 1
            ? "Give its value: --key VALUE. One row is erased at a time."
            : "Give each column once: --key COLUMN=VALUE --key COLUMN=VALUE");
  }

  static KappaException notOfType(TableSchema schema, Exception cause) {
    return new KappaException(
        "This is not a primary key of " + schema.qualifiedName(),
        "PostgreSQL does not take a value for its column's type, or cuts it off or rounds it",
        "Write each value as PostgreSQL prints it.",
        cause);
  }

  static KappaException alive() {
    return new KappaException(
        "The row is still there",
        "the mirror shows it, so the source has it: its next change, or a snapshot, would bring it"
            + " back",
        "DELETE it at the source and let that arrive, then erase it; or say --even-if-alive.");
  }

  static KappaException behind(String lag) {
    return new KappaException(
        "The stores do not have all changes yet",
        lag + ", and no processor is running",
        "Start ./kappa process (or up) and repeat the command; the processor carries it out.");
  }

  static KappaException notTakenUp(long minutes, long request) {
    return new KappaException(
        "The running processor has not taken up the request",
        "request " + request + " has been waiting for " + minutes + " minutes",
        "Look at its log and ./kappa status; the request stands, and a processor that comes up"
            + " carries it out. DELETE FROM kappa.erasures WHERE id = "
            + request
            + " takes it back.");
  }

  static KappaException failed(String outcome) {
    return new KappaException(
        "The row was not erased", outcome, "Nothing is lost by repeating the command.");
  }

  static KappaException database(Exception cause) {
    return new KappaException(
        "The trail's database does not answer",
        String.valueOf(cause.getMessage()),
        "Look with ./kappa status whether the sink database is up, then try again.",
        cause);
  }
}
