package io.kappacdc.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassPathJarsTest {
  @Test
  void loadsTheClassesOfTheNamedJarsAlone() throws Exception {
    assertThat(ClassPathJars.load(List.of("picocli-"))).isGreaterThan(100);
    assertThat(ClassPathJars.load(List.of("no such jar"))).isZero();
  }

  @Test
  void leavesOutClassesThatNeedALibraryThatIsNotThere() throws Exception {
    assertThat(ClassPathJars.load(List.of("logback-core-", "assertj-core-"))).isGreaterThan(100);
  }
}
