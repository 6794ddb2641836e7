@NullMarked
package io.kappacdc.capture.transform;

import org.jspecify.annotations.NullMarked;
