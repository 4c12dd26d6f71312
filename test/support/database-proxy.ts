// A TCP way to the test database that can be cut and mended.
import net from 'node:net';

export interface DatabaseProxy {
  /** Connection URL through the proxy. */
  readonly url: string;
  /** Ends all connections and takes no more. */
  cut(): Promise<void>;
  /** Takes connections again. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** @param url of a database on a unix socket, as the test databases are */
export async function databaseProxy(url: string): Promise<DatabaseProxy> {
  const target = new URL(url);
  const path = `${decodeURIComponent(target.host)}/.s.PGSQL.5432`;
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const database = net.connect(path);
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as net.AddressInfo;
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}${target.pathname}`,
    cut,
    mend: () => listen(port),
    close: async () => {
      if (server.listening) await cut();
    },
  };
}
