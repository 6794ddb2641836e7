package io.kappacdc.chaos.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.roaringbitmap.RoaringBitmap;

/**
 * Which rows of a data file are deleted. Source: the Delta protocol's specification, sections
 * Deletion Vectors and Deletion Vector Format.
 */
final class DeletionVectors {
  private static final int MAGIC = 1_681_511_377;
  private static final int UUID_CHARACTERS = 20;
  private static final String Z85 =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

  private DeletionVectors() {}

  /** The rows of a data file that are deleted, by their place in the file. */
  interface Deleted {
    boolean contains(long row);
  }

  /** Reads what a log's action describes. */
  static Deleted read(Path table, JsonNode descriptor) throws IOException {
    String storage = descriptor.path("storageType").asText();
    String where = descriptor.path("pathOrInlineDv").asText();
    int size = descriptor.path("sizeInBytes").asInt();
    return switch (storage) {
      case "i" -> parse(ByteBuffer.wrap(decode(where), 0, size));
      case "u" -> parse(read(relative(table, where), descriptor.path("offset").asInt(), size));
      case "p" -> parse(read(Path.of(where), descriptor.path("offset").asInt(), size));
      default -> throw new IOException("a deletion vector stored as " + storage);
    };
  }

  /** A prefix directory, which may be empty, and the file's UUID. */
  private static Path relative(Path table, String where) {
    int prefix = where.length() - UUID_CHARACTERS;
    ByteBuffer id = ByteBuffer.wrap(decode(where.substring(prefix)));
    UUID uuid = new UUID(id.getLong(), id.getLong());
    Path directory = prefix == 0 ? table : table.resolve(where.substring(0, prefix));
    return directory.resolve("deletion_vector_" + uuid + ".bin");
  }

  private static ByteBuffer read(Path file, int offset, int size) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      open.seek(offset);
      int length = open.readInt();
      if (length != size) {
        throw new IOException(file + " has a vector of " + length + " bytes, not " + size);
      }
      byte[] bytes = new byte[length];
      open.readFully(bytes);
      return ByteBuffer.wrap(bytes);
    }
  }

  private static Deleted parse(ByteBuffer bytes) throws IOException {
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.getInt() != MAGIC) {
      throw new IOException("a deletion vector of another format");
    }
    long count = bytes.getLong();
    Map<Integer, RoaringBitmap> bitmaps = new HashMap<>();
    for (long i = 0; i < count; i++) {
      int high = bytes.getInt();
      RoaringBitmap bitmap = new RoaringBitmap();
      int start = bytes.position();
      bitmap.deserialize(
          new DataInputStream(
              new java.io.ByteArrayInputStream(
                  bytes.array(), bytes.arrayOffset() + start, bytes.remaining())));
      bytes.position(start + bitmap.serializedSizeInBytes());
      bitmaps.put(high, bitmap);
    }
    return row -> {
      RoaringBitmap bitmap = bitmaps.get((int) (row >>> Integer.SIZE));
      return bitmap != null && bitmap.contains((int) row);
    };
  }

  /** Base85 in the alphabet of ZeroMQ: five characters are four bytes, most significant first. */
  private static byte[] decode(String text) {
    ByteBuffer bytes = ByteBuffer.allocate(text.length() / 5 * 4);
    for (int i = 0; i + 5 <= text.length(); i += 5) {
      long value = 0;
      for (int j = 0; j < 5; j++) {
        value = value * 85 + Z85.indexOf(text.charAt(i + j));
      }
      bytes.putInt((int) value);
    }
    return bytes.array();
  }
}
