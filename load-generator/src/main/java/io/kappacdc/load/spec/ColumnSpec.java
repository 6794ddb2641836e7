package io.kappacdc.load.spec;

import org.jspecify.annotations.Nullable;

/**
 * A column of a table.
 *
 * @param type as CREATE TABLE has it, with constraints; null if a schema file creates the table
 * @param value how its values are made
 * @param nulls share of NULLs, 0 to 1
 */
public record ColumnSpec(String name, @Nullable String type, ValueSpec value, double nulls) {}
