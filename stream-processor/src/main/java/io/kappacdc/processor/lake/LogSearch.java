package io.kappacdc.processor.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.processor.erase.RowKey;
import io.kappacdc.processor.erase.WholeText;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks for keys in the actions of a Delta log: bounds of the key's columns in files' statistics,
 * and texts, as of conditions that somebody's command had. A text that is not telling by itself, a
 * number say, counts as a bound only.
 */
final class LogSearch {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  /** What the table is, not what it has. */
  private static final Set<String> NOT_OF_ROWS =
      Set.of(
          "metaData",
          "metadata",
          "protocol",
          "txn",
          "setTransactions",
          "path",
          "userMetadata",
          "engineInfo");

  /** Delta cuts bounds that are texts. */
  private static final int BOUND_CHARACTERS = 32;

  private final List<List<String>> columns;
  private final Set<RowKey> keys;
  private final Set<String> searched;

  /**
   * @param columns for each column of the key the names that it has in the table and in its files
   */
  LogSearch(List<List<String>> columns, Set<RowKey> keys) {
    this(columns, keys, Set.of());
  }

  private LogSearch(List<List<String>> columns, Set<RowKey> keys, Set<String> searched) {
    this.columns = List.copyOf(columns);
    this.keys = Set.copyOf(keys);
    this.searched = Set.copyOf(searched);
  }

  /**
   * The same in the log of a table whose data files are searched row by row: a file without the key
   * has its bounds of other rows, though together they may look like the key.
   *
   * @param files their names
   */
  LogSearch besides(Set<String> files) {
    return new LogSearch(columns, keys, files);
  }

  /** Whether a line of a commit or of a version's checksum, or a checkpoint's row, shows a key. */
  boolean shows(String action) {
    try {
      return shows(JSON.readTree(action));
    } catch (JsonProcessingException e) {
      return keys.stream().anyMatch(key -> isIn(action, key));
    }
  }

  private boolean shows(JsonNode node) {
    if (node.isTextual()) {
      return keys.stream().anyMatch(key -> isIn(node.asText(), key));
    }
    String path = node.path("path").asText();
    boolean isSearched = searched.contains(path.substring(path.lastIndexOf('/') + 1));
    Iterator<Map.Entry<String, JsonNode>> fields = node.fields();
    while (fields.hasNext()) {
      Map.Entry<String, JsonNode> field = fields.next();
      if (field.getKey().equals("stats") && field.getValue().isTextual()) {
        if (!isSearched && isBound(field.getValue().asText())) {
          return true;
        }
      } else if (field.getKey().equals("stats_parsed")) {
        if (!isSearched && isBound(field.getValue())) {
          return true;
        }
      } else if (!NOT_OF_ROWS.contains(field.getKey()) && shows(field.getValue())) {
        return true;
      }
    }
    if (node.isArray()) {
      for (JsonNode element : node) {
        if (shows(element)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isIn(String text, RowKey key) {
    return key.texts().stream()
        .allMatch(part -> WholeText.isTelling(part) && WholeText.isIn(text, part));
  }

  private boolean isBound(String statistics) {
    try {
      return isBound(JSON.readTree(statistics));
    } catch (JsonProcessingException e) {
      return keys.stream().anyMatch(key -> isIn(statistics, key));
    }
  }

  private boolean isBound(JsonNode statistics) {
    return keys.stream().anyMatch(key -> isBound(statistics, key));
  }

  private boolean isBound(JsonNode statistics, RowKey key) {
    for (int i = 0; i < columns.size(); i++) {
      String text = key.texts().get(i);
      if (columns.get(i).stream()
          .noneMatch(
              name ->
                  isBound(statistics.path("minValues").path(name), text)
                      || isBound(statistics.path("maxValues").path(name), text))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBound(JsonNode bound, String text) {
    if (bound.isMissingNode() || bound.isNull()) {
      return false;
    }
    String shown = bound.isNumber() ? bound.decimalValue().toPlainString() : bound.asText();
    return shown.equals(text)
        || text.length() > BOUND_CHARACTERS
            && shown.length() >= BOUND_CHARACTERS
            && text.startsWith(shown.substring(0, BOUND_CHARACTERS));
  }
}
