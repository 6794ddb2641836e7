package io.kappacdc.runtime.columns;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.CaptureConfig;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The secret by which values are hashed; shown nowhere. May be used by any thread. */
public final class HashKey {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String NO_KEY = "Columns cannot be hashed.";
  private static final String REMEDY =
      "Make a key once, keep it, and name its file in capture.hash-key-file:  (umask 077;"
          + " openssl rand -hex 32 > hash.key)";

  private final SecretKeySpec key;

  private HashKey(String text) {
    this.key = new SecretKeySpec(text.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  /**
   * A key.
   *
   * @param text its UTF-8 bytes are the key
   */
  public static HashKey of(String text) {
    return new HashKey(text);
  }

  /**
   * The configured key; of a file without the blanks and line ends around it.
   *
   * @throws KappaException if there is none, or none that can be used
   */
  static HashKey of(CaptureConfig capture) {
    if (capture.hashKey() != null) {
      return of(capture.hashKey());
    }
    String file = capture.hashKeyFile();
    if (file == null) {
      throw new KappaException(
          NO_KEY,
          "capture.columns has the policy hash, and neither capture.hash-key-file nor"
              + " KAPPA_CAPTURE_HASH_KEY gives a key",
          REMEDY);
    }
    String text;
    try {
      text = Files.readString(Path.of(file)).strip();
    } catch (CharacterCodingException e) {
      throw new KappaException(NO_KEY, "capture.hash-key-file '" + file + "' is no text", REMEDY);
    } catch (IOException e) {
      throw new KappaException(
          NO_KEY,
          "capture.hash-key-file '"
              + file
              + "' cannot be read: "
              + e.getClass().getSimpleName()
              + (Files.exists(Path.of(file)) ? "" : ", there is no such file"),
          "Correct the path or the file's permissions. A new key hashes all values anew: make one"
              + " only if there never was one.",
          e);
    }
    if (text.length() < CaptureConfig.HASH_KEY_LENGTH_MIN) {
      throw new KappaException(
          NO_KEY,
          "the key in capture.hash-key-file '"
              + file
              + "' has fewer than "
              + CaptureConfig.HASH_KEY_LENGTH_MIN
              + " characters",
          REMEDY);
    }
    return of(text);
  }

  /** HMAC-SHA-256 of a value's UTF-8 bytes, as 64 hexadecimal digits in lower case. */
  public String hash(String value) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return HexFormat.of().formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform has HmacSHA256", e);
    }
  }

  @Override
  public String toString() {
    return "HashKey[hidden]";
  }
}
