package io.kappacdc.cli.bench.measure;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What a window cost, from looks around it: between two looks use is taken as even.
 *
 * @param seconds CPU of each part
 * @param machineSeconds CPU of everything on the machine
 * @param stolenSeconds that the hypervisor gave to other machines
 * @param residentBytesMax of each part
 */
public record CpuInWindow(
    Map<String, Double> seconds,
    double machineSeconds,
    double stolenSeconds,
    Map<String, Long> residentBytesMax) {
  /** From the source's log to all stores, without what makes a source's changes and measures. */
  public static final List<String> PIPELINE =
      List.of("walsender", "capture", "kafka", "processor", "sink", "supervisor");

  public static CpuInWindow of(List<ProcessUse.Point> points, Window window) {
    Set<String> parts = new LinkedHashSet<>();
    points.forEach(point -> parts.addAll(point.cpuSeconds().keySet()));
    Map<String, Double> seconds = new TreeMap<>();
    Map<String, Long> resident = new TreeMap<>();
    for (String part : parts) {
      seconds.put(part, between(points, window, p -> p.cpuSeconds().getOrDefault(part, 0.0)));
      resident.put(
          part,
          points.stream()
              .filter(p -> window.contains(p.micros()))
              .mapToLong(p -> p.residentBytes().getOrDefault(part, 0L))
              .max()
              .orElse(0));
    }
    return new CpuInWindow(
        seconds,
        between(points, window, ProcessUse.Point::busySeconds),
        between(points, window, ProcessUse.Point::stolenSeconds),
        resident);
  }

  private static double between(
      List<ProcessUse.Point> points, Window window, ToDoubleFunction<ProcessUse.Point> value) {
    return at(points, window.to(), value) - at(points, window.from(), value);
  }

  private static double at(
      List<ProcessUse.Point> points, long micros, ToDoubleFunction<ProcessUse.Point> value) {
    ProcessUse.Point before = null;
    for (ProcessUse.Point point : points) {
      if (point.micros() >= micros) {
        if (before == null) {
          return value.applyAsDouble(point);
        }
        double share = (micros - before.micros()) / (double) (point.micros() - before.micros());
        double from = value.applyAsDouble(before);
        return from + share * (value.applyAsDouble(point) - from);
      }
      before = point;
    }
    return before == null ? 0 : value.applyAsDouble(before);
  }

  /** Parts of the pipeline that were seen here. */
  public List<String> seenParts() {
    return PIPELINE.stream().filter(seconds::containsKey).toList();
  }

  /** Parts that were not: a server that is not embedded, most likely. */
  public List<String> missingParts() {
    return PIPELINE.stream().filter(part -> !seconds.containsKey(part)).toList();
  }

  /** Of all parts of the pipeline; NaN if one of them was not seen. */
  public double pipelineSeconds() {
    return ofPipeline(seconds);
  }

  /** Resident memory of the same. */
  public double pipelineBytes() {
    return ofPipeline(residentBytesMax);
  }

  private double ofPipeline(Map<String, ? extends Number> byPart) {
    return missingParts().isEmpty()
        ? PIPELINE.stream().mapToDouble(part -> byPart.get(part).doubleValue()).sum()
        : Double.NaN;
  }

  /** Of programs that have nothing to do with the run. */
  public double foreignSeconds() {
    return Math.max(
        0, machineSeconds - seconds.values().stream().mapToDouble(Double::doubleValue).sum());
  }
}
