package io.kappacdc.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TableFilterTest {
  private static final List<String> TABLES =
      List.of("public.fund", "public.Fund", "public.fund_log", "sales.fund", "sales.a,b");

  private static List<String> admitted(Map<String, String> settings) {
    TableFilter filter = new ConfigLoader().flags(settings).load().source().tables();
    return TABLES.stream().filter(name -> admits(filter, name)).toList();
  }

  private static boolean admits(TableFilter filter, String name) {
    int dot = name.indexOf('.');
    return filter.admits(name.substring(0, dot), name.substring(dot + 1));
  }

  @Test
  void withoutExpressionsEveryTableIsAdmitted() {
    assertThat(admitted(Map.of())).isEqualTo(TABLES);
    assertThat(new ConfigLoader().load().source().tables().admitsAll()).isTrue();
    assertThat(TableFilter.ALL.admits("public", "two\nlines")).isTrue();
  }

  @Test
  void anExpressionIsForTheWholeNameInItsCase() {
    assertThat(admitted(Map.of("source.include-tables", "public\\.fund")))
        .containsExactly("public.fund");
    assertThat(admitted(Map.of("source.include-tables", "fund"))).isEmpty();
  }

  @Test
  void oneOfTheIncludedSufficesAndNoneOfTheExcludedMayMatch() {
    Map<String, String> settings =
        Map.of(
            "source.include-tables", "public\\..*, sales\\.f.{1\\,3}",
            "source.exclude-tables", ".*_log,public\\.F.*");

    assertThat(admitted(settings)).containsExactly("public.fund", "sales.fund");
  }

  @Test
  void excludesAloneLeaveTheRest() {
    assertThat(admitted(Map.of("source.exclude-tables", "public\\..*")))
        .containsExactly("sales.fund", "sales.a,b");
  }

  @Test
  void textOfExpressionsIsReadAsTheSame() {
    Stream.of("a\\.b", "a\\.b\\,c,d", "x{1\\,3}", "a\\\\\\,b")
        .forEach(
            text -> {
              TablePatterns patterns = TablePatterns.parse(text);

              assertThat(TablePatterns.parse(patterns.toString())).isEqualTo(patterns);
            });
    assertThat(TablePatterns.parse(List.of("x{1,3}", "y")))
        .isEqualTo(TablePatterns.parse("x{1\\,3}, y"));
  }

  @Test
  void debeziumIsToldTheSame() {
    TableFilter filter =
        new TableFilter(
            new TablePatterns(List.of("public\\.fund.{0,4}", "sales\\..*")),
            new TablePatterns(List.of(".*,.*")));
    // A list of one: its commas are escaped. Debezium ignores case.
    String list = filter.asDebeziumList();
    assertThat(list.replace("\\,", "")).doesNotContain(",");
    Pattern debezium = Pattern.compile(list.replace("\\,", ","), Pattern.CASE_INSENSITIVE);

    assertThat(TABLES).allMatch(name -> debezium.matcher(name).matches() == admits(filter, name));
  }
}
