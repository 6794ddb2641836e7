package io.kappacdc.processor.verify;

import io.kappacdc.event.Cut;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.runtime.config.TableFilter;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** Verifies a pipeline, live or at rest: fence, wait, compare. See the package's documentation. */
public final class Verifier {
  /** The source's and the PostgreSQL trail's checksums are awaited side by side. */
  private static final int LANES = 2;

  private static final String UNREAD =
      "capture is still reading its rows, which the stores have not got (`./kappa status` says how"
          + " far it is, or what keeps it from reading): verify again after that, or with a longer"
          + " --timeout";

  private final Supplier<SparkSession> spark;
  private final Clock clock;

  /**
   * @param spark a session configured by {@link io.kappacdc.processor.lake.LakeSession}; asked for
   *     after the fence is set, so that it may start meanwhile
   */
  public Verifier(Supplier<SparkSession> spark, Clock clock) {
    this.spark = spark;
    this.clock = clock;
  }

  /**
   * Verifies the tables.
   *
   * @throws io.kappacdc.runtime.KappaException if nothing at all could be verified; what could not
   *     be verified of a table is in the report
   */
  public VerificationReport verify(VerifyOptions options) {
    Instant startedAt = clock.instant();
    Pipeline pipeline = options.pipeline();
    Deadline deadline = Deadline.in(options.timeout());
    try (Cuts cuts = Cuts.openAtEnd(pipeline.kafka(), deadline);
        Moment moment = moment(options, cuts, deadline)) {
      Cut cut = moment.cut();
      SparkSession session = spark.get().newSession();
      session.conf().set("spark.sql.ansi.enabled", "false");
      session.conf().set("spark.sql.session.timeZone", "UTC");
      StoreProgress.Reached reached =
          new StoreProgress(
                  pipeline.sink(),
                  new DeltaLake(session, pipeline.lakePath()),
                  cut,
                  topics(options, moment.published().keySet(), cut.endOffsets().keySet()))
              .await(deadline);
      Duration waited = Duration.between(startedAt, clock.instant());
      List<TableReport> tables = compare(options, moment, reached);
      return new VerificationReport(
          moment.fence().lsn(),
          startedAt,
          waited,
          Duration.between(startedAt, clock.instant()),
          tables);
    }
  }

  /**
   * What is compared.
   *
   * @param published the source's tables at the fence
   * @param cut the first that lies behind the fence's message
   */
  private record Moment(Fence fence, SortedMap<TableName, SourceTable> published, Cut cut)
      implements AutoCloseable {
    static Moment set(Pipeline pipeline, Cuts cuts, Deadline deadline) {
      Fence fence = Fence.set(pipeline.source().database(), deadline);
      try {
        return new Moment(
            fence,
            SourceCatalog.read(fence.source(), pipeline.source()),
            cuts.await(fence.messageLsn(), deadline));
      } catch (RuntimeException e) {
        fence.close();
        throw e;
      }
    }

    @Override
    public void close() {
      fence.close();
    }
  }

  /**
   * A moment behind one at which capture has all rows of the tables, if there is one in half of the
   * time. Rows that it reads, in a snapshot or because nothing in the log tells of them, have
   * places behind the moment in which they came to be, so stores can be compared after that, and
   * not before.
   */
  private static Moment moment(VerifyOptions options, Cuts cuts, Deadline deadline) {
    Pipeline pipeline = options.pipeline();
    DatabaseAddress source = pipeline.source().database();
    Cut cut = cuts.await(Fence.emitMessage(source), deadline);
    if (!cut.unread().isEmpty()) {
      Set<String> unread = new HashSet<>(cut.unread());
      if (!options.tables().isEmpty()) {
        unread.retainAll(topics(options, Set.of(), cut.unread()));
      }
      cuts.awaitWithout(unread, Deadline.in(deadline.remaining().dividedBy(2)));
    }
    return Moment.set(pipeline, cuts, deadline);
  }

  /** Of these topics those that are to be verified. */
  private static Set<String> topics(
      VerifyOptions options, Set<TableName> published, Set<String> all) {
    if (options.tables().isEmpty()) {
      return all;
    }
    KafkaSettings kafka = options.pipeline().kafka();
    Set<String> selected = new TreeSet<>();
    for (String wanted : options.tables()) {
      TableName table =
          published.stream()
              .filter(name -> name.toString().equals(wanted))
              .findFirst()
              .orElseGet(() -> TableName.parse(wanted));
      selected.add(kafka.topics().table(table.schema(), table.table()));
    }
    return selected;
  }

  private static List<TableReport> compare(
      VerifyOptions options, Moment moment, StoreProgress.Reached reached) {
    Pipeline pipeline = options.pipeline();
    Fence fence = moment.fence();
    SortedMap<TableName, SourceTable> published = moment.published();
    ExecutorService lanes = Executors.newFixedThreadPool(LANES);
    try (PostgresSession sink = PostgresSession.open(pipeline.sink(), null)) {
      Map<TableName, PostgresTrail.Trail> trails = PostgresTrail.trails(sink.connection());
      TableVerification.Stores stores =
          new TableVerification.Stores(fence.lsn(), fence.source(), sink, lanes);
      SortedSet<TableName> names = new TreeSet<>(published.keySet());
      names.addAll(trails.keySet());
      names.addAll(reached.trails().keySet());
      names.addAll(reached.mirrors().keySet());
      requireCaptured(options.tables(), names, pipeline.source().tables());
      List<TableReport> reports = new ArrayList<>();
      for (TableName name : selected(options.tables(), names)) {
        String topic = pipeline.kafka().topics().table(name.schema(), name.table());
        if (moment.cut().unread().contains(topic)) {
          reports.add(TableReport.notVerified(name.toString(), UNREAD, List.of()));
          continue;
        }
        TableVerification.Known known =
            new TableVerification.Known(
                name,
                published.get(name),
                trails.get(name),
                reached.trails().get(name),
                reached.mirrors().get(name),
                reached.lagsOf(topic));
        reports.add(new TableVerification(stores, known, options).run());
      }
      return reports;
    } catch (SQLException e) {
      throw NotVerifiedException.unreachable("the PostgreSQL trail", pipeline.sink(), e);
    } finally {
      lanes.shutdownNow();
    }
  }

  /** Of tables that are not captured (any more) the stores need not have what the source has. */
  private static void requireCaptured(
      List<String> wanted, SortedSet<TableName> names, TableFilter tables) {
    List<String> excluded =
        wanted.stream()
            .filter(
                text -> {
                  TableName name = TableName.parse(text);
                  return !tables.admits(name.schema(), name.table());
                })
            .toList();
    if (!excluded.isEmpty()) {
      throw NotVerifiedException.notCaptured(excluded);
    }
    names.removeIf(name -> !tables.admits(name.schema(), name.table()));
  }

  private static SortedSet<TableName> selected(List<String> wanted, SortedSet<TableName> names) {
    if (wanted.isEmpty()) {
      return names;
    }
    Map<String, TableName> byText = new TreeMap<>();
    names.forEach(name -> byText.put(name.toString(), name));
    wanted.forEach(
        text -> {
          TableName meant = TableName.parse(text);
          if (names.contains(meant)) {
            byText.putIfAbsent(text, meant);
          }
        });
    List<String> unknown = wanted.stream().filter(name -> !byText.containsKey(name)).toList();
    if (!unknown.isEmpty()) {
      throw NotVerifiedException.unknownTables(
          unknown, names.stream().map(TableName::toString).toList());
    }
    return wanted.stream().map(byText::get).collect(Collectors.toCollection(TreeSet::new));
  }
}
