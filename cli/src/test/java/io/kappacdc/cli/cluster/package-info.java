/**
 * The processor on a Spark cluster, and Kafka of several brokers, while parts of them are killed.
 */
@NullMarked
package io.kappacdc.cli.cluster;

import org.jspecify.annotations.NullMarked;
