@NullMarked
package io.kappacdc.capture.source;

import org.jspecify.annotations.NullMarked;
