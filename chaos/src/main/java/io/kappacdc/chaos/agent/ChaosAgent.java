package io.kappacdc.chaos.agent;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.List;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.scaffold.TypeValidation;

/**
 * Entry point of the agent, {@code -javaagent:<jar>=<role>,<directory>[,<mutation>]}: role is
 * {@code capture} or {@code processor}, the directory that of the orders.
 */
public final class ChaosAgent {
  private ChaosAgent() {}

  /** The name of a point, in the code of an advice. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface PointName {}

  /** The exception of a point, in the code of an advice. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface PointError {}

  /** Called by the JVM before the program's own main. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    String[] parts = arguments.split(",");
    FailPoints.watch(Path.of(parts[1]), parts[0]);
    AgentBuilder agent =
        new AgentBuilder.Default(new ByteBuddy().with(TypeValidation.DISABLED))
            .disableClassFormatChanges();
    List<Point> points = parts[0].equals("capture") ? Point.OF_CAPTURE : Point.OF_PROCESSOR;
    for (Point point : points) {
      agent = with(agent, point);
    }
    agent = withFullDisk(agent);
    if (parts.length > 2) {
      agent = Mutation.labelled(parts[2]).applyTo(agent);
    }
    agent.installOn(instrumentation);
  }

  private static AgentBuilder with(AgentBuilder agent, Point point) {
    return agent
        .type(named(point.type()))
        .transform(
            (type, description, loader, module, domain) ->
                type.visit(
                    advice(point)
                        .on(named(point.method()).and(takesArguments(point.parameters())))));
  }

  private static Advice advice(Point point) {
    return Advice.withCustomMapping()
        .bind(PointName.class, point.name())
        .bind(PointError.class, point.error())
        .to(AroundCall.class);
  }

  private static AgentBuilder withFullDisk(AgentBuilder agent) {
    return agent
        .type(named("org.apache.hadoop.fs.RawLocalFileSystem$LocalFSFileOutputStream"))
        .transform(
            (type, description, loader, module, domain) ->
                type.visit(Advice.to(FullDisk.class).on(named("write").and(takesArguments(3)))));
  }

  /** Its code is copied around the calls. */
  static final class AroundCall {
    private AroundCall() {}

    @Advice.OnMethodEnter
    static void before(@PointName String point, @PointError String error) {
      FailPoints.hit(point.concat("-before"), error);
    }

    @Advice.OnMethodExit
    static void after(@PointName String point, @PointError String error) {
      FailPoints.hit(point.concat("-after"), error);
    }
  }

  /** On a full disk, half of what is to be written finds room. */
  static final class FullDisk {
    private FullDisk() {}

    @Advice.OnMethodEnter
    static void before(@Advice.Argument(value = 2, readOnly = false) int length) {
      if (FailPoints.isDiskFull()) {
        length = length / 2;
      }
    }

    @Advice.OnMethodExit
    static void after() {
      if (FailPoints.isDiskFull()) {
        FailPoints.failOnFullDisk();
      }
    }
  }
}
