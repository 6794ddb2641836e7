package io.kappacdc.telemetry;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.kappacdc.telemetry", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule TELEMETRY_ASKS_NO_SERVER =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.kappacdc.capture..",
              "io.kappacdc.processor..",
              "org.apache.kafka..",
              "org.apache.spark..",
              "io.debezium..",
              "org.postgresql..")
          .because(
              "a request for health must not wait for a server; let the services tell a Contact");
}
