package io.kappacdc.chaos.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The commits of one Delta table in order, read from the files of its log and from nothing else.
 * Source: the Delta protocol's specification. Not thread-safe.
 */
final class DeltaLogTail {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path table;
  private long version = -1;

  DeltaLogTail(Path table) {
    this.table = table;
  }

  /**
   * A data file of a commit.
   *
   * @param deletionVector which of its rows are deleted, as the log describes it; null if none are
   */
  record DataFile(Path path, long rows, @Nullable JsonNode deletionVector) {
    /** What the protocol knows a file by. */
    FileId id() {
      return FileId.of(path, deletionVector);
    }
  }

  /**
   * A file with its deletion vector: the protocol tells files apart by both.
   *
   * @param vector empty if there is none
   */
  record FileId(Path path, String vector) {
    static FileId of(Path path, @Nullable JsonNode vector) {
      return new FileId(
          path,
          vector == null || vector.isNull()
              ? ""
              : vector.path("storageType").asText()
                  + vector.path("pathOrInlineDv").asText()
                  + '@'
                  + vector.path("offset").asText());
    }
  }

  /** A version of the table. */
  record Commit(
      long version,
      List<DataFile> added,
      List<FileId> removed,
      Map<String, Long> transactions,
      @Nullable String userMetadata,
      @Nullable String topic) {}

  Path table() {
    return table;
  }

  /** The newest version read. */
  long version() {
    return version;
  }

  /** The commits since the last call. */
  List<Commit> next() throws IOException {
    List<Commit> commits = new ArrayList<>();
    while (true) {
      Path file =
          table
              .resolve("_delta_log")
              .resolve(String.format(Locale.ROOT, "%020d.json", version + 1));
      if (!Files.exists(file)) {
        return commits;
      }
      commits.add(read(version + 1, file));
      version++;
    }
  }

  private Commit read(long number, Path file) throws IOException {
    List<DataFile> added = new ArrayList<>();
    List<FileId> removed = new ArrayList<>();
    Map<String, Long> transactions = new HashMap<>();
    String userMetadata = null;
    String topic = null;
    for (String line : Files.readAllLines(file)) {
      JsonNode action = JSON.readTree(line);
      if (action.has("add")) {
        added.add(dataFile(action.get("add")));
      } else if (action.has("remove")) {
        JsonNode remove = action.get("remove");
        removed.add(FileId.of(path(remove), remove.get("deletionVector")));
      } else if (action.has("txn")) {
        JsonNode transaction = action.get("txn");
        transactions.put(transaction.path("appId").asText(), transaction.path("version").asLong());
      } else if (action.has("commitInfo")) {
        userMetadata = action.get("commitInfo").path("userMetadata").asText(null);
      } else if (action.has("metaData")) {
        topic = action.get("metaData").path("configuration").path("kappa.topic").asText(null);
      }
    }
    return new Commit(number, added, removed, transactions, userMetadata, topic);
  }

  private DataFile dataFile(JsonNode add) throws IOException {
    JsonNode statistics = JSON.readTree(add.path("stats").asText("{}"));
    return new DataFile(
        path(add), statistics.path("numRecords").asLong(-1), add.get("deletionVector"));
  }

  private Path path(JsonNode file) {
    return table.resolve(URI.create(file.path("path").asText()).getPath());
  }
}
