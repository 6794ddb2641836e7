package io.kappacdc.processor.lake;

import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.TopicNames;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Where the lake keeps what, below its root. */
final class LakePaths {
  static final String TRAIL = "trail";
  static final String MIRROR = "mirror";

  /** Delta ignores, and VACUUM keeps, directories whose names begin with an underscore. */
  static final String STAGING = "_kappa_staging";

  /** As {@link TopicNames#escape} would write it, which never does. */
  private static final String ESCAPED_UNDERSCORE = "-5f";

  /** File systems allow names of 255 bytes. */
  private static final int NAME_LENGTH_MAX = 200;

  private LakePaths() {}

  static String trail(String lake) {
    return lake + '/' + TRAIL;
  }

  static String mirror(String lake) {
    return lake + '/' + MIRROR;
  }

  /** The table of the moments at which the sinks stood. */
  static String cuts(String lake) {
    return lake + "/kappa/cuts";
  }

  /** The table of the records that the sinks could not read. */
  static String quarantine(String lake) {
    return lake + "/kappa/quarantine";
  }

  /**
   * The table's directory: {@code <root>/<schema>.<table>}, escaped as in topics. Hadoop hides
   * directories whose names begin with an underscore, so one at the beginning is escaped, too.
   */
  static String table(String root, TableSchema schema) {
    String name = TopicNames.escape(schema.schema()) + '.' + TopicNames.escape(schema.table());
    if (name.startsWith("_")) {
      name = ESCAPED_UNDERSCORE + name.substring(1);
    }
    if (name.length() > NAME_LENGTH_MAX) {
      UUID hash = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII));
      name = name.substring(0, NAME_LENGTH_MAX - 37) + '-' + hash;
    }
    return root + '/' + name;
  }

  static String staging(String table) {
    return table + '/' + STAGING;
  }
}
