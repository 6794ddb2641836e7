package io.kappacdc.processor.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kappacdc.processor.SparkForTests;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.CheckpointFileManager.CancellableFSDataOutputStream;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryCheckpointTest {
  @TempDir private Path directory;
  private final org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path("/checkpoint");
  private final MemoryCheckpoint checkpoint = new MemoryCheckpoint(root, new Configuration());

  @AfterEach
  void forget() {
    MemoryCheckpoint.forget(root);
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(root, name);
  }

  private CancellableFSDataOutputStream write(String name, String text) throws IOException {
    CancellableFSDataOutputStream out = checkpoint.createAtomic(path(name), false);
    out.write(text.getBytes(StandardCharsets.UTF_8));
    return out;
  }

  private String read(String name) throws IOException {
    try (FSDataInputStream in = checkpoint.open(path(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private List<String> names(String of) {
    return Arrays.stream(checkpoint.list(path(of), file -> true))
        .map((FileStatus status) -> status.getPath().getName())
        .toList();
  }

  @Test
  void filesAreThereOnceTheyAreClosed() throws IOException {
    // Given
    checkpoint.mkdirs(path("offsets"));
    CancellableFSDataOutputStream out = write("offsets/0", "zero");
    assertThat(checkpoint.exists(path("offsets/0"))).isFalse();

    // When
    out.close();
    write("offsets/1", "one").close();

    // Then
    assertThat(read("offsets/0")).isEqualTo("zero");
    assertThat(names("offsets")).containsExactly("0", "1");
    assertThat(names(".")).containsExactly("offsets");
  }

  @Test
  void cancelledFilesAreNeverThere() throws IOException {
    // Given
    CancellableFSDataOutputStream out = write("metadata", "half");

    // When
    out.cancel();
    out.close();

    // Then
    assertThatThrownBy(() -> read("metadata")).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void batchesAreRecordedOnce() throws IOException {
    // Given: two queries that take each other for dead.
    write("commits/7", "first").close();

    // When, then
    CancellableFSDataOutputStream second = write("commits/7", "second");
    assertThatThrownBy(second::close).isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void queryGoesOnFromItsCheckpointAndWritesNoFile() throws Exception {
    // Given
    SparkSession session = MemoryCheckpoint.in(SparkForTests.session().newSession());
    List<Long> batches = new CopyOnWriteArrayList<>();
    runUntil(session, batches, 3);
    long last = batches.get(batches.size() - 1);
    batches.clear();

    // When
    runUntil(session, batches, 1);

    // Then
    assertThat(batches.get(0)).isBetween(last, last + 1);
    assertThat(directory).isEmptyDirectory();
    org.apache.hadoop.fs.Path used = new org.apache.hadoop.fs.Path(directory.toString());
    assertThat(checkpoint.exists(used)).isTrue();
    MemoryCheckpoint.forget(used);
    assertThat(checkpoint.exists(used)).isFalse();
  }

  private void runUntil(SparkSession session, List<Long> batches, int count) throws Exception {
    VoidFunction2<Dataset<Row>, Long> note = (rows, batch) -> batches.add(batch);
    StreamingQuery query =
        session
            .readStream()
            .format("rate-micro-batch")
            .option("rowsPerBatch", 1)
            .load()
            .writeStream()
            .option("checkpointLocation", directory.toString())
            .foreachBatch(note)
            .start();
    await().atMost(Duration.ofMinutes(1)).until(() -> batches.size() >= count);
    query.stop();
  }
}
