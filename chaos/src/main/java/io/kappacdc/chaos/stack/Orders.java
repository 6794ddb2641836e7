package io.kappacdc.chaos.stack;

import io.kappacdc.chaos.agent.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Tells the agents in the roles what to do. One thread. */
public final class Orders {
  private final Path directory;
  private long lastId;

  Orders(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /** Gives an order, in place of an earlier one; returns its id. */
  public long give(Role role, String point, int hit, Order.Action action, Duration pause)
      throws IOException {
    Order order = new Order(++lastId, point, hit, action, pause.toMillis());
    order.write(directory, role.label());
    return order.id();
  }

  /** Whether an order was carried out, or is just being. */
  public boolean isDone(Role role, long id) throws IOException {
    return Order.lastDone(directory, role.label()) == id;
  }

  /** Takes back what was ordered. */
  public void revoke(Role role) throws IOException {
    Order.revoke(directory, role.label());
  }

  /** From now on nothing fits on the disk of that role's Hadoop file system. */
  public void fillDisk(Role role) throws IOException {
    Files.createFile(Order.fullDiskFile(directory, role.label()));
  }

  /** There is room again. */
  public void emptyDisk(Role role) throws IOException {
    Files.deleteIfExists(Order.fullDiskFile(directory, role.label()));
  }
}
