package io.kappacdc.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import io.kappacdc.runtime.config.CaptureConfig;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.runtime.config.ListenAddress;
import io.kappacdc.runtime.config.ProcessorConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The configuration and this machine. */
final class SettingsExamination {
  /** What a JVM takes beside its heap. */
  private static final long BESIDE_HEAP_BYTES = 512L << 20;

  private final KappaConfig config;
  private final @Nullable Path file;

  SettingsExamination(KappaConfig config, @Nullable Path file) {
    this.config = config;
    this.file = file;
  }

  void examine(Findings findings) {
    gaps(findings);
    file(findings);
    addresses(findings);
    memory(findings);
  }

  private void gaps(Findings findings) {
    boolean heals =
        config.capture().onGap() == CaptureConfig.OnGap.RESNAPSHOT
            && config.processor().onGap() == ProcessorConfig.OnGap.RESUME;
    if (heals) {
      findings.ok("settings.on-gap", "lost changes are healed by reading all tables anew");
    } else {
      findings.advice(
          "settings.on-gap",
          "when changes are lost, the pipeline stops and waits for a person (capture.on-gap %s, processor.on-gap %s)"
              .formatted(name(config.capture().onGap()), name(config.processor().onGap())),
          "Have somebody told of it (monitoring/alerts.yml), or choose resnapshot and resume.");
    }
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** A file with passwords is its owner's business. */
  private void file(Findings findings) {
    if (file == null) {
      findings.ok("settings.file", "no configuration file was given");
      return;
    }
    try {
      Set<PosixFilePermission> may = Files.getPosixFilePermissions(file);
      boolean secret =
          Files.readString(file)
              .matches("(?s).*(password|sasl\\.jaas\\.config|token|hash-key)\"?\\s*:.*");
      if (secret && may.contains(PosixFilePermission.OTHERS_READ)) {
        findings.problem(
            "settings.file",
            file + " has secrets, and everybody on this machine may read it",
            "chmod 600 " + file + ", or give the secrets by the environment: docs/security.md.");
      } else {
        findings.ok(
            "settings.file", secret ? "others may not read its secrets" : "it has no secrets");
      }
    } catch (UnsupportedOperationException e) {
      findings.unknown(
          "settings.file",
          "who may read " + file + " is not told here",
          "Look at its permissions.");
    } catch (IOException e) {
      findings.unknown("settings.file", file + " cannot be read: " + e, "Look at its permissions.");
    }
  }

  private void addresses(Findings findings) {
    List<String> open = new ArrayList<>();
    addOpen(open, "capture.http-address", config.capture().httpAddress());
    addOpen(open, "processor.http-address", config.processor().httpAddress());
    if (open.isEmpty()) {
      findings.ok("settings.http", "metrics and health are served on this machine only");
    } else {
      findings.advice(
          "settings.http",
          "whoever reaches this machine reads metrics, names of tables among them: "
              + String.join(", ", open),
          "Let a firewall or a proxy decide who does.");
    }
  }

  private static void addOpen(List<String> open, String key, String value) {
    ListenAddress.parse(value)
        .filter(address -> !Encryption.isHere(address.host()))
        .ifPresent(address -> open.add(key + " " + address));
  }

  private void memory(Findings findings) {
    long memory =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    long wanted =
        config.capture().heap().bytes() + config.processor().heap().bytes() + 2 * BESIDE_HEAP_BYTES;
    if (wanted > memory) {
      findings.problem(
          "settings.memory",
          "capture and processor want %s, and this machine has %s"
              .formatted(Names.bytes(wanted), Names.bytes(memory)),
          "Lower processor.heap, or run the two on machines of their own.");
    } else {
      findings.ok(
          "settings.memory",
          "capture and processor want %s of %s"
              .formatted(Names.bytes(wanted), Names.bytes(memory)));
    }
  }
}
