@NullMarked
package io.kappacdc.processor.verify;

import org.jspecify.annotations.NullMarked;
