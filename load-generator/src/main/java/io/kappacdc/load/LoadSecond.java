package io.kappacdc.load;

/**
 * One second of a load.
 *
 * @param due changes that were meant to be made in it
 * @param committed changes that were committed in it
 */
public record LoadSecond(long due, long committed) {}
