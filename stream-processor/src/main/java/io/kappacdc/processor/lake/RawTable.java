package io.kappacdc.processor.lake;

import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.substring_index;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.actions.AddFile;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * All that lies in the directory of a Delta table, whether its newest version knows of it or not:
 * rows marked dead, files of earlier versions, files that nobody has committed, the log. Driver
 * only; nobody may be writing.
 */
final class RawTable {
  private static final String LOG = "_delta_log";
  private static final String PARQUET = ".parquet";
  private static final int VERSION_DIGITS = 20;

  private final LakeTable table;
  private final FileSystem files;
  private final List<DataPart> data = new ArrayList<>();
  private final List<Path> logFiles = new ArrayList<>();
  private long otherFiles;
  private long bytes;

  /**
   * A data file.
   *
   * @param add as the newest version has it, else made up
   */
  record DataPart(Path path, AddFile add, boolean isLive) {
    String name() {
      return path.getName();
    }

    /** Without its deletion vector. */
    AddFile withDeadRows() {
      return made(add.path(), add.size(), add.modificationTime());
    }

    static AddFile made(String path, long sizeBytes, long modifiedMillis) {
      return new AddFile(
          path,
          Scala.map(Map.of()),
          sizeBytes,
          modifiedMillis,
          false,
          null,
          null,
          null,
          Option.empty(),
          Option.empty(),
          Option.empty());
    }
  }

  /**
   * What was found.
   *
   * @param rows by file: what the test shows of each
   * @param unreadable files that are no Parquet files, as a writer that died leaves them
   */
  record Found(Map<DataPart, List<Row>> rows, List<DataPart> unreadable) {
    List<DataPart> live() {
      return rows.keySet().stream().filter(DataPart::isLive).toList();
    }

    boolean isEmpty() {
      return rows.isEmpty() && unreadable.isEmpty();
    }

    long count() {
      return rows.values().stream().mapToLong(List::size).sum();
    }
  }

