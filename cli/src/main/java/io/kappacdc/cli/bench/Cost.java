package io.kappacdc.cli.bench;

import java.util.Optional;

/**
 * What the pipeline may take, without what writes at the source and without the measuring.
 *
 * @param cpuSecondsPerMillion CPU a million changes
 * @param cores CPU seconds a second
 * @param mebibytes resident memory, the sum of what each part had at most
 */
public record Cost(
    Optional<Double> cpuSecondsPerMillion, Optional<Double> cores, Optional<Long> mebibytes) {
  static final Cost ANY = new Cost(Optional.empty(), Optional.empty(), Optional.empty());
}
