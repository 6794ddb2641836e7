@NullMarked
package io.kappacdc.capture;

import org.jspecify.annotations.NullMarked;
