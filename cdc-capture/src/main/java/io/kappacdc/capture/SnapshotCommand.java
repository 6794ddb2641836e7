package io.kappacdc.capture;

import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.capture.source.PublishedNow.Found;
import io.kappacdc.capture.source.SourceCatalog;
import io.kappacdc.capture.source.SourceDatabase;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.SourceMessage;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.cli.Cli;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.cli.OperatorAction;
import io.kappacdc.runtime.config.SourceConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa snapshot}. */
@OperatorAction(shows = "--table")
@Command(
    name = "snapshot",
    description = {
      "Read a table's rows again while everything streams on, and publish them to its topic.",
      "The request goes into the source's log, where capture meets it, at the latest when it is"
          + " started next. `kappa status` shows how far the reading is; it goes on after a restart."
    },
    mixinStandardHelpOptions = true)
public final class SnapshotCommand implements Callable<Integer> {
  private static final String PROBLEM = "Cannot ask for a snapshot";

  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--table",
      paramLabel = "SCHEMA.TABLE",
      required = true,
      description = "The table; without a dot, of schema public. May be given several times.")
  private List<String> tables = new ArrayList<>();

  @Override
  public Integer call() {
    SourceConfig config = common.load(Map.of()).source();
    PrintWriter out = spec.commandLine().getOut();
    try (SourceCatalog catalog = new SourceCatalog(new SourceDatabase(config), config)) {
      catalog.slotLsn(config.slot());
      List<Found> now = catalog.publishedNow().tables();
      List<Found> wanted = tables.stream().map(name -> find(name, now, config)).toList();
      for (Found table : wanted) {
        long lsn = catalog.tell(SourceMessage.SNAPSHOT, Long.toString(table.oid()));
        out.println(table.schema() + '.' + table.table() + ": asked for at " + Lsn.format(lsn));
      }
      out.flush();
      return ExitCode.OK;
    } catch (TransientFailure e) {
      throw new KappaException(
          PROBLEM,
          "The source or its slot cannot be asked: "
              + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
          "See that the source is up and that capture has been started once: its first snapshot"
              + " reads all tables.",
          e);
    }
  }

  private static Found find(String name, List<Found> now, SourceConfig config) {
    String full = name.indexOf('.') < 0 ? "public." + name : name;
    Found found =
        now.stream()
            .filter(table -> (table.schema() + '.' + table.table()).equals(full))
            .findFirst()
            .orElseThrow(
                () ->
                    new KappaException(
                        PROBLEM,
                        "The source has no table " + full + ".",
                        "Write it as the catalog has it, <schema>.<table> without quotes."));
    if (found.membership() == null) {
      throw new KappaException(
          PROBLEM,
          "Publication " + config.publication() + " does not have " + full + ".",
          "Add it: ALTER PUBLICATION ... ADD TABLE; capture reads it by itself then.");
    }
    if (!config.tables().admits(found.schema(), found.table())) {
      throw new KappaException(
          PROBLEM,
          "source.include-tables and source.exclude-tables leave out " + full + ".",
          "Change them and start capture again; it reads the table by itself then.");
    }
    return found;
  }

  public static void main(String[] arguments) {
    System.exit(Cli.execute(new SnapshotCommand(), arguments));
  }
}
