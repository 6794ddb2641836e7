package io.kappacdc.chaos.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.chaos.check.DeltaLogTail.Commit;
import io.kappacdc.event.Cut;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The mirror: how far it is, as its commits say. Its rows are the verifier's to compare. */
final class DeltaMirrorView implements StoreView {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DeltaTables tables;
  private final Map<String, Map<Integer, Long>> nextOffsets = new HashMap<>();

  DeltaMirrorView(Path lake) {
    this.tables = new DeltaTables(lake.resolve("mirror"));
  }

  @Override
  public String name() {
    return "Delta mirror";
  }

  @Override
  public boolean holds(Cut cut) throws IOException {
    for (DeltaLogTail table : tables.all().values()) {
      for (Commit commit : table.next()) {
        if (commit.userMetadata() != null) {
          note(JSON.readTree(commit.userMetadata()).path("kappa"));
        }
      }
    }
    return Offsets.reached(cut, nextOffsets);
  }

  /** {@code {"<topic>": [{"partition": 0, "offset": 17, …}], …}}, beside other members. */
  private void note(JsonNode positions) {
    positions
        .fields()
        .forEachRemaining(
            member -> {
              for (JsonNode partition : member.getValue()) {
                if (partition.has("partition")) {
                  nextOffsets
                      .computeIfAbsent(member.getKey(), any -> new TreeMap<>())
                      .put(partition.get("partition").asInt(), partition.get("offset").asLong());
                }
              }
            });
  }

  @Override
  public String progress() {
    return Offsets.text(nextOffsets);
  }

  @Override
  public void close() {}
}
