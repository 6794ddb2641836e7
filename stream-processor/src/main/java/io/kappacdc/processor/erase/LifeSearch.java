package io.kappacdc.processor.erase;

import io.kappacdc.event.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the lives of a row under the keys that it has had. Under the key that was asked for, all
 * lives count; under another one, that which an update of the key has begun or ended. Holds what
 * the stores tell of the changes of these keys.
 */
public final class LifeSearch {
  /** A row cannot have had more keys than this without being told from an endless chain. */
  private static final int KEYS_MAX = 10_000;

  private final List<? extends Store> stores;
  private final Set<RowKey> loaded = new HashSet<>();
  private final SortedMap<Position, KeyedChange> changes = new TreeMap<>();
  private final Set<Lives.Life> found = new HashSet<>();
  private final List<Lives.Life> inOrder = new ArrayList<>();
  private final Deque<Lives.Life> toFollow = new ArrayDeque<>();

  /** A store with changes. */
  public interface Store {
    /** The changes that have one of these keys, or have it as the former one. */
    List<KeyedChange> changesOf(Set<RowKey> keys);
  }

  private LifeSearch(List<? extends Store> stores) {
    this.stores = stores;
  }

  /**
   * @param asked the key asked for, in every text that it has in the stores
   */
  public static Lives trace(Collection<RowKey> asked, List<? extends Store> stores) {
    LifeSearch search = new LifeSearch(stores);
    search.load(new HashSet<>(asked));
    asked.forEach(key -> search.found(Lives.Life.whole(key)));
    while (!search.toFollow.isEmpty()) {
      search.follow(search.toFollow.remove());
    }
    return new Lives(search.inOrder);
  }

  private void found(Lives.Life life) {
    if (found.add(life)) {
      inOrder.add(life);
      toFollow.add(life);
    }
  }

  private void load(Set<RowKey> keys) {
    Set<RowKey> unknown = new HashSet<>(keys);
    unknown.removeAll(loaded);
    if (unknown.isEmpty()) {
      return;
    }
    if (loaded.size() + unknown.size() > KEYS_MAX) {
      throw new IllegalStateException("The row has had more than " + KEYS_MAX + " keys");
    }
    loaded.addAll(unknown);
    for (Store store : stores) {
      store.changesOf(unknown).forEach(change -> changes.put(change.position(), change));
    }
  }

  private void follow(Lives.Life life) {
    Lives one = new Lives(List.of(life));
    for (KeyedChange change : List.copyOf(changes.values())) {
      RowKey former = change.former();
      if (former != null && !former.equals(change.key())) {
        if (one.have(change.key(), change.position())) {
          link(former, change.departure());
        } else if (one.have(former, change.departure())) {
          link(change.key(), change.position());
        }
      }
    }
  }

  private void link(RowKey key, Position at) {
    load(Set.of(key));
    if (!new Lives(inOrder).have(key, at)) {
      found(lifeAt(key, at));
    }
  }

  /** A life begins with a create, and behind a delete. */
  private Lives.Life lifeAt(RowKey key, Position at) {
    Position from = Position.ORIGIN;
    boolean isOver = false;
    for (KeyedChange change : changes.values()) {
      if (change.key().equals(key)) {
        Position place = change.position();
        if (isOver || change.op().equals("c")) {
          if (place.isAfter(at)) {
            return Lives.Life.of(key, from, place);
          }
          from = place;
        }
        isOver = change.op().equals("d");
      }
    }
    return Lives.Life.of(key, from, null);
  }
}
