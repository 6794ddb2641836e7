package io.kappacdc.processor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.WireFormatException;
import io.kappacdc.processor.lake.LakeCatalog;
import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.processor.postgres.TrailQuarantine;
import io.kappacdc.processor.schema.SchemaRegistry;
import io.kappacdc.processor.stream.Quarantined;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.Cli;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.cli.OperatorAction;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa quarantine}: the records of the topics that are no events. */
@Command(
    name = "quarantine",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(list | retry)",
    subcommands = {QuarantineCommand.ListCommand.class, QuarantineCommand.RetryCommand.class},
    description = {
      "Records of the topics that cannot be read are set aside, with their bytes, place and reason;"
          + " everything else goes on."
    })
final class QuarantineCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return ExitCode.OK;
  }

  /** Shows the records of both stores. */
  private static void read(ProcessorSettings settings, Consumer<Quarantined> reader) {
    try {
      TrailQuarantine.read(settings.postgres(), reader);
    } catch (SQLException e) {
      throw new KappaException(
          "Cannot read the quarantine of the PostgreSQL trail",
          String.valueOf(e.getMessage()),
          "Look with ./kappa status whether the sink database is up, then try again.",
          e);
    }
    try (LakeSparkSession spark = LakeSparkSession.start("kappa quarantine")) {
      new LakeCatalog(spark.session(), settings.lakePath()).readQuarantine(reader);
    }
  }

  /** {@code kappa quarantine list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = {
        "List the records, by store. Their bytes are in kappa.quarantine: in the trail's database, and"
            + " in the lake for kappa sql."
      })
  static final class ListCommand implements Callable<Integer> {
    private static final String FORMAT = "%-15s %-44s %-24s %10s  %s%n";

    @Mixin private CommonOptions common = new CommonOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--limit",
        paramLabel = "RECORDS",
        defaultValue = "100",
        description = "How many to list at most, 0 for all (default: ${DEFAULT-VALUE}).")
    private long limit = 100;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    private final List<Quarantined> listed = new ArrayList<>();
    private long count;

    @Override
    public Integer call() throws IOException {
      read(ProcessorSettings.from(common.load(Map.of())), this::take);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(json());
      } else {
        print(out);
      }
      out.flush();
      return ExitCode.OK;
    }

    private void take(Quarantined record) {
      count++;
      if (limit == 0 || listed.size() < limit) {
        listed.add(record);
      }
    }

    private void print(PrintWriter out) {
      if (count == 0) {
        out.println("Nothing is in quarantine.");
        return;
      }
      out.printf(FORMAT, "store", "place", "when", "bytes", "reason");
      for (Quarantined record : listed) {
        out.printf(
            FORMAT,
            record.sink(),
            record.partition() + "@" + record.offset(),
            record.at().truncatedTo(ChronoUnit.MILLIS),
            bytes(record),
            record.reason());
      }
      if (count > listed.size()) {
        out.println("and " + (count - listed.size()) + " more; --limit 0 lists all");
      }
    }

    private static int bytes(Quarantined record) {
      return record.value() == null ? 0 : record.value().length;
    }

    private String json() throws IOException {
      StringWriter text = new StringWriter();
      try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
        generator.useDefaultPrettyPrinter();
        generator.writeStartObject();
        generator.writeNumberField("count", count);
        generator.writeArrayFieldStart("records");
        for (Quarantined record : listed) {
          generator.writeStartObject();
          generator.writeStringField("store", record.sink());
          generator.writeStringField("topic", record.partition().topic());
          generator.writeNumberField("partition", record.partition().partition());
          generator.writeNumberField("offset", record.offset());
          generator.writeStringField("quarantinedAt", record.at().toString());
          generator.writeNumberField("bytes", bytes(record));
          generator.writeStringField("reason", record.reason());
          generator.writeEndObject();
        }
        generator.writeEndArray();
        generator.writeEndObject();
      }
      return text.toString();
    }
  }

  /** {@code kappa quarantine retry}. */
  @OperatorAction
  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      description = {
        "Read the records again. Tables of which any can be read now are rebuilt from their topics, as by"
            + " kappa replay --from earliest --rebuild --table, for the changes belong between others."
      })
  static final class RetryCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--no-verify", description = "Do not verify the tables that were rebuilt.")
    private boolean withoutVerify;

    private final TreeSet<String> readable = new TreeSet<>();
    private int count;
    private @Nullable String reason;

    @Override
    public Integer call() {
      ProcessorSettings settings = ProcessorSettings.from(common.load(Map.of()));
      EventReader reader = new EventReader(SchemaRegistry.shared(settings.kafka()));
      read(settings, record -> take(reader, record));
      PrintWriter out = spec.commandLine().getOut();
      if (count == 0) {
        out.println("Nothing is in quarantine.");
        out.flush();
        return ExitCode.OK;
      }
      if (readable.isEmpty()) {
        throw new KappaException(
            "None of the " + count + " records in quarantine can be read",
            String.valueOf(reason),
            "Look at them with ./kappa quarantine list. Those of other programs can stay where they"
                + " are.");
      }
      int code = ExitCode.OK;
      for (String table : readable) {
        out.println("Records of " + table + " can be read now; rebuilding it.");
        out.flush();
        code = Math.max(code, rebuild(table));
      }
      return code;
    }

    private void take(EventReader reader, Quarantined record) {
      count++;
      try {
        ChangeEvent event = reader.read(record.value());
        readable.add(event.schema().schema() + '.' + event.schema().table());
      } catch (WireFormatException e) {
        reason = record.partition() + "@" + record.offset() + ": " + e.getMessage();
      }
    }

    private int rebuild(String table) {
      List<String> arguments = new ArrayList<>(List.of("--from=earliest", "--rebuild"));
      arguments.add("--home=" + common.home().directory());
      if (common.configFile() != null) {
        arguments.add("--config=" + common.configFile());
      }
      arguments.add("--table=" + table);
      if (withoutVerify) {
        arguments.add("--no-verify");
      }
      CommandLine replay = Cli.commandLine(new ReplayCommand());
      return replay.execute(arguments.toArray(String[]::new));
    }
  }
}
