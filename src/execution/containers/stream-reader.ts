// The output of an attached container, as engines send it. dockerode's own reader recurses once for every piece: a program
// that writes byte by byte would overflow the server's stack with it.

const HEADER_BYTES = 8;
const MOST_FRAME = 16 * 1024 * 1024; // an engine sends what the program wrote at once, tens of kB

/** The engine sent something that is no output. */
export class StreamError extends Error {}

/** Takes the stream of an attached container apart: 1 byte stream, 3 of nothing, 4 length, then that much output. */
export class StreamReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws StreamError when it is not that */
  push(chunk: Buffer): (readonly [stream: 'stdout' | 'stderr', bytes: Buffer])[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const found: [stream: 'stdout' | 'stderr', bytes: Buffer][] = [];
    while (this.#rest.length >= HEADER_BYTES) {
      const stream = this.#rest[0]!;
      const size = this.#rest.readUInt32BE(4);
      if (stream > 2 || size > MOST_FRAME) throw new StreamError('streams of a container are garbled');
      if (this.#rest.length < HEADER_BYTES + size) break;
      found.push([stream === 2 ? 'stderr' : 'stdout', this.#rest.subarray(HEADER_BYTES, HEADER_BYTES + size)]);
      this.#rest = this.#rest.subarray(HEADER_BYTES + size);
    }
    return found;
  }
}
