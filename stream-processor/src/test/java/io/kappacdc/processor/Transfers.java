package io.kappacdc.processor;

import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.stream.CapturedTopics;
import io.kappacdc.processor.stream.KafkaSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Accounts in two tables, between which money moves: its sum never changes. */
final class Transfers implements AutoCloseable {
  static final int ACCOUNTS = 20;
  static final int BALANCE = 100;
  static final long SUM = 2L * ACCOUNTS * BALANCE;
  static final TableSchema A = table("account_a");
  static final TableSchema B = table("account_b");

  private final CapturedTopics capture;
  private final Random random = new Random(7);
  private final int[] balancesOfA = new int[ACCOUNTS];
  private final int[] balancesOfB = new int[ACCOUNTS];
  private int changes;

  Transfers(KafkaSettings kafka) {
    capture = new CapturedTopics(kafka).createTable(A).createTable(B);
    Arrays.fill(balancesOfA, BALANCE);
    Arrays.fill(balancesOfB, BALANCE);
  }

  private static TableSchema table(String name) {
    return new TableSchema(
        "public",
        name,
        List.of(Column.of("id", "integer"), Column.of("balance", "integer")),
        List.of("id"),
        ReplicaIdentity.DEFAULT);
  }

  CapturedTopics capture() {
    return capture;
  }

  /** Changes published so far. */
  int changes() {
    return changes;
  }

  /** All accounts, in one transaction. */
  Cut open() {
    capture.begin();
    for (int id = 0; id < ACCOUNTS; id++) {
      capture.create(A, "" + id, "" + balancesOfA[id]).create(B, "" + id, "" + balancesOfB[id]);
      changes += 2;
    }
    return capture.commit();
  }

  /** Moves money in so many transactions; returns the last one's cut. */
  Cut move(int transactions) {
    Cut cut = null;
    for (int i = 0; i < transactions; i++) {
      capture.begin();
      int moves = 1 + random.nextInt(3);
      for (int move = 0; move < moves; move++) {
        int from = random.nextInt(ACCOUNTS);
        int to = random.nextInt(ACCOUNTS);
        int amount = 1 + random.nextInt(50);
        balancesOfA[from] -= amount;
        balancesOfB[to] += amount;
        capture
            .update(A, "" + from, "" + balancesOfA[from])
            .update(B, "" + to, "" + balancesOfB[to]);
        changes += 2;
      }
      cut = capture.commit();
    }
    return cut;
  }

  /** Reads all accounts anew, as a snapshot taken now does, with the barriers before the rows. */
  Cut restate() {
    capture.beginSnapshot().truncate(A).restartOrdinal().truncate(B);
    for (int id = 0; id < ACCOUNTS; id++) {
      capture.read(A, "" + id, "" + balancesOfA[id]).read(B, "" + id, "" + balancesOfB[id]);
      changes += 2;
    }
    changes += 2;
    return capture.commit();
  }

  @Override
  public void close() {
    capture.close();
  }
}
