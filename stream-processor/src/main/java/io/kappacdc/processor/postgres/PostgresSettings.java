package io.kappacdc.processor.postgres;

import io.kappacdc.processor.stream.KafkaSettings;
import java.io.Serializable;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the trail's database, on the driver and on executors.
 *
 * @param url JDBC URL
 * @param poolSize connections that a JVM holds at most
 */
public record PostgresSettings(
    String url, @Nullable String user, @Nullable String password, int poolSize)
    implements Serializable {
  public PostgresSettings {
    Objects.requireNonNull(url, "url");
  }

  /** User and password, as the driver takes them. */
  Properties properties() {
    Properties properties = new Properties();
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
    }
    return properties;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return url.replaceAll("\\?.*", "") + " as " + user;
  }

  /** What a task needs to write a slice. */
  record ForTasks(PostgresSettings postgres, KafkaSettings kafka) implements Serializable {}
}