  /** Looks at what is there. */
  RawTable(LakeTable table) {
    this.table = table;
    Path root = new Path(table.path());
    try {
      this.files = root.getFileSystem(table.spark().sessionState().newHadoopConf());
      Map<Path, AddFile> live = new HashMap<>();
      for (AddFile file : table.files()) {
        live.put(files.makeQualified(file.absolutePath(table.log())), file);
      }
      String prefix = files.makeQualified(root) + "/";
      RemoteIterator<LocatedFileStatus> all = files.listFiles(root, true);
      while (all.hasNext()) {
        LocatedFileStatus file = all.next();
        Path path = files.makeQualified(file.getPath());
        String relative = path.toString().substring(prefix.length());
        bytes += file.getLen();
        if (relative.startsWith(LOG + "/")) {
          logFiles.add(path);
        } else if (path.getName().endsWith(PARQUET)) {
          AddFile add = live.get(path);
          data.add(
              new DataPart(
                  path,
                  add != null
                      ? add
                      : DataPart.made(
                          new Path(relative).toUri().toString(),
                          file.getLen(),
                          file.getModificationTime()),
                  add != null));
        } else {
          otherFiles++;
        }
      }
    } catch (FileNotFoundException e) {
      throw new IllegalStateException("There is no table " + table.path(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long fileCount() {
    return data.size() + logFiles.size() + otherFiles;
  }

  long bytes() {
    return bytes;
  }

  /** The rows of all files for which a test holds, dead ones too. */
  Found find(RowMatch test) {
    try {
      Map<DataPart, List<Row>> rows = new HashMap<>();
      find(data, test, rows);
      return new Found(rows, List.of());
    } catch (Exception e) {
      // Delta and Spark throw checked exceptions, too. One file of other types spoils them all.
      return findInEach(test);
    }
  }

  private Found findInEach(RowMatch test) {
    Map<DataPart, List<Row>> rows = new HashMap<>();
    List<DataPart> unreadable = new ArrayList<>();
    find(data.stream().filter(DataPart::isLive).toList(), test, rows);
    for (DataPart file : data) {
      if (!file.isLive()) {
        try {
          findInFile(file, test, rows);
        } catch (Exception e) { // as above
          unreadable.add(file);
        }
      }
    }
    return new Found(rows, unreadable);
  }

  private void find(List<DataPart> parts, RowMatch test, Map<DataPart, List<Row>> found) {
    if (parts.isEmpty()) {
      return;
    }
    Map<String, DataPart> byName = new HashMap<>();
    parts.forEach(part -> byName.put(part.name(), part));
    Dataset<Row> rows = table.rows(parts.stream().map(DataPart::withDeadRows).toList());
    for (Row row : select(rows, columns(rows, RowColumns.Naming.TABLE), test)) {
      String name = row.getString(0);
      DataPart part = byName.get(name);
      if (part == null) {
        throw new IllegalStateException("A row of no file of " + table.path() + ": " + name);
      }
      found.computeIfAbsent(part, any -> new ArrayList<>()).add(row);
    }
  }

  private void findInFile(DataPart part, RowMatch test, Map<DataPart, List<Row>> found) {
    Dataset<Row> rows = table.spark().read().parquet(part.path().toString());
    List<Row> selected = select(rows, columns(rows, RowColumns.Naming.FILE), test);
    if (!selected.isEmpty()) {
      found.put(part, selected);
    }
  }

  private RowColumns columns(Dataset<Row> rows, RowColumns.Naming naming) {
    return new RowColumns(table.columns(), rows.schema(), naming);
  }

  private static List<Row> select(Dataset<Row> rows, RowColumns columns, RowMatch test) {
    List<Column> shown = new ArrayList<>();
    shown.add(substring_index(input_file_name(), "/", -1));
    shown.addAll(test.shown(columns));
    return rows.filter(test.isErased(columns)).select(shown.toArray(Column[]::new)).collectAsList();
  }

  /** The table's rows for which a test holds. */
  Dataset<Row> current(RowMatch test) {
    Dataset<Row> rows = currentRows();
    return rows.filter(test.isErased(columns(rows, RowColumns.Naming.TABLE)))
        .select(test.shown(columns(rows, RowColumns.Naming.TABLE)).toArray(Column[]::new));
  }

  private Dataset<Row> currentRows() {
    return table.rows(data.stream().filter(DataPart::isLive).map(DataPart::add).toList());
  }

  /** Puts the other rows of files in their place. */
  void rewrite(
      List<DataPart> parts,
      RowMatch test,
      Map<String, Long> transactions,
      @Nullable String userMetadata) {
    table.rewrite(
        parts.stream().map(DataPart::add).toList(),
        rows -> rows.filter(not(test.isErased(columns(rows, RowColumns.Naming.TABLE)))),
        transactions,
        userMetadata);
  }

  /**
   * Begins the log with a version that nothing came before: a checkpoint of it, and no earlier
   * commit, checkpoint or checksum.
   */
  void beginLogAnew(@Nullable String userMetadata) {
    table.note(userMetadata);
    table.checkpointing().run();
    try {
      RemoteIterator<LocatedFileStatus> all = files.listFiles(logPath(), true);
      List<Path> former = new ArrayList<>();
      while (all.hasNext()) {
        Path path = all.next().getPath();
        if (isFormer(path.getName())) {
          former.add(path);
        }
      }
      for (Path path : former) {
        files.delete(path, false);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      DeltaLog.invalidateCache(table.spark(), new Path(table.path()));
    }
  }

  private Path logPath() {
    return new Path(table.path(), LOG);
  }

  private boolean isFormer(String name) {
    int dot = name.indexOf('.');
    return dot == VERSION_DIGITS
        && name.substring(0, dot).chars().allMatch(Character::isDigit)
        && Long.parseLong(name.substring(0, dot)) < table.version();
  }

  void delete(Iterable<DataPart> parts) {
    try {
      for (DataPart part : parts) {
        files.delete(part.path(), false);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files of the log that show a key. */
  List<Path> find(LogSearch search) {
    LogSearch apart =
        search.besides(
            data.stream().map(part -> part.path().getName()).collect(Collectors.toSet()));
    List<Path> found = new ArrayList<>();
    for (Path path : logFiles) {
      if (shows(path, apart)) {
        found.add(path);
      }
    }
    return found;
  }

  private boolean shows(Path path, LogSearch search) {
    SparkSession spark = table.spark();
    if (path.getName().endsWith(PARQUET)) {
      Iterator<String> actions = spark.read().parquet(path.toString()).toJSON().toLocalIterator();
      while (actions.hasNext()) {
        if (search.shows(actions.next())) {
          return true;
        }
      }
      return false;
    }
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(files.open(path), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (search.shows(line)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
