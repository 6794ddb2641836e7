package io.kappacdc.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassPathJarsTest {
  @Test
  void classesOfTheNamedJarsAreLoadedAndThoseThatLackALibraryLeftOut() throws Exception {
    assertThat(ClassPathJars.load(List.of("picocli-"))).isGreaterThan(100);
    assertThat(ClassPathJars.load(List.of("no such jar"))).isZero();
  }
}
