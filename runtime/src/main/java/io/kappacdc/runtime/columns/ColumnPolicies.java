package io.kappacdc.runtime.columns;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.CaptureConfig;
import io.kappacdc.runtime.config.ColumnConfig;
import io.kappacdc.runtime.config.ColumnConfig.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The configured policies, ready to be applied. Immutable. */
public final class ColumnPolicies {
  /** No column has one. */
  public static final ColumnPolicies NONE = new ColumnPolicies(List.of(), List.of());

  private final ColumnMatcher matcher;
  private final List<ColumnRule> rules;

  private ColumnPolicies(List<ColumnConfig> entries, List<ColumnRule> rules) {
    this.matcher = new ColumnMatcher(entries);
    this.rules = List.copyOf(rules);
  }

  /**
   * The policies of {@code capture.columns}; the hash key is read if one of them needs it.
   *
   * @throws KappaException if there is no key that can be used
   */
  public static ColumnPolicies of(CaptureConfig capture) {
    List<ColumnConfig> entries = capture.columns();
    boolean hashes = entries.stream().anyMatch(entry -> entry.policy() == Policy.HASH);
    return of(entries, hashes ? HashKey.of(capture) : null);
  }

  /**
   * Policies with a key at hand.
   *
   * @param key null if none of them hashes
   */
  public static ColumnPolicies of(List<ColumnConfig> entries, @Nullable HashKey key) {
    List<ColumnRule> rules = new ArrayList<>();
    for (ColumnConfig entry : entries) {
      rules.add(rule(entry, key));
    }
    return new ColumnPolicies(entries, rules);
  }

  private static ColumnRule rule(ColumnConfig entry, @Nullable HashKey key) {
    return switch (entry.policy()) {
      case EXCLUDE -> new ColumnRule.Exclude();
      case MASK -> new ColumnRule.Mask(entry.mask());
      case TRUNCATE -> {
        Integer length = entry.length();
        if (length == null) {
          throw new IllegalArgumentException("The policy truncate needs a length");
        }
        yield new ColumnRule.Truncate(length);
      }
      case HASH -> {
        if (key == null) {
          throw new IllegalArgumentException("The policy hash needs a key");
        }
        yield new ColumnRule.Hash(key);
      }
    };
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Which columns they are about. */
  public ColumnMatcher matcher() {
    return matcher;
  }

  /**
   * What becomes of a column; null if it travels as it is.
   *
   * @param schema names as the source's catalog has them, unquoted
   */
  public @Nullable ColumnRule rule(String schema, String table, String column) {
    OptionalInt entry = matcher.entry(schema, table, column);
    return entry.isPresent() ? rules.get(entry.getAsInt()) : null;
  }
}
