@NullMarked
package io.debezium.pipeline;

import org.jspecify.annotations.NullMarked;
