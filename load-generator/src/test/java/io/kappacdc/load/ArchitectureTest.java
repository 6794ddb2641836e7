package io.kappacdc.load;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.kappacdc.load", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule ENGINE_KNOWS_NO_GATLING =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.kappacdc.load.gatling")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.gatling..", "scala..", "com.zaxxer..", "io.kappacdc.load.gatling")
          .because("the demo runs the engine without Gatling on its class path");

  @ArchTest
  static final ArchRule SPECS_KNOW_NO_SQL =
      noClasses()
          .that()
          .resideInAPackage("io.kappacdc.load.spec")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql", "io.kappacdc.load.sql")
          .because("a spec says what is done; how is the business of the package sql");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices()
          .matching("io.kappacdc.load.(*)")
          .should()
          .beFreeOfCycles()
          .because("each package is to be read without the others; move what both need");
}
