package io.kappacdc.capture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.kappacdc.capture", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule SOURCE_KNOWS_NOTHING_BEHIND_IT =
      noClasses()
          .that()
          .resideInAPackage("..capture.source..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..capture.transform..", "..capture.publish..")
          .because("data flows from source to publish; let ChangeFlow connect the two");

  @ArchTest
  static final ArchRule PUBLISH_KNOWS_ONLY_EVENTS =
      noClasses()
          .that()
          .resideInAPackage("..capture.publish..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..capture.source..", "..capture.transform..", "io.debezium..", "org.postgresql..")
          .because("what is published are change events; decode before, in transform");

  @ArchTest
  static final ArchRule TRANSFORM_DOES_NOT_PUBLISH =
      noClasses()
          .that()
          .resideInAPackage("..capture.transform..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..capture.publish..", "org.apache.kafka.clients..", "java.sql..")
          .because("decoding has no side effects; ask the catalog through SourceCatalog");

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices()
          .matching("io.kappacdc.capture.(*)..")
          .should()
          .beFreeOfCycles()
          .because("packages read in the direction the data flows");
}
