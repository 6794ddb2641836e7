package io.kappacdc.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.kappacdc.cli", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule STARTS_WITHOUT_SPARK_AND_DEBEZIUM =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.spark..",
              "io.delta..",
              "io.debezium..",
              "io.kappacdc.capture..",
              "io.kappacdc.processor..")
          .because(
              "capture and processor have class paths of their own; start them with the launcher"
                  + " and read what they say");

  @ArchTest
  static final ArchRule PARTS_KNOW_NO_COMMAND =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.kappacdc.cli.supervise", "io.kappacdc.cli.status", "io.kappacdc.cli.config")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.kappacdc.cli", "io.kappacdc.cli.demo", "picocli..")
          .because("commands wire these packages together; hand them what they need");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices()
          .matching("io.kappacdc.cli.(*)..")
          .should()
          .beFreeOfCycles()
          .because("each package is to be read without the others; move what both need");
}
