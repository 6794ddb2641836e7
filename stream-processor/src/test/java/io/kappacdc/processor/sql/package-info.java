@NullMarked
package io.kappacdc.processor.sql;

import org.jspecify.annotations.NullMarked;
