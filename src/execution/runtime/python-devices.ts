// The streams of Python as Emscripten wants devices to be, and the control device: reading gives the request, writing
// sleeps or tells the end. A program may use that as well: it harms nothing but its own run.
import { StreamDecoder, TextDecoder, TextEncoder } from './encoding.ts';

/** The host's side, and two ways to stand still. */
export interface PythonHost {
  write(stream: 1 | 2, text: string): void;
  /** Text that has not been read yet; else true when more may come, false when none will. */
  read(): string | boolean;
  want(how: 0 | 1 | 2): void;
  /** How many pieces of input have come. */
  seen(): number;
  /** Stands still until there are more than that. */
  await(seen: number): void;
  sleep(ms: number): void;
}

/** How Emscripten calls a device. */
type Transfer = [stream: unknown, buffer: Uint8Array, offset: number, length: number];

const SLEEP = 0x73; // 's' and milliseconds
const LONGEST_SLEEP_MS = 2_147_483_647;

/** Makes the devices of one Python. */
export function makeDevices(host: PythonHost) {
  let request = new Uint8Array();
  let end = '';

  const output = (stream: 1 | 2): object => {
    const decoder = new StreamDecoder();
    return {
      isatty: false,
      write(bytes: Uint8Array): number {
        host.write(stream, decoder.push(bytes));
        return bytes.length;
      },
    };
  };

  let unread = new Uint8Array();
  const stdin = {
    isatty: false,
    read(into: Uint8Array): number {
      if (unread.length === 0) unread = new TextEncoder().encode(nextText(host)) as typeof unread;
      const some = unread.subarray(0, into.length);
      into.set(some);
      unread = unread.subarray(some.length);
      return some.length;
    },
  };

  const control = {
    read(...[, buffer, offset, length]: Transfer): number {
      const some = request.subarray(0, length);
      buffer.set(some, offset);
      request = request.subarray(some.length);
      return some.length;
    },
    write(...[, buffer, offset, length]: Transfer): number {
      const text = new TextDecoder().decode(buffer.subarray(offset + 1, offset + length));
      if (buffer[offset] === SLEEP) host.sleep(Math.min(Math.max(0, Number(text)), LONGEST_SLEEP_MS));
      else end = text;
      return length;
    },
  };

  return {
    stdin,
    stdout: output(1),
    stderr: output(2),
    control,
    /** What the control device gives to read. */
    ask(bytes: Uint8Array): void {
      request = bytes as typeof request;
    },
    /** What was told of the end. */
    end: () => end,
  };
}

/** Text that has come, waiting for it; empty at the end of the input. */
function nextText(host: PythonHost): string {
  for (;;) {
    const seen = host.seen(); // before the look: what comes after that makes `await` return at once
    const more = host.read();
    if (typeof more === 'string') return more;
    if (!more) return '';
    host.want(1);
    host.await(seen);
  }
}
