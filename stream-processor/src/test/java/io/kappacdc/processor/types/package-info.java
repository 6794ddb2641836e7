@NullMarked
package io.kappacdc.processor.types;

import org.jspecify.annotations.NullMarked;
