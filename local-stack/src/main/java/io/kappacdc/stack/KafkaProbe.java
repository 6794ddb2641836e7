package io.kappacdc.stack;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * Asks a broker for its API versions, by hand: the class path of whoever starts a broker has a
 * Kafka client of another version, or none. Source: Kafka's protocol guide, request header v1 and
 * ApiVersions v0.
 */
final class KafkaProbe {
  private static final int TIMEOUT_MILLIS = 2_000;
  private static final short API_VERSIONS = 18;
  private static final int CORRELATION_ID = 0x6b617070;
  private static final int REQUEST_BYTES = 2 + 2 + 4 + 2;

  private KafkaProbe() {}

  static boolean answers(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      var out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(REQUEST_BYTES);
      out.writeShort(API_VERSIONS);
      out.writeShort(0); // version of the request
      out.writeInt(CORRELATION_ID);
      out.writeShort(-1); // no client id
      out.flush();
      var in = new DataInputStream(socket.getInputStream());
      in.readInt(); // length
      boolean ours = in.readInt() == CORRELATION_ID;
      boolean noError = in.readShort() == 0;
      return ours && noError;
    } catch (IOException e) {
      return false;
    }
  }
}
