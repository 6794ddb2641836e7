/** The pipeline on servers that admit nobody without TLS, certificates and login. */
@NullMarked
package io.kappacdc.cli.security;

import org.jspecify.annotations.NullMarked;
