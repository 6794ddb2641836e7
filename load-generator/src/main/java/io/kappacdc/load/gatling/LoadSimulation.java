package io.kappacdc.load.gatling;

import io.gatling.javaapi.core.CoreDsl;
import io.gatling.javaapi.core.Simulation;

/** What Gatling runs: one scenario of one transaction, injected at the profile's rate. */
public final class LoadSimulation extends Simulation {
  public LoadSimulation() {
    GatlingLoad load = GatlingLoad.current();
    setUp(
            CoreDsl.scenario(load.name())
                .exec(load.action())
                .stopLoadGeneratorIf("the load has ended", session -> load.isStopped())
                .injectOpen(load.injection()))
        .maxDuration(load.durationMax());
  }
}
