package io.kappacdc.chaos.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Stands between clients and one server. Thread-safe; one event loop thread does all its work.
 *
 * <p>Not more than a socket's buffers and one read of each side is held at a time, a delay apart.
 */
public final class TcpProxy implements AutoCloseable {
  private static final int LINGER_RESET = 0; // closing sends RST, as a lost peer's system would

  private final EventLoopGroup loop = new NioEventLoopGroup(1);
  private final ChannelGroup connections = new DefaultChannelGroup(loop.next());
  private final Channel listener;
  private volatile InetSocketAddress target;
  private volatile boolean refusing;
  private volatile boolean stalled;
  private volatile Duration delay = Duration.ZERO;

  private TcpProxy(int targetPort) {
    this.target = loopback(targetPort);
    this.listener =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    connections.add(client);
                    client.pipeline().addLast(new Front());
                  }
                })
            .bind(loopback(0))
            .syncUninterruptibly()
            .channel();
  }

  /** Listens on a free port of the loopback interface. */
  public static TcpProxy to(int targetPort) {
    return new TcpProxy(targetPort);
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** The port that clients connect to. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Leads new connections to another server; those that are open stay with theirs. */
  public void pointTo(int targetPort) {
    target = loopback(targetPort);
  }

  /** Breaks every open connection, on both sides. New ones are let through. */
  public void cut() {
    connections.forEach(TcpProxy::resetWhenClosed);
    connections.close().awaitUninterruptibly();
  }

  private static void resetWhenClosed(Channel channel) {
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, LINGER_RESET);
    } catch (ChannelException e) {
      // Its other end was faster: it is closed.
    }
  }

  /** Breaks every open connection, and new ones at once, until {@link #heal()}. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /** Lets nothing pass, without breaking anything, until {@link #heal()}. */
  public void stall() {
    stalled = true;
  }

  /** Lets everything pass later by this much, until {@link #heal()}. */
  public void delay(Duration by) {
    delay = by;
  }

  /** Lets everything pass again; what was held back follows first. */
  public void heal() {
    refusing = false;
    stalled = false;
    delay = Duration.ZERO;
    // What is held back is passed by its own timer; reading more now would overtake it.
  }

  public int openConnections() {
    return connections.size() / 2;
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    cut();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** A client's side: opens the server's side, then relays. */
  private final class Front extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      Channel client = context.channel();
      if (refusing) {
        resetWhenClosed(client);
        client.close();
        return;
      }
      ChannelFuture connected =
          new Bootstrap()
              .group(client.eventLoop())
              .channel(NioSocketChannel.class)
              .option(ChannelOption.TCP_NODELAY, true)
              .option(ChannelOption.AUTO_READ, false)
              .handler(new Relay(client))
              .connect(target);
      Channel server = connected.channel();
      connections.add(server);
      client.pipeline().replace(this, "relay", new Relay(server));
      connected.addListener(
          done -> {
            if (done.isSuccess()) {
              client.read();
              server.read();
            } else {
              resetWhenClosed(client);
              client.close();
            }
          });
    }
  }

  /** Hands what one side says to the other: reads the next only when that has been written. */
  private final class Relay extends ChannelInboundHandlerAdapter {
    private final Channel other;

    Relay(Channel other) {
      this.other = other;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Duration by = delay;
      if (stalled) {
        // Asked again at short intervals: the loop is this proxy's own and has nothing else to do.
        context.executor().schedule(() -> channelRead(context, message), 10, TimeUnit.MILLISECONDS);
      } else if (by.isZero()) {
        pass(context, message);
      } else {
        context
            .executor()
            .schedule(() -> pass(context, message), by.toNanos(), TimeUnit.NANOSECONDS);
      }
    }

    private void pass(ChannelHandlerContext context, Object message) {
      if (!other.isActive()) {
        ReferenceCountUtil.release(message);
        return;
      }
      other
          .writeAndFlush((ByteBuf) message)
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  context.channel().read();
                } else {
                  context.channel().close();
                }
              });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (other.isActive()) {
        other.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
