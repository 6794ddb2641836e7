package io.kappacdc.stack;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A process that starts a stack and, for all it knows, would run for ever. Its first line names the
 * processes of the source, the first of them the server, its second line those of all.
 */
public final class StackOwnerMain {
  private StackOwnerMain() {}

  public static void main(String[] args) throws Exception {
    LocalStack stack = LocalStack.start(Path.of(args[0]));
    System.out.println(line(stack.source().pids()));
    System.out.println(line(stack.pids()));
    System.in.read();
  }

  private static String line(List<Long> pids) {
    return pids.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }
}
