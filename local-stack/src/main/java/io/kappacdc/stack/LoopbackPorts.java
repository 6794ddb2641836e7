package io.kappacdc.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers, outside the range that systems hand to clients: a client that keeps connecting
 * to a stopped server's port from that range ends up connected to itself, and holds the port.
 */
final class LoopbackPorts {
  static final int FIRST = 20_000;
  static final int END = 32_000;
  private static final int TRIES_MAX = 1_000;

  private LoopbackPorts() {}

  static int findFree() {
    for (int i = 0; i < TRIES_MAX; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (isFree(port)) {
        return port;
      }
    }
    throw StackErrors.noFreePort(FIRST, END);
  }

  static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(!Platform.isWindows());
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
