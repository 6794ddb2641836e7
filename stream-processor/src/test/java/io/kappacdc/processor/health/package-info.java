@NullMarked
package io.kappacdc.processor.health;

import org.jspecify.annotations.NullMarked;
