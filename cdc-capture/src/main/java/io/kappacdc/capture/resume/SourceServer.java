package io.kappacdc.capture.resume;

import java.util.Objects;

/**
 * Which history of which server an LSN belongs to: the same LSN means something else elsewhere.
 *
 * @param systemId PostgreSQL's system identifier, which copies of a server share
 * @param timeline counts how often the history branched off: at a failover, at a restored backup; 0
 *     if it was not noted
 */
public record SourceServer(String systemId, int timeline) {
  public SourceServer {
    Objects.requireNonNull(systemId, "systemId");
  }

  @Override
  public String toString() {
    return systemId + " timeline " + timeline;
  }
}
