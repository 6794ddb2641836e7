@NullMarked
package io.kappacdc.stack;

import org.jspecify.annotations.NullMarked;
