package io.kappacdc.event.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/** The one JSON factory of the wire format, and the token checks that its readers share. */
final class Json {
  /**
   * A PostgreSQL value may be 1 GiB long and a numeric 147,455 digits: the default limits would
   * refuse them.
   */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private Json() {}

  static void expect(JsonToken expected, JsonToken found, String where) {
    if (found != expected) {
      throw new WireFormatException("Expected " + expected + " for " + where + ", found " + found);
    }
  }

  static String nextText(JsonParser parser, String where) throws IOException {
    expect(JsonToken.VALUE_STRING, parser.nextToken(), where);
    return parser.getText();
  }

  static long nextLong(JsonParser parser, String where) throws IOException {
    expect(JsonToken.VALUE_NUMBER_INT, parser.nextToken(), where);
    return parser.getLongValue();
  }
}
