package io.kappacdc.cli;

import io.kappacdc.cli.doctor.Doctor;
import io.kappacdc.cli.doctor.DoctorJson;
import io.kappacdc.cli.doctor.DoctorText;
import io.kappacdc.cli.doctor.Finding;
import io.kappacdc.cli.doctor.Finding.Grade;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa doctor}: the production checklist, checked. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Look whether source, Kafka, stores, storage and settings are fit for production, and say what to"
          + " change. Changes nothing itself. docs/production.md explains each check."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no problem; there may be advice",
      "1:there are problems",
      "2:no problem was found, and something could not be looked at"
    })
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--all", description = "Show what is in order, too.")
  private boolean all;

  @Option(names = "--json", description = "Print one JSON object with all checks.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    List<Finding> findings =
        new Doctor(common.load(Map.of()), common.home(), common.configFile()).examine();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(DoctorJson.write(findings));
    } else {
      DoctorText.lines(findings, all).forEach(out::println);
    }
    out.flush();
    return exitCode(findings);
  }

  private static int exitCode(List<Finding> findings) {
    if (findings.stream().anyMatch(finding -> finding.grade() == Grade.PROBLEM)) {
      return ExitCode.FAILED;
    }
    return findings.stream().anyMatch(finding -> finding.grade() == Grade.UNKNOWN)
        ? ExitCode.NOT_DONE
        : ExitCode.OK;
  }
}
