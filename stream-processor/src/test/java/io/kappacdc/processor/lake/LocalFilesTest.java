package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFilesTest {
  @TempDir private Path directory;

  private static Configuration ours() {
    Configuration hadoop = new Configuration();
    LocalFiles.settings().forEach(hadoop::set);
    return hadoop;
  }

  /** Makes files and directories by both of Hadoop's interfaces, as Parquet and Delta do. */
  private static void write(Configuration hadoop, Path root) throws IOException {
    URI uri = root.toUri();
    try (FileSystem files = FileSystem.newInstance(uri, hadoop)) {
      org.apache.hadoop.fs.Path below = new org.apache.hadoop.fs.Path(uri);
      files.mkdirs(new org.apache.hadoop.fs.Path(below, "made/by/mkdirs"));
      try (OutputStream out = files.create(new org.apache.hadoop.fs.Path(below, "data/file"))) {
        out.write(1);
      }
      FileContext context = FileContext.getFileContext(uri, hadoop);
      org.apache.hadoop.fs.Path temporary = new org.apache.hadoop.fs.Path(below, "log/temporary");
      try (OutputStream out =
          context.create(temporary, EnumSet.of(CreateFlag.CREATE), CreateOpts.createParent())) {
        out.write(2);
      }
      context.rename(temporary, new org.apache.hadoop.fs.Path(below, "log/file"), Rename.NONE);
    }
  }

  private static SortedMap<String, Set<PosixFilePermission>> permissions(Path root)
      throws IOException {
    SortedMap<String, Set<PosixFilePermission>> permissions = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.toList()) {
        permissions.put(root.relativize(file).toString(), Files.getPosixFilePermissions(file));
      }
    }
    return permissions;
  }

  private static List<String> processesStartedBy(Configuration hadoop, Path root)
      throws IOException {
    Path recorded = Files.createTempFile("processes", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.ProcessStart");
      recording.start();
      write(hadoop, root);
      recording.stop();
      recording.dump(recorded);
      return RecordingFile.readAllEvents(recorded).stream()
          .filter(event -> event.getThread().getJavaThreadId() == Thread.currentThread().getId())
          .map((RecordedEvent event) -> event.getString("command"))
          .toList();
    } finally {
      Files.delete(recorded);
    }
  }

  @Test
  void filesAreMadeAsHadoopMakesThemButNoProcessIsStarted() throws IOException {
    // Given
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    Path here = Files.createDirectory(directory.resolve("ours"));
    write(new Configuration(), theirs);

    // When
    List<String> processes = processesStartedBy(ours(), here);

    // Then
    assertThat(processes).isEmpty();
    assertThat(permissions(here)).isEqualTo(permissions(theirs)).hasSizeGreaterThan(8);
  }

  @Test
  void umaskIsHeeded() throws IOException {
    // Given
    Configuration hadoop = ours();
    hadoop.set("fs.permissions.umask-mode", "077");

    // When
    write(hadoop, directory);

    // Then
    assertThat(Files.getPosixFilePermissions(directory.resolve("data/file")))
        .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  }
}
