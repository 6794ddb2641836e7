@NullMarked
package io.kappacdc.cli.console;

import org.jspecify.annotations.NullMarked;
