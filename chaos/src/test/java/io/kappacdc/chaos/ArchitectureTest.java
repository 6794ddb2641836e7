package io.kappacdc.chaos;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.kappacdc.chaos",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule AGENT_STANDS_ALONE =
      classes()
          .that()
          .resideInAPackage("io.kappacdc.chaos.agent..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..", "org.jspecify..", "net.bytebuddy..", "io.kappacdc.chaos.agent..")
          .because("its jar goes into processes with class paths of their own");

  @ArchTest
  static final ArchRule CHECKS_ARE_MADE_WITHOUT_WHAT_IS_CHECKED =
      noClasses()
          .that()
          .resideInAPackage("io.kappacdc.chaos.check..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.kappacdc.capture..",
              "io.kappacdc.processor.lake..",
              "io.kappacdc.processor.postgres..",
              "io.kappacdc.processor.stream..",
              "org.apache.spark..",
              "io.delta..")
          .because("an error of the writing side must not be shared by the one that looks for it");

  @ArchTest
  static final ArchRule LOAD_KNOWS_NOTHING_OF_THE_PIPELINE =
      noClasses()
          .that()
          .resideInAPackage("io.kappacdc.chaos.workload..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.kappacdc.processor..", "io.kappacdc.event..")
          .because("it is a user's application");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices()
          .matching("io.kappacdc.chaos.(*)..")
          .should()
          .beFreeOfCycles()
          .because("each package is to be read without the others; move what both need");
}
