package io.kappacdc.processor.types;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.columns.ColumnMatcher;
import io.kappacdc.runtime.config.ColumnConfig.Policy;
import io.kappacdc.runtime.config.KappaConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa types}. */
@Command(
    name = "types",
    description = {
      "Show per table and column of the source what arrives as what, in the PostgreSQL trail and in"
          + " the lake.",
      "Reads the source's catalog only; nothing needs to be up."
    },
    mixinStandardHelpOptions = true)
public final class TypesCommand implements Callable<Integer> {
  private static final String CONNECT_SECONDS = "10";

  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--source-url",
      paramLabel = "URL",
      description = {
        "The source: jdbc:postgresql://host:5432/db, with ?user=..&password=.. if you like.",
        "Default: source.url of the configuration, or of the stack that is up."
      })
  private @Nullable String sourceUrl;

  @Option(names = "--source-user", paramLabel = "USER", description = "User of the source.")
  private @Nullable String sourceUser;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    KappaConfig config = common.load(flags());
    List<SourceColumn> columns = read(config);
    ColumnMatcher policies = new ColumnMatcher(config.capture().columns());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(columns, policies));
    } else {
      print(out, columns, policies);
    }
    out.flush();
    return ExitCode.OK;
  }

  private Map<String, String> flags() {
    Map<String, String> flags = new HashMap<>();
    if (sourceUrl != null) {
      flags.put("source.url", sourceUrl);
    }
    if (sourceUser != null) {
      flags.put("source.user", sourceUser);
    }
    return flags;
  }

  private static List<SourceColumn> read(KappaConfig config) {
    String url = config.source().url();
    if (url == null) {
      throw new KappaException(
          "Cannot tell the types",
          "source.url is not set, and no stack is up in this home directory",
          "Give --source-url, or set source.url in the file that --config names.");
    }
    Properties properties = new Properties();
    set(properties, "user", config.source().user());
    set(properties, "password", config.source().password());
    properties.setProperty("connectTimeout", CONNECT_SECONDS);
    properties.setProperty("ApplicationName", "kappa types");
    try (Connection source = DriverManager.getConnection(url, properties)) {
      return SourceColumn.read(source, config.source());
    } catch (SQLException e) {
      throw new KappaException(
          "Cannot read the source's catalog",
          String.valueOf(e.getMessage()),
          "Check source.url, source.user and source.password, and that the server is up.",
          e);
    }
  }

  private static void set(Properties properties, String name, @Nullable String value) {
    if (value != null) {
      properties.setProperty(name, value);
    }
  }

  private static @Nullable Policy policy(ColumnMatcher policies, SourceColumn column) {
    OptionalInt entry = policies.entry(column.schema(), column.table(), column.column());
    return entry.isPresent() ? policies.entries().get(entry.getAsInt()).policy() : null;
  }

  private static String name(Policy policy) {
    return policy.name().toLowerCase(Locale.ROOT);
  }

  private static void print(PrintWriter out, List<SourceColumn> columns, ColumnMatcher policies) {
    if (columns.isEmpty()) {
      out.println("The source has no tables to capture.");
    }
    String table = "";
    for (SourceColumn column : columns) {
      if (!column.qualifiedTable().equals(table)) {
        table = column.qualifiedTable();
        out.println(table);
        out.printf(
            "  %-24s %-28s %-28s %-18s %s%n", "column", "source", "trail", "lake", "in the lake");
      }
      print(out, column, policy(policies, column));
    }
  }

  private static void print(PrintWriter out, SourceColumn column, @Nullable Policy policy) {
    if (policy == Policy.EXCLUDE) {
      out.printf("  %-24s %-28s %s%n", column.column(), column.type(), "does not arrive (exclude)");
      return;
    }
    Arrival arrival = Arrival.of(column, policy);
    out.printf(
        "  %-24s %-28s %-28s %-18s %s%n",
        column.column(),
        column.type(),
        arrival.trailType(),
        arrival.lakeType(),
        arrival.fidelity()
            + (arrival.exactTextFor().isEmpty() ? "" : " for " + arrival.exactTextFor())
            + (policy == null ? "" : ", not the value (" + name(policy) + ")"));
  }

  private static String json(List<SourceColumn> columns, ColumnMatcher policies)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeArrayFieldStart("columns");
      for (SourceColumn column : columns) {
        write(json, column, policy(policies, column));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, SourceColumn column, @Nullable Policy policy)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("table", column.qualifiedTable());
    json.writeStringField("column", column.column());
    json.writeStringField("sourceType", column.type());
    if (policy != null) {
      json.writeStringField("policy", name(policy));
    }
    if (policy != Policy.EXCLUDE) {
      Arrival arrival = Arrival.of(column, policy);
      json.writeStringField("trailType", arrival.trailType());
      json.writeStringField("lakeType", arrival.lakeType());
      json.writeStringField("lake", arrival.fidelity().toString());
      json.writeStringField("exactTextFor", arrival.exactTextFor());
    }
    json.writeBooleanField("exact", policy == null);
    json.writeEndObject();
  }
}
