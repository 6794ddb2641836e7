package io.kappacdc.capture.source;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which transactions a reader sees, as PostgreSQL's {@code pg_snapshot} says it. Commits become
 * visible in nearly the order of the log, not exactly: only this tells.
 *
 * @param oldest all before it have ended, and those that committed are seen
 * @param next it and all behind it are not seen
 * @param running those between that are not seen
 */
public record TransactionSnapshot(long oldest, long next, Set<Long> running) {
  public TransactionSnapshot {
    running = Set.copyOf(running);
  }

  /** Reads {@code oldest:next:running,running}. */
  static TransactionSnapshot parse(String text) {
    String[] parts = text.split(":", -1);
    return new TransactionSnapshot(
        Long.parseLong(parts[0]),
        Long.parseLong(parts[1]),
        parts[2].isEmpty()
            ? Set.of()
            : Arrays.stream(parts[2].split(",")).map(Long::valueOf).collect(Collectors.toSet()));
  }

  /**
   * Whether a committed transaction is seen.
   *
   * @param xid its 32-bit id, as the log has it; ids wrap around
   */
  public boolean sees(long xid) {
    long id = whole(xid);
    return id < next && !running.contains(id);
  }

  /** Whether a transaction ended before all that are running. */
  public boolean isOld(long xid) {
    return whole(xid) < oldest;
  }

  private long whole(long xid) {
    return next + (int) (xid - next);
  }
}
