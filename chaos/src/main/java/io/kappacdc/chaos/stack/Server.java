package io.kappacdc.chaos.stack;

import io.kappacdc.chaos.proxy.TcpProxy;
import java.util.List;

/**
 * A server of the infrastructure, with the proxy that the pipeline reaches it by. One thread at a
 * time.
 */
public interface Server extends AutoCloseable {
  /** {@code source}, {@code sink} or {@code broker}. */
  String name();

  TcpProxy proxy();

  /** Its processes of this moment. */
  List<Long> pids();

  /** Kills all its processes at once. */
  void kill();

  /** Starts it again after {@link #kill}, on its data and its port; returns when it serves. */
  void startAgain();

  @Override
  void close();
}
