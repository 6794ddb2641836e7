package io.kappacdc.cli.doctor;

import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.KappaConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** The lake's storage and the home directory. */
final class StorageExamination {
  private static final long FREE_MIN_BYTES = 10L << 30;
  private static final Set<String> FORGETFUL = Set.of("tmpfs", "ramfs", "overlay");

  private final KappaConfig config;
  private final KappaHome home;

  StorageExamination(KappaConfig config, KappaHome home) {
    this.config = config;
    this.home = home;
  }

  void examine(Findings findings) {
    String place =
        config.lake().path() == null ? home.resolve("lake").toString() : config.lake().path();
    if (place.matches("[A-Za-z][A-Za-z0-9+.-]+:.*") && !place.startsWith("file:")) {
      findings.unknown(
          "lake.writable",
          place + " is not on a file system that can be looked at from here",
          "Look there yourself: may the processor write, is the network's storage versioned or backed"
              + " up, does its LogStore exclude two writers (docs/cluster.md).");
      return;
    }
    Path directory = place.startsWith("file:") ? Path.of(URI.create(place)) : Path.of(place);
    try {
      write(directory.toAbsolutePath());
      findings.ok("lake.writable", "files can be written to " + place);
      room(existing(directory.toAbsolutePath()), findings);
    } catch (IOException e) {
      findings.problem(
          "lake.writable",
          "nothing can be written to " + place + ": " + e,
          "Create the directory, and let the processor's user own it.");
    }
  }

  /** Writes and removes a file, in the lake or in the directory that would get it. */
  private static void write(Path directory) throws IOException {
    Files.delete(Files.createTempFile(existing(directory), ".kappa-doctor-", ".tmp"));
  }

  private static Path existing(Path directory) {
    Path found = directory;
    while (!Files.isDirectory(found) && found.getParent() != null) {
      found = found.getParent();
    }
    return found;
  }

  private static void room(Path directory, Findings findings) throws IOException {
    FileStore store = Files.getFileStore(directory);
    if (FORGETFUL.contains(store.type())) {
      findings.problem(
          "lake.durable",
          "the lake is on "
              + store.type()
              + ", which does not outlive the machine or the container",
          "Point lake.path at a volume.");
    } else {
      findings.ok("lake.durable", "the lake is on " + store.type());
    }
    long free = store.getUsableSpace();
    if (free < FREE_MIN_BYTES) {
      findings.problem(
          "lake.room",
          Names.bytes(free) + " are free for the lake",
          "Make room, or lower lake.mirror-history; when it is full the lake stands still until there"
              + " is room again.");
    } else {
      findings.ok("lake.room", Names.bytes(free) + " are free for the lake");
    }
  }
}
