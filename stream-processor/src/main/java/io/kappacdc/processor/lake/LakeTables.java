package io.kappacdc.processor.lake;

import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.Pacing;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trail's or the mirror's tables by topic. As many entries as there are tables. Thread-safe as
 * long as each table is used by one thread at a time.
 */
final class LakeTables {
  /** A job and a commit of each table cost about as much as so many changes. */
  static final Pacing PACING = new Pacing(10_000, 4);

  private static final Logger log = LoggerFactory.getLogger(LakeTables.class);

  private final Function<String, LakeTable> open;
  private final String root;
  private final FileSystem files;
  private final Map<String, LakeTable> byTopic = new ConcurrentHashMap<>();
  private final Set<String> opened = new HashSet<>();

  LakeTables(SparkSession spark, LakeTable.Kind kind, String root) {
    this(spark, root, path -> LakeTable.open(spark, kind, path));
  }

  private LakeTables(SparkSession spark, String root, Function<String, LakeTable> open) {
    this.open = open;
    this.root = root;
    try {
      this.files = new Path(root).getFileSystem(spark.sessionState().newHadoopConf());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Mirrors to write to, with the history that they are to keep. */
  static LakeTables mirrors(SparkSession spark, String root, Duration history) {
    return new LakeTables(spark, root, path -> LakeTable.openMirror(spark, path, history));
  }

  String root() {
    return root;
  }

  Map<String, LakeTable> byTopic() {
    return byTopic;
  }

  @Nullable LakeTable get(String topic) {
    return byTopic.get(topic);
  }

  /** The table of a topic, new or not. */
  LakeTable of(String topic, TableSchema schema) {
    return byTopic.computeIfAbsent(topic, t -> open.apply(LakePaths.table(root, schema)));
  }

  /** Looks for new tables and new versions of known ones. */
  synchronized void refresh() {
    byTopic.values().forEach(LakeTable::refresh);
    byTopic.values().forEach(table -> opened.add(new Path(table.path()).getName()));
    for (FileStatus status : directories()) {
      String name = status.getPath().getName();
      if (status.isDirectory() && !name.startsWith("_") && opened.add(name)) {
        LakeTable table = open.apply(root + '/' + name);
        Optional<String> topic = table.topic();
        if (topic.isPresent()) {
          byTopic.putIfAbsent(topic.get(), table);
        } else {
          opened.remove(name);
        }
      }
    }
  }

  private FileStatus[] directories() {
    try {
      return files.listStatus(new Path(root));
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes a file or directory that nothing refers to; what is left over costs room only. */
  void delete(String path) {
    try {
      files.delete(new Path(path), true);
    } catch (IOException e) {
      log.warn("Could not delete {}: {}", path, e.toString());
    }
  }
}
