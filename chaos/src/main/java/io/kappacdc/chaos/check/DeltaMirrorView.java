package io.kappacdc.chaos.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.chaos.check.DeltaLogTail.Commit;
import io.kappacdc.chaos.check.LakeCuts.LakeCut;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The mirror: how far it is, as its commits say, and the money in each of its versions. Rows as
 * such are the verifier's to compare.
 */
final class DeltaMirrorView implements StoreView {
  static final String SINK = "delta-mirror";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DeltaTables tables;
  private final Map<String, Map<Integer, Long>> nextOffsets = new HashMap<>();
  private final Map<String, MirrorBalances> accounts = new HashMap<>();

  DeltaMirrorView(Path lake) {
    this.tables = new DeltaTables(lake.resolve("mirror"));
  }

  @Override
  public String name() {
    return "Delta mirror";
  }

  @Override
  public boolean holds(Cut cut) throws IOException {
    catchUp();
    return Offsets.reached(cut, nextOffsets);
  }

  /** The store's place in a topic that was lost says nothing about the one that has its name. */
  void beginAnew(String topic) {
    nextOffsets.remove(topic);
  }

  @Override
  public void catchUp() throws IOException {
    for (Map.Entry<String, DeltaLogTail> table : tables.all().entrySet()) {
      for (Commit commit : table.getValue().next()) {
        if (commit.userMetadata() != null) {
          note(JSON.readTree(commit.userMetadata()).path("kappa"));
        }
        if (table.getKey().equals(Bank.ACCOUNT_A) || table.getKey().equals(Bank.ACCOUNT_B)) {
          accounts
              .computeIfAbsent(table.getKey(), any -> new MirrorBalances(table.getValue().table()))
              .apply(commit);
        }
      }
    }
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

  /** What is wrong with the mirror at a moment that it claims to have stood at. */
  Optional<String> check(LakeCut cut) {
    long sum = 0;
    for (String account : new String[] {Bank.ACCOUNT_A, Bank.ACCOUNT_B}) {
      Long version = cut.versions().get("public." + account);
      MirrorBalances balances = accounts.get(account);
      Long part = version == null || balances == null ? null : balances.at(version);
      if (part == null) {
        return Optional.of(
            "at the cut %s there is no version %s of %s"
                .formatted(Lsn.format(cut.lsn()), version, account));
      }
      sum += part;
    }
    return sum == 100 * Bank.sum()
        ? Optional.empty()
        : Optional.of(
            "at the cut %s, versions %s, the accounts hold %.2f"
                .formatted(Lsn.format(cut.lsn()), cut.versions(), sum / 100.0));
  }

  @Override
  public String progress() {
    return Offsets.text(nextOffsets);
  }

  @Override
  public void close() {}
}
