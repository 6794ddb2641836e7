package io.kappacdc.benchmarks.peers;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * This project's own pipeline, by its launcher, everything at its default. The processor always
 * fills all three stores: where only PostgreSQL is compared, its figures carry the lake.
 */
enum Kappa implements Contender {
  CAPTURE("kappa capture"),
  TO_POSTGRES("kappa"),
  TO_LAKE("kappa");

  private static final Duration START_MAX = Duration.ofMinutes(2);

  private final String label;

  Kappa(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public Map<String, String> versions() {
    return Map.of("kappa-cdc", "the commit of this record");
  }

  @Override
  public Map<String, String> settings() {
    return Map.of();
  }

  /** It makes its own slot, at its first start, and goes on from its first cut. */
  @Override
  public void prepare(Testbed bed, Begin begin) throws IOException, InterruptedException {
    if (begin == Begin.ROWS) {
      return;
    }
    PeerProcess capture = role(bed, "capture", begin);
    try (KafkaTopic cuts = new KafkaTopic(bed, "pgsrc-kappa-cuts", KafkaTopic.Format.KAPPA)) {
      capture.awaitUntil(cuts::hasRecords, START_MAX);
    } finally {
      capture.stop();
    }
  }

  @Override
  public List<PeerProcess> start(Testbed bed, Begin begin) throws IOException {
    List<PeerProcess> processes = new ArrayList<>();
    processes.add(role(bed, "capture", begin));
    if (this != CAPTURE) {
      processes.add(role(bed, "process", begin));
    }
    return processes;
  }

  private static PeerProcess role(Testbed bed, String role, Begin begin) throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("KAPPA_BUILD", "never");
    environment.put("KAPPA_KAFKA_BOOTSTRAP_SERVERS", bed.servers().kafka().bootstrapServers());
    Map.of("SOURCE", bed.servers().source(), "SINK", bed.servers().sink())
        .forEach(
            (section, server) -> {
              environment.put("KAPPA_" + section + "_URL", server.jdbcUrl(Testbed.DATABASE));
              environment.put("KAPPA_" + section + "_USER", server.user());
              environment.put("KAPPA_" + section + "_PASSWORD", server.password());
            });
    environment.put("KAPPA_CAPTURE_SNAPSHOT_MODE", begin.snapshotMode());
    environment.put("KAPPA_LAKE_PATH", bed.lake().toString());
    String home = bed.directory().resolve("servers").resolve("kappa").toString();
    String launcher = bed.installation().resolve("kappa").toString();
    return PeerProcess.start(
        role,
        List.of(launcher, role, "--home=" + home),
        environment,
        bed.directory(),
        bed.log(role));
  }

  @Override
  public List<Destination> destinations(Testbed bed, Begin begin) throws SQLException {
    return switch (this) {
      case CAPTURE ->
          List.of(new KafkaTopic(bed, "pgsrc.public.fund_metadata", KafkaTopic.Format.KAPPA));
      case TO_POSTGRES -> List.of(new SqlTable(bed, SqlTable.Shape.KAPPA_TRAIL));
      case TO_LAKE ->
          List.of(
              new SqlTable(bed, SqlTable.Shape.KAPPA_TRAIL),
              new DeltaTable(bed, "trail/public.fund_metadata", DeltaTable.Shape.KAPPA_TRAIL),
              new DeltaTable(bed, "mirror/public.fund_metadata", DeltaTable.Shape.MIRROR));
    };
  }
}
