package io.kappacdc.cli.console;

import io.kappacdc.cli.config.Database;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.ConsoleConfig;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.runtime.config.ListenAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The console at work: wires its parts together, and stops them. One thread does both. */
public final class Console implements AutoCloseable {
  private static final String URL_FILE = "console-url";

  private final Sampler sampler;
  private final Actions actions;
  private final ConsoleServer server;
  private final Path urlFile;
  private boolean isAnnounced;

  /**
   * What it is to show.
   *
   * @param config in effect, asked for again and again: servers may come back elsewhere
   * @param options of the subcommands that it starts, in addition to the home
   */
  public record Settings(KappaHome home, Supplier<KappaConfig> config, List<String> options) {
    public Settings {
      options = List.copyOf(options);
    }
  }

  private Console(
      Settings settings, ListenAddress address, Launcher launcher, Consumer<String> notes) {
    Clock clock = Clock.systemUTC();
    KappaHome home = settings.home();
    Supplier<KappaConfig> config = settings.config();
    Access access = Access.of(address, config.get().console());
    this.sampler = new Sampler(home, config, clock);
    this.actions = new Actions(launcher, home, settings.options(), clock, notes);
    Api.Databases databases =
        new Api.Databases(
            new ReadOnlyDatabase(
                "the trail's database", () -> Database.of(config.get().sink(), home)),
            new ReadOnlyDatabase("the source", () -> Database.of(config.get().source(), home)));
    Api api =
        new Api(
            home,
            access,
            databases,
            sampler,
            new Overview(home, sampler, clock),
            new SchemaVersions(home, config),
            actions);
    this.server = ConsoleServer.start(address, access, api);
    this.urlFile = home.resolve(URL_FILE);
  }

  /**
   * Refuses a configuration that it would not start with, before anything else is started.
   *
   * @throws KappaException for an address that others reach, without a token
   */
  public static void check(ConsoleConfig config) {
    ListenAddress.parse(config.httpAddress()).ifPresent(address -> Access.of(address, config));
  }

  /**
   * Starts it where the configuration says.
   *
   * @param notes gets a line for every action
   * @return nothing if it is off
   * @throws KappaException if the address cannot be had, or must not be served on
   */
  public static Optional<Console> startIfOn(
      Settings settings, Launcher launcher, Consumer<String> notes) {
    return ListenAddress.parse(settings.config().get().console().httpAddress())
        .map(address -> new Console(settings, address, launcher, notes).started());
  }

  private Console started() {
    sampler.start();
    return this;
  }

  /** Lets {@code kappa status} know of it, until it is closed; for the home's one supervisor. */
  public void announce() {
    isAnnounced = true;
    try {
      Files.createDirectories(urlFile.getParent());
      Files.writeString(urlFile, url());
    } catch (IOException e) {
      // `kappa status` does not show it then.
    }
  }

  /** Where it is served. */
  public String url() {
    return server.url();
  }

  /** Where the console of a home was served when it was started; nothing if it was stopped. */
  public static Optional<String> urlIn(KappaHome home) {
    try {
      return Optional.of(Files.readString(home.resolve(URL_FILE)).trim());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    server.close();
    actions.close();
    sampler.close();
    if (isAnnounced) {
      forget();
    }
  }

  private void forget() {
    try {
      Files.deleteIfExists(urlFile);
    } catch (IOException e) {
      // The next one writes it anew.
    }
  }
}
