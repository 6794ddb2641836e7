package io.kappacdc.runtime.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/**
 * Writes text to a terminal with its control characters spelled out, line feeds and tabs apart:
 * names and values of the source are not to move the cursor, or worse.
 */
final class TerminalWriter extends FilterWriter {
  TerminalWriter(Writer out) {
    super(out);
  }

  @Override
  public void write(int c) throws IOException {
    boolean isPlain = !Character.isISOControl(c) || c == '\n' || c == '\t';
    if (isPlain) {
      out.write(c);
    } else {
      out.write("\\u%04x".formatted(c));
    }
  }

  @Override
  public void write(char[] text, int from, int length) throws IOException {
    for (int i = from; i < from + length; i++) {
      write(text[i]);
    }
  }

  @Override
  public void write(String text, int from, int length) throws IOException {
    for (int i = from; i < from + length; i++) {
      write(text.charAt(i));
    }
  }
}
