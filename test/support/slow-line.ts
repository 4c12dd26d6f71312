// A TCP way to a server over which so many bytes a second come down; what is sent up passes at once. It can be cut.
import net from 'node:net';

/** Milliseconds between two portions. */
const TICK_MS = 10;

export interface SlowLine {
  /** The server’s URL, through the line. */
  readonly url: string;
  /** Bytes that have come down. */
  readonly bytes: number;
  /** Ends all connections; new ones can be made. */
  cut(): void;
  close(): Promise<void>;
}

/** @param rate bytes a second */
export async function slowLine(url: string, rate: number): Promise<SlowLine> {
  const { hostname, port } = new URL(url);
  const open = new Set<net.Socket>();
  const portion = Math.ceil((rate * TICK_MS) / 1000);
  let bytes = 0;
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(port), hostname);
    client.pipe(upstream);
    const timer = setInterval(() => {
      const data = (upstream.read(Math.min(portion, upstream.readableLength)) ?? undefined) as Buffer | undefined;
      if (!data) return;
      bytes += data.length;
      client.write(data);
    }, TICK_MS);
    const end = (): void => {
      clearInterval(timer);
      for (const socket of [client, upstream]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    get bytes() {
      return bytes;
    },
    cut,
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
