package io.kappacdc.cli.bench.measure;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What one file of a Delta log says of the topics' offsets. The trail notes them as transaction
 * identifiers, {@code kappa/<topic>/<partition>/offset}; the mirror in the commit's user metadata.
 *
 * @param nextOffsets for each partition named, everything before it is in this version
 * @param files data files that it adds
 */
record DeltaCommit(Map<PartitionId, Long> nextOffsets, int files) {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String APP_PREFIX = "kappa/";
  private static final String APP_SUFFIX = "/offset";

  static DeltaCommit read(Path file) throws IOException {
    Map<PartitionId, Long> offsets = new HashMap<>();
    int files = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("{\"txn\"")) {
          transaction(line, offsets);
        } else if (line.startsWith("{\"commitInfo\"")) {
          commitInfo(line, offsets);
        } else if (line.startsWith("{\"add\"")) {
          files++;
        }
      }
    }
    return new DeltaCommit(offsets, files);
  }

  private static void transaction(String line, Map<PartitionId, Long> offsets) throws IOException {
    String appId = "";
    long version = 0;
    try (JsonParser parser = JSON.createParser(line)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME && parser.currentName().equals("appId")) {
          appId = parser.nextTextValue();
        } else if (token == JsonToken.FIELD_NAME && parser.currentName().equals("version")) {
          version = parser.nextLongValue(0);
        }
      }
    }
    if (appId.startsWith(APP_PREFIX) && appId.endsWith(APP_SUFFIX)) {
      String middle = appId.substring(APP_PREFIX.length(), appId.length() - APP_SUFFIX.length());
      int slash = middle.lastIndexOf('/');
      if (slash > 0) {
        int partition = Integer.parseInt(middle.substring(slash + 1));
        offsets.put(new PartitionId(middle.substring(0, slash), partition), version);
      }
    }
  }

  private static void commitInfo(String line, Map<PartitionId, Long> offsets) throws IOException {
    try (JsonParser parser = JSON.createParser(line)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME && parser.currentName().equals("userMetadata")) {
          userMetadata(parser.nextTextValue(), offsets);
        }
      }
    }
  }

  /** {@code {"kappa":{"<topic>":[{"partition":0,"offset":17,...},...],"barrier":{...},...}}}. */
  private static void userMetadata(String text, Map<PartitionId, Long> offsets) throws IOException {
    if (text == null || !text.startsWith("{\"kappa\"")) {
      return;
    }
    try (JsonParser parser = JSON.createParser(text)) {
      String topic = "";
      int partition = -1;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_ARRAY) {
          topic = parser.currentName() == null ? "" : parser.currentName();
        } else if (token == JsonToken.START_OBJECT) {
          partition = -1;
        } else if (token == JsonToken.FIELD_NAME && parser.currentName().equals("partition")) {
          partition = parser.nextIntValue(-1);
        } else if (token == JsonToken.FIELD_NAME && parser.currentName().equals("offset")) {
          long offset = parser.nextLongValue(-1);
          if (partition >= 0 && offset >= 0) {
            offsets.put(new PartitionId(topic, partition), offset);
          }
        }
      }
    }
  }
}
