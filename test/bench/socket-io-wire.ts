// Engine.io 4 and Socket.io 5 by hand on a bare WebSocket (the default parser: a JSON header, then binary attachments).
import { BINARY, RawWebSocket, TEXT } from './raw-websocket.ts';

const encoder = new TextEncoder();
const PONG = encoder.encode('3');
/** Engine.io packets, and the Socket.io ones inside of a message, by their first character. */
const OPEN = 0x30;
const PING = 0x32;
const MESSAGE = 0x34;
const CONNECTED = 0x30;
const CONNECT_ERROR = 0x34;
const BINARY_EVENT = 0x35;
const BINARY_ANSWER = 0x36;

export interface SocketIoOptions {
  readonly port: number;
  /** '/' or another namespace. */
  readonly namespace: string;
  readonly auth?: object;
  onConnect(): void;
  /** A packet without the engine.io mark, such as `2["name",{}]`; what it has of attachments is valid during the call. */
  onPacket(head: string, attachment: Buffer): void;
  /** A packet with more than one attachment. */
  onPacketOfMany?(head: string, attachments: readonly Buffer[]): void;
  onClose(error: Error | undefined): void;
}

const NOTHING = Buffer.alloc(0);

export class SocketIoWire {
  readonly socket: RawWebSocket;
  readonly #options: SocketIoOptions;
  readonly #namespace: string;
  /** The header whose attachments are still to come, and their number. */
  #head: string | undefined;
  #expected = 0;
  #attachments: Buffer[] = [];

  constructor(options: SocketIoOptions) {
    this.#options = options;
    this.#namespace = options.namespace === '/' ? '' : `${options.namespace},`;
    this.socket = new RawWebSocket({
      port: options.port,
      path: '/socket.io/?EIO=4&transport=websocket',
      onOpen: () => undefined,
      onMessage: (kind, payload) => {
        if (kind === BINARY) this.#attach(payload);
        else this.#receive(payload);
      },
      onClose: (error) => options.onClose(error),
    });
  }

  /** An event; `args` is the JSON of its arguments, joined by commas. */
  emit(name: string, args: string, answer = ''): void {
    this.socket.send(TEXT, encoder.encode(`42${this.#namespace}${answer}["${name}",${args}]`));
  }

  /** An event with one attachment; `args` has the placeholder in it. */
  emitBinary(
    name: string,
    args: string,
    { attachment, answer = '' }: { attachment: Uint8Array; answer?: string },
  ): void {
    this.socket.sendBoth(encoder.encode(`451-${this.#namespace}${answer}["${name}",${args}]`), attachment);
  }

  answer(id: string, attachment: Uint8Array): void {
    this.socket.sendBoth(encoder.encode(`461-${this.#namespace}${id}[${PLACEHOLDER}]`), attachment);
  }

  #receive(payload: Buffer): void {
    const kind = payload[0];
    if (kind === MESSAGE) this.#receivePacket(payload);
    else if (kind === PING) this.socket.send(TEXT, PONG);
    else if (kind === OPEN) {
      const auth = this.#options.auth ? JSON.stringify(this.#options.auth) : '';
      this.socket.send(TEXT, encoder.encode(`40${this.#namespace}${auth}`));
    }
  }

  #receivePacket(payload: Buffer): void {
    const kind = payload[1];
    if (kind === BINARY_EVENT || kind === BINARY_ANSWER) {
      this.#head = payload.toString('latin1', 1);
      this.#expected = (payload[2] as number) - OPEN;
      this.#attachments = [];
    } else if (kind === CONNECTED) this.#options.onConnect();
    else if (kind === CONNECT_ERROR) throw new Error(`the server refused: ${payload.toString()}`);
    else this.#options.onPacket(payload.toString('utf8', 1), NOTHING);
  }

  #attach(payload: Buffer): void {
    const head = this.#head;
    if (head === undefined) return;
    if (this.#expected === 1) {
      this.#head = undefined;
      this.#options.onPacket(head, payload);
      return;
    }
    this.#attachments.push(Buffer.from(payload));
    if (this.#attachments.length < this.#expected) return;
    this.#head = undefined;
    this.#options.onPacketOfMany?.(head, this.#attachments);
  }
}

/** Stands in the JSON for the first attachment. */
export const PLACEHOLDER = '{"_placeholder":true,"num":0}';
