package io.kappacdc.chaos.stack;

import java.util.ArrayList;
import java.util.List;

/**
 * How often a fault has taken changes away before they were captured, so that all tables had to be
 * read anew; and how often the pipeline refused to go on before that. One thread.
 */
public final class Gaps {
  private final List<String> lostTopics = new ArrayList<>();
  private int count;
  private int refusals;

  Gaps() {}

  /** All tables must be read anew, once. */
  public void opened() {
    count++;
  }

  /** The pipeline refused to go on, and was told to read all tables anew. */
  public void refused() {
    refusals++;
  }

  /** A topic was deleted; another one of its name begins at offset 0. */
  public void topicLost(String topic) {
    lostTopics.add(topic);
  }

  /** The topics that were lost since the last call. */
  public List<String> takeLostTopics() {
    List<String> lost = List.copyOf(lostTopics);
    lostTopics.clear();
    return lost;
  }

  public int count() {
    return count;
  }

  public int refusals() {
    return refusals;
  }
}
