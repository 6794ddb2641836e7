package io.kappacdc.load;

import java.util.List;

/** How the rate goes over a load's duration, in parts of its highest rate. */
public enum Profile {
  /** The same all the time. */
  STEADY(new Piece(1, 1, 1)),
  /** From nothing to the highest rate. */
  RAMP(new Piece(1, 0, 1)),
  /** A fifth, then five times as much for a fifth of the time, then a fifth again. */
  SPIKE(new Piece(0.4, 0.2, 0.2), new Piece(0.2, 1, 1), new Piece(0.4, 0.2, 0.2)),
  /** Up within a twentieth of the time, then steady; meant for hours. */
  SOAK(new Piece(0.05, 0, 1), new Piece(0.95, 1, 1)),
  /** From a tenth to the highest rate: 10,000 to 100,000 a second, or as much of it as goes. */
  TENFOLD(new Piece(1, 0.1, 1));

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<Piece> pieces;

  Profile(Piece... pieces) {
    this.pieces = List.of(pieces);
  }

  /**
   * A part of the duration in which the rate changes evenly.
   *
   * @param share of the duration
   * @param from part of the highest rate at its begin
   * @param to part of the highest rate at its end
   */
  public record Piece(double share, double from, double to) {}

  public List<Piece> pieces() {
    return pieces;
  }
}
