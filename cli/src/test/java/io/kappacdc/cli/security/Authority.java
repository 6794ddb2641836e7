package io.kappacdc.cli.security;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for a day, with its certificates as files in a directory. */
final class Authority {
  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final Path directory;
  private final String name;
  private final KeyPair keys;

  /**
   * Files of a server or a client.
   *
   * @param certificate PEM
   * @param key PEM, not encrypted
   * @param keyDer the same as PKCS #8, as PostgreSQL's driver wants it
   * @param keyAndCertificate PEM, as Kafka wants them
   */
  record Identity(Path certificate, Path key, Path keyDer, Path keyAndCertificate) {}

  Authority(Path directory, String name) throws Exception {
    this.directory = directory;
    this.name = name;
    this.keys = pair();
    write(name + ".crt", pem("CERTIFICATE", sign(name, keys.getPublic(), true).getEncoded()));
  }

  /** PEM of the authority's own certificate. */
  Path certificate() {
    return directory.resolve(name + ".crt");
  }

  /** A server at 127.0.0.1, or a client of that name. */
  Identity identity(String commonName) throws Exception {
    KeyPair own = pair();
    String certificate = pem("CERTIFICATE", sign(commonName, own.getPublic(), false).getEncoded());
    PrivateKey key = own.getPrivate();
    String keyPem = pem("PRIVATE KEY", key.getEncoded());
    Path der = directory.resolve(commonName + ".pk8");
    Files.write(der, key.getEncoded());
    Files.setPosixFilePermissions(der, PosixFilePermissions.fromString("rw-------"));
    return new Identity(
        write(commonName + ".crt", certificate),
        write(commonName + ".key", keyPem),
        der,
        write(commonName + ".pem", keyPem + certificate));
  }

  private X509Certificate sign(String commonName, PublicKey subject, boolean isAuthority)
      throws OperatorCreationException, GeneralSecurityException, CertIOException {
    Instant now = Instant.now();
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name("CN=" + name),
            BigInteger.valueOf(SERIAL.getAndIncrement()),
            Date.from(now.minus(Duration.ofHours(1))),
            Date.from(now.plus(Duration.ofDays(1))),
            new X500Name("CN=" + commonName),
            subject);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
    if (!isAuthority) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }

  private static KeyPair pair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private Path write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.writeString(path, text);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    return path;
  }

  private static String pem(String kind, byte[] bytes) {
    String base64 =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(bytes);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, base64, kind);
  }
}
