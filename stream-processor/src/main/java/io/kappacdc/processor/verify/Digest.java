package io.kappacdc.processor.verify;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * An MD5 digest, ordered as its hexadecimal text is in every engine.
 *
 * @param high the first eight bytes
 * @param low the last eight bytes
 */
record Digest(long high, long low) implements Comparable<Digest> {
  /** Bits of a digest that choose its chunk. */
  static final int CHUNK_BITS = 28;

  static Digest ofText(String text) {
    ByteBuffer bytes = ByteBuffer.wrap(md5().digest(text.getBytes(StandardCharsets.UTF_8)));
    return new Digest(bytes.getLong(), bytes.getLong());
  }

  static Digest ofHex(String hex) {
    return new Digest(
        Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has MD5", e);
    }
  }

  /** The chunk that a row with this key digest belongs to. */
  int chunk(int chunks) {
    return (int) ((high >>> (64 - CHUNK_BITS)) % chunks);
  }

  String hex() {
    return String.format("%016x%016x", high, low);
  }

  @Override
  public int compareTo(Digest other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** A sum of an engine that does not wrap around, as one that does would have it. */
  static long wrapped(String exactSum) {
    return new BigInteger(exactSum).longValue();
  }
}
