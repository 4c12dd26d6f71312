// A WebSocket client on a bare TCP socket: as little work per received frame as Node allows, so that the load is not
// what is measured. No compression is offered; outgoing frames are masked with a random mask, as the standard wants.
import { randomBytes } from 'node:crypto';
import net from 'node:net';

export const TEXT = 1;
export const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const FINAL = 0x80;
const MASKED = 0x80;

/** One read buffer for all sockets: the callbacks are synchronous. */
const SHARED = Buffer.allocUnsafeSlow(512 * 1024);

export interface RawWebSocketOptions {
  readonly port: number;
  readonly path: string;
  onOpen(): void;
  /** The payload is a view that is valid during the call only. */
  onMessage(kind: number, payload: Buffer): void;
  onClose(error: Error | undefined): void;
}

/** A message that came in pieces. */
interface Gathering {
  readonly chunks: Buffer[];
  have: number;
  need: number;
}

export class RawWebSocket {
  readonly #options: RawWebSocketOptions;
  readonly #socket: net.Socket;
  readonly #mask = randomBytes(4);
  #open = false;
  #handshake: Buffer = Buffer.alloc(0);
  #gathering: Gathering | undefined;
  #error: Error | undefined;
  /** Bytes and frames since the handshake. */
  bytesIn = 0;
  framesIn = 0;

  constructor(options: RawWebSocketOptions) {
    this.#options = options;
    const callback = (count: number, bytes: Uint8Array): boolean => {
      this.#receive(bytes as Buffer, count);
      return true;
    };
    this.#socket = net.connect({ port: options.port, host: '127.0.0.1', onread: { buffer: SHARED, callback } });
    this.#socket.setNoDelay(true);
    this.#socket.on('connect', () => this.#socket.write(upgradeRequest(options)));
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('close', () => options.onClose(this.#error));
  }

  /** Bytes that the network has not taken yet. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  send(kind: number, payload: Uint8Array): void {
    this.#socket.write(this.#frame(kind, payload));
  }

  /** A text and a binary frame in one write, as browsers send what is sent back to back. */
  sendBoth(text: Uint8Array, binary: Uint8Array): void {
    this.#socket.write(Buffer.concat([this.#frame(TEXT, text), this.#frame(BINARY, binary)]));
  }

  close(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #frame(kind: number, payload: Uint8Array): Buffer {
    const { length } = payload;
    const head = length < 126 ? 6 : length < 65_536 ? 8 : 14;
    const frame = Buffer.allocUnsafe(head + length);
    frame[0] = FINAL | kind;
    if (head === 6) frame[1] = MASKED | length;
    else if (head === 8) frame.writeUInt16BE(length, 2);
    else frame.writeBigUInt64BE(BigInt(length), 2);
    if (head > 6) frame[1] = MASKED | (head === 8 ? 126 : 127);
    this.#mask.copy(frame, head - 4);
    for (let i = 0; i < length; i++) frame[head + i] = (payload[i] as number) ^ (this.#mask[i & 3] as number);
    return frame;
  }

  #receive(bytes: Buffer, count: number): void {
    this.bytesIn += count;
    const gathering = this.#gathering;
    if (gathering) {
      gathering.chunks.push(Buffer.from(bytes.subarray(0, count)));
      gathering.have += count;
      if (gathering.have < gathering.need) return;
      this.#gathering = undefined;
      const all = Buffer.concat(gathering.chunks);
      this.#parse(all, 0, all.length);
    } else if (this.#open) {
      this.#parse(bytes, 0, count);
    } else {
      this.#shakeHands(Buffer.concat([this.#handshake, bytes.subarray(0, count)]));
    }
  }

  #shakeHands(bytes: Buffer): void {
    const end = bytes.indexOf('\r\n\r\n');
    this.#handshake = bytes;
    if (end < 0) return;
    if (bytes.toString('latin1', 9, 12) !== '101') {
      this.#socket.destroy(new Error(`upgrade refused: ${bytes.toString('latin1', 0, 200)}`));
      return;
    }
    this.#open = true;
    this.#handshake = Buffer.alloc(0);
    this.bytesIn = bytes.length - end - 4;
    this.#options.onOpen();
    this.#parse(bytes, end + 4, bytes.length);
  }

  #parse(bytes: Buffer, from: number, end: number): void {
    let at = from;
    while (at < end) {
      const head = headLength(bytes, at, end);
      const length = head === 0 ? 0 : payloadLength(bytes, at, head);
      if (head === 0 || end - at < head + length) return this.#gather(bytes.subarray(at, end), head + length);
      const start = at + head;
      const kind = (bytes[at] as number) & 15;
      if (((bytes[at] as number) & FINAL) === 0 || kind === 0) throw new Error('a message came in fragments');
      at = start + length;
      this.framesIn++;
      const payload = bytes.subarray(start, at);
      if (kind < CLOSE) this.#options.onMessage(kind, payload);
      else if (kind === PING) this.send(PONG, payload);
      else if (kind === CLOSE) this.#closed(payload);
    }
  }

  #closed(payload: Buffer): void {
    if (payload.length >= 2)
      this.#error = new Error(`closed: ${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`);
    this.#socket.end();
  }

  /** @param need bytes of the whole frame, 0 when its head is not complete */
  #gather(rest: Buffer, need: number): void {
    this.#gathering = { chunks: [Buffer.from(rest)], have: rest.length, need: need || rest.length + 1 };
  }
}

function upgradeRequest({ port, path }: RawWebSocketOptions): string {
  const key = randomBytes(16).toString('base64');
  const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Upgrade: websocket', 'Connection: Upgrade'];
  return [...lines, `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13', '', ''].join('\r\n');
}

/** Bytes of the head of the frame at a place; 0 when they are not all there. */
function headLength(bytes: Buffer, at: number, end: number): number {
  if (end - at < 2) return 0;
  const short = (bytes[at + 1] as number) & 127;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  return end - at < head ? 0 : head;
}

function payloadLength(bytes: Buffer, at: number, head: number): number {
  if (head === 2) return (bytes[at + 1] as number) & 127;
  return head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
}
