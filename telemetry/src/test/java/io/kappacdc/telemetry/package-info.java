@NullMarked
package io.kappacdc.telemetry;

import org.jspecify.annotations.NullMarked;
