package io.kappacdc.processor.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/** The one Spark session of the tests of a run. */
final class LakeSpark {
  private LakeSpark() {}

  static SparkSession session() {
    return Holder.SESSION;
  }

  /** Leaves a lake as a crash does that comes behind each table's last commit. */
  static void forgetChecksums(Path lake) throws IOException {
    try (Stream<Path> files = Files.walk(lake)) {
      List<Path> checksums = files.filter(file -> file.toString().endsWith(".crc")).toList();
      for (Path checksum : checksums) {
        Files.delete(checksum);
      }
    }
    DeltaLog.clearCache();
  }

  /** What a thread gets that no session was made in. */
  static <T> T inAThreadOfItsOwn(Callable<T> work) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              SparkSession.clearActiveSession(); // the thread that started this one had one
              return work.call();
            });
    new Thread(task).start();
    return task.get();
  }

  private static final class Holder {
    private static final SparkSession SESSION =
        LakeSession.local(
                LakeSession.configure(
                    SparkSession.builder().master("local[2]").appName("lake-tests")))
            .config("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir") + "/warehouse")
            .getOrCreate();

    static {
      SESSION.sparkContext().setLogLevel("WARN");
    }
  }
}
