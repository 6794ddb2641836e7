package io.kappacdc.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that the documentation names as proofs are there. */
class NamedTestsTest {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w*(?:Test|IT))(?:\\.(\\w+))?`");

  private static final Map<String, String> SOURCES = new HashMap<>();

  @BeforeAll
  static void readTests() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path tests : modules.map(module -> module.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(tests)) {
          readTests(tests);
        }
      }
    }
  }

  private static void readTests(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        SOURCES.merge(name, Files.readString(file), String::concat);
      }
    }
  }

  private static boolean exists(String type, @Nullable String method) {
    String source = SOURCES.get(type);
    return source != null && (method == null || source.contains(" void " + method + "("));
  }

  @ParameterizedTest
  @CsvSource({"docs/hazards.md, 60", "docs/guarantees.md, 40"})
  void exist(String page, int namesMin) throws IOException {
    Matcher names = NAME.matcher(Files.readString(ROOT.resolve(page)));

    List<String> missing = new ArrayList<>();
    int count = 0;
    while (names.find()) {
      count++;
      if (!exists(names.group(1), names.group(2))) {
        missing.add(names.group());
      }
    }

    assertThat(missing).isEmpty();
    assertThat(count).isGreaterThan(namesMin);
  }
}
