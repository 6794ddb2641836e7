package io.kappacdc.capture.resume;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A failure that a new attempt from the last offset may cure: a server restarts, a line is down.
 */
public final class TransientFailure extends RuntimeException {
  /** Classes of SQLSTATE that pass: connection lost, out of connections, shutting down. */
  private static final Set<String> PASSING_CLASSES = Set.of("08", "53", "57");

  /**
   * The slot is held by a connection that the server has not yet found dead; a lock is not to be
   * had.
   */
  private static final Set<String> PASSING_STATES = Set.of("55006", "55P03");

  public TransientFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Whether {@code error}, or one of its causes, is of a kind that passes. A login or a certificate
   * that is refused is not, though the error may look like that of a line that is down.
   */
  public static boolean isTransient(@Nullable Throwable error) {
    boolean passes = false;
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof org.apache.kafka.common.errors.AuthenticationException
          || e instanceof GeneralSecurityException) {
        return false;
      }
      passes |=
          e instanceof TransientFailure
              || e instanceof IOException
              || e instanceof org.apache.kafka.common.errors.RetriableException
              || e instanceof SQLException sql && passes(sql);
    }
    return passes;
  }

  private static boolean passes(SQLException error) {
    String state = error.getSQLState();
    return state != null
        && (PASSING_STATES.contains(state)
            || state.length() == 5 && PASSING_CLASSES.contains(state.substring(0, 2)));
  }
}
