package io.kappacdc.processor.verify;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL database is.
 *
 * @param url JDBC URL
 */
public record DatabaseAddress(String url, @Nullable String user, @Nullable String password) {
  private static final int CONNECT_SECONDS = 10;

  Properties properties() {
    Properties properties = new Properties();
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
    }
    properties.setProperty("ApplicationName", "kappa verify");
    properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("loginTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url, properties());
  }

  /** Without the password and the URL's parameters. */
  @Override
  public String toString() {
    return url.replaceAll("\\?.*", "") + (user == null ? "" : " as " + user);
  }
}
