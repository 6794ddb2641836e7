package io.kappacdc.cli.supervise;

import io.kappacdc.cli.config.ConfigValues;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.UpConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stack on this machine. One thread starts it, calls {@link #tend} again and again, and closes
 * it.
 */
public final class Supervisor implements AutoCloseable {
  private static final Duration STOP_CAPTURE_MAX = Duration.ofSeconds(15);
  private static final Duration STOP_PROCESSOR_MAX = Duration.ofSeconds(35);

  private final KappaHome home;
  private final Map<String, String> configured;
  private final Launcher launcher;
  private final Consumer<String> notes;
  private final Clock clock;
  private final UpConfig supervision;
  private final HomeLock lock;
  private final PidFiles pidFiles;
  private final Map<Role, Supervised> roles = new EnumMap<>(Role.class);
  private final Map<String, RestartPolicy> serverPolicies = new HashMap<>();
  private EmbeddedServers servers = new EmbeddedServers();

  /** A role, its restarts, and when the next one is due. */
  private static final class Supervised {
    private final RestartPolicy policy;
    private @Nullable RoleProcess process;
    private @Nullable Instant startAt;
    private boolean wasReady;

    private Supervised(RestartPolicy policy) {
      this.policy = policy;
    }
  }

  /**
   * What to run.
   *
   * @param configured values by path of the configuration; servers they do not name are embedded
   */
  public record Settings(KappaHome home, Map<String, String> configured) {
    public Settings {
      configured = Map.copyOf(configured);
    }
  }

  private Supervisor(Settings settings, Launcher launcher, Consumer<String> notes, Clock clock) {
    this.home = settings.home();
    this.configured = settings.configured();
    this.launcher = launcher;
    this.notes = notes;
    this.clock = clock;
    this.supervision = supervision(configured);
    this.lock = HomeLock.claim(home);
    this.pidFiles = new PidFiles(home.resolve("run"));
  }

  private static UpConfig supervision(Map<String, String> configured) {
    Map<String, String> own = new TreeMap<>(configured);
    own.keySet().removeIf(path -> !path.startsWith("up."));
    return new ConfigLoader().flags(own).load().up();
  }

  private RestartPolicy restartPolicy() {
    return new RestartPolicy(supervision.restartsMax(), supervision.restartPauseMax());
  }

  /**
   * Claims the home directory and stops what a killed supervisor left in it.
   *
   * @param notes gets a line for everything a user should know of
   * @throws KappaException if another supervisor is at work there
   */
  public static Supervisor claim(Settings settings, Launcher launcher, Consumer<String> notes) {
    return claim(settings, launcher, notes, Clock.systemUTC());
  }

  static Supervisor claim(
      Settings settings, Launcher launcher, Consumer<String> notes, Clock clock) {
    Supervisor supervisor = new Supervisor(settings, launcher, notes, clock);
    for (Role orphan : supervisor.pidFiles.stopOrphans()) {
      notes.accept("stopped the " + orphan.label() + " process that an earlier run left behind");
    }
    supervisor.home.removeStack();
    return supervisor;
  }

  /** Removes the state of earlier runs; before {@link #startServers}. */
  public void forgetEverything() {
    HomeState.deleteExcept(home.directory(), HomeLock.FILE);
  }

  /** Starts the embedded servers and tells other programs of this home where everything is. */
  public void startServers() {
    servers = EmbeddedServers.start(home, configured);
    publish();
  }

  private void publish() {
    home.writeStack(ProcessHandle.current().pid(), effective());
    PgPass.write(home, effective(), servers.running().keySet());
  }

  /** Starts capture and processor; returns at once. */
  public void startRoles() {
    for (Role role : Role.values()) {
      Supervised supervised = new Supervised(restartPolicy());
      roles.put(role, supervised);
      start(role, supervised);
    }
  }

  private void start(Role role, Supervised supervised) {
    List<String> options = List.of("--home=" + home.directory());
    try {
      ProcessLog log = new ProcessLog(logs().resolve(role.label() + ".log"));
      supervised.startAt = null;
      supervised.process =
          RoleProcess.start(
              role, launcher, options, ConfigValues.asEnvironment(effective()), log, pidFiles);
    } catch (IOException e) {
      throw SuperviseErrors.notStarted(role, e);
    }
  }

  /** Where the logs of capture and processor are. */
  public Path logs() {
    return home.resolve("logs");
  }

  /** The values in effect by path, with the embedded servers' addresses. */
  public Map<String, String> effective() {
    Map<String, String> values = new TreeMap<>(configured);
    values.putAll(servers.values());
    return values;
  }

  /** The servers that run here: some of source, sink, kafka. */
  public List<String> embedded() {
    return List.copyOf(servers.running().keySet());
  }

  /** True while every role has said, since its last start, that it does its work. */
  public boolean isReady() {
    return !roles.isEmpty()
        && roles.values().stream().allMatch(role -> role.process != null && role.process.isReady());
  }

  /** Which roles have not said that they do their work. */
  public List<String> notReady() {
    return roles.entrySet().stream()
        .filter(role -> role.getValue().process == null || !role.getValue().process.isReady())
        .map(role -> role.getKey().label())
        .toList();
  }

  /** Where the roles that run now serve metrics and health, as far as they have said. */
  public Map<String, String> httpUrls() {
    Map<String, String> urls = new TreeMap<>();
    roles.forEach(
        (role, supervised) -> {
          RoleProcess process = supervised.process;
          if (process != null) {
            process.httpUrl().ifPresent(url -> urls.put(role.label(), url));
          }
        });
    return urls;
  }

  /** The error for a start that took longer than {@code timeout}. */
  public KappaException notReadyWithin(Duration timeout) {
    return SuperviseErrors.notReady(notReady(), timeout, logs());
  }

  /**
   * Starts again what has died and is due; to be called a few times a second.
   *
   * @throws KappaException if something fails too often, or says that it cannot work
   */
  public void tend() {
    tendServers();
    for (Map.Entry<Role, Supervised> role : roles.entrySet()) {
      tend(role.getKey(), role.getValue());
    }
  }

  private void tendServers() {
    Map<String, String> before = effective();
    for (String name : embedded()) {
      EmbeddedServers.Server server = servers.running().get(name);
      if (ProcessHandle.of(server.pid()).filter(ProcessHandle::isAlive).isPresent()) {
        continue;
      }
      RestartPolicy policy = serverPolicies.computeIfAbsent(name, any -> restartPolicy());
      if (policy.afterFailure(clock.instant()).isEmpty()) {
        throw SuperviseErrors.serverKeepsDying(name, supervision.restartsMax(), server.log());
      }
      notes.accept("the embedded " + name + " server died; starting it again on its data");
      servers.startAgain(name);
    }
    if (!effective().equals(before)) {
      notes.accept("a server came back at another address; starting capture and processor again");
      publish();
      stopRoles();
      startRoles();
    }
  }

  private void tend(Role role, Supervised supervised) {
    RoleProcess process = supervised.process;
    Instant now = clock.instant();
    if (process == null) {
      if (supervised.startAt != null && !now.isBefore(supervised.startAt)) {
        start(role, supervised);
      }
      return;
    }
    if (process.isAlive()) {
      supervised.wasReady |= process.isReady();
      return;
    }
    supervised.process = null;
    pidFiles.forget(role);
    boolean hopeless =
        process.refused() || (!supervised.wasReady && process.ownWords().isPresent());
    Optional<Duration> delay = hopeless ? Optional.empty() : supervised.policy.afterFailure(now);
    if (delay.isEmpty()) {
      throw process.failure();
    }
    notes.accept(
        "the %s process ended with code %d; starting it again in %.1f s"
            .formatted(role.label(), process.exitValue(), delay.get().toMillis() / 1e3));
    supervised.startAt = now.plus(delay.get());
  }

  private void stopRoles() {
    stop(Role.CAPTURE, STOP_CAPTURE_MAX);
    stop(Role.PROCESSOR, STOP_PROCESSOR_MAX);
    roles.clear();
  }

  private void stop(Role role, Duration patience) {
    Supervised supervised = roles.get(role);
    if (supervised != null && supervised.process != null) {
      supervised.process.stop(patience);
    }
  }

  /** Stops everything: capture, processor, Kafka, the databases. Takes a bounded time. */
  @Override
  public void close() {
    try (lock) {
      stopRoles();
      servers.close();
      home.removeStack();
    }
  }
}
