// Standard input, line by line. In a run that is interactive more comes while the program runs: `prompt` and `readline`
// hold the program up until then, `stdin` lets its timers go on.

/** The host's side. */
export interface InputHost {
  /** Text that has not been read yet; else true when more may come, false when none will. */
  read(): string | boolean;
  /** Says that the program waits (1: and stands still, 2: and its timers go on) or no longer waits (0). */
  want(how: 0 | 1 | 2): void;
}

/** The globals, and `feed`, which the host calls when there is more for a program that does not stand still. */
export interface Input {
  readonly globals: Record<string, unknown>;
  feed: () => void;
}

const { wait, load } = Atomics; // not there any more when the program runs

/** What is known of the input: text that was not read, and whether that is all. */
class Lines {
  readonly #host: InputHost;
  #text = '';
  #at = 0;
  #ended = false;

  constructor(host: InputHost) {
    this.#host = host;
  }

  /** A whole line, or what is left at the end, then null; undefined when more has to come. */
  line(): string | null | undefined {
    for (;;) {
      const end = this.#text.indexOf('\n', this.#at);
      if (end >= 0) return withoutReturn(this.#take(end, end + 1));
      if (this.#ended) return this.#at < this.#text.length ? withoutReturn(this.#take(this.#text.length)) : null;
      if (this.#waits()) return undefined;
    }
  }

  /** All that is left; undefined when more has to come. */
  rest(): string | undefined {
    while (!this.#ended) if (this.#waits()) return undefined;
    return this.#take(this.#text.length);
  }

  #take(end: number, next = end): string {
    const taken = this.#text.slice(this.#at, end);
    this.#at = next;
    return taken;
  }

  /** Takes what has come; true when that is nothing and not the end. */
  #waits(): boolean {
    const more = this.#host.read();
    if (typeof more === 'string') {
      this.#text = this.#text.slice(this.#at) + more;
      this.#at = 0;
    } else this.#ended = !more;
    return more === true;
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Somebody who awaits a part of the input. */
interface Reader {
  next(): string | null | undefined;
  resolve(found: string | null): void;
}

/**
 * Makes `prompt(message?)` and `readline()`, which give the next line without its end or `null` at the end of the input,
 * and `stdin` with `readLine()`, `readAll()` and `for await (const line of stdin)`.
 * @param pieces how many pieces of input have come; the host wakes a program that stands still at it
 */
export function makeInput(host: InputHost, print: (text: string) => void, pieces: Int32Array): Input {
  const lines = new Lines(host);
  const readers: Reader[] = [];

  const feed = (): void => {
    for (let reader = readers[0]; reader !== undefined; reader = readers[0]) {
      const found = reader.next();
      if (found === undefined) return host.want(2);
      readers.shift();
      reader.resolve(found);
    }
    host.want(0);
  };
  const later = (next: Reader['next']): Promise<string | null> =>
    new Promise((resolve) => {
      if (readers.push({ next, resolve }) === 1) feed();
    });
  const readLine = (): Promise<string | null> => later(() => lines.line());
  const stdin = {
    readLine,
    readAll: () => later(() => lines.rest()),
    async *[Symbol.asyncIterator]() {
      for (let line = await readLine(); line !== null; line = await readLine()) yield line;
    },
  };

  const readline = (): string | null => {
    for (;;) {
      const seen = load(pieces, 0); // before the look: what comes after that makes `wait` return at once
      const line = lines.line();
      if (line !== undefined) {
        if (readers.length > 0) feed(); // the host forgot about them while this stood still
        return line;
      }
      host.want(1);
      wait(pieces, 0, seen);
    }
  };
  const prompt = (message?: unknown): string | null => {
    if (message !== undefined) print(String(message as string));
    return readline();
  };
  return { globals: { readline, prompt, stdin: Object.freeze(stdin) }, feed };
}
