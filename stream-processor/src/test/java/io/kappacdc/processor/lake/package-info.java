/** Tests of the lake on real Spark and Delta; only Kafka is a double: {@link RecordedBatch}. */
@NullMarked
package io.kappacdc.processor.lake;

import org.jspecify.annotations.NullMarked;
