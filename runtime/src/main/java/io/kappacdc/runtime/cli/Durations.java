package io.kappacdc.runtime.cli;

import io.kappacdc.runtime.config.StrictMap;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an option's duration: 500ms, 30s, 10m, 1h, 7d. */
public final class Durations implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    try {
      return StrictMap.duration().apply(text.trim().toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(
          "'" + text + "' is not a duration such as 500ms, 30s, 10m or 1h");
    }
  }
}
