package io.kappacdc.capture.resume;

/** The form that a table had when its rows in the topics were known to be what it has. */
public record TableNote(TableName name, TableForm form) {}
