package io.kappacdc.processor;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.zaxxer.hikari.HikariConfig;
import java.util.Set;

@AnalyzeClasses(
    packages = "io.kappacdc.processor",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "io.kappacdc.processor";

  private static final Set<String> OF_HIKARI_2_5_1 =
      Set.of(
          "setPoolName",
          "setJdbcUrl",
          "setUsername",
          "setPassword",
          "setMaximumPoolSize",
          "setMinimumIdle",
          "setAutoCommit",
          "setConnectionTimeout",
          "addDataSourceProperty",
          "setConnectionInitSql",
          "getConnection",
          "close");

  @ArchTest
  static final ArchRule THE_POOL_RUNS_ON_SPARKS_HIKARI =
      noClasses()
          .should()
          .callMethodWhere(
              describe(
                  "HikariCP 2.5.1 does not have it",
                  call ->
                      call.getTargetOwner().isAssignableTo(HikariConfig.class)
                          && !OF_HIKARI_2_5_1.contains(call.getName())))
          .because(
              "Spark's distributions bring HikariCP 2.5.1, and it goes before ours; keep to what"
                  + " that version has, too, and add it to the list");

  @ArchTest
  static final ArchRule STREAM_KNOWS_NO_STORE =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + ".stream", ROOT + ".schema")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT, ROOT + ".postgres", ROOT + ".lake", ROOT + ".verify", ROOT + ".sql")
          .because("queries feed any sink; give a store what it needs through the Sink interface");

  @ArchTest
  static final ArchRule STORES_DO_NOT_KNOW_EACH_OTHER =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".postgres")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ROOT + ".lake", "org.apache.spark..", "io.delta..")
          .because(
              "the trail must not wait for the lake; share through io.kappacdc.processor.stream");

  @ArchTest
  static final ArchRule LAKE_DOES_NOT_KNOW_POSTGRES =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".lake")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ROOT + ".postgres", "org.postgresql..", "java.sql..")
          .because(
              "the lake must not wait for PostgreSQL; share through io.kappacdc.processor.stream");

  @ArchTest
  static final ArchRule ONLY_THE_WIRING_KNOWS_EVERYTHING =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".*")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT)
          .because(
              "commands and wiring are the top; move shared code down into a package of its own");

  @ArchTest
  static final ArchRule SETTINGS_TRAVEL_TO_EXECUTORS =
      classes()
          .that()
          .haveSimpleNameEndingWith("SliceTask")
          .should()
          .beAssignableTo(java.io.Serializable.class)
          .because("tasks run on executors");
}
