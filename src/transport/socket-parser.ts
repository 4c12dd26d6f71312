// Socket.io's own parser with two short ways: for what comes with every keystroke (an event with a file id and one
// binary attachment), and for answers that are JSON alone. The wire format is Socket.io's; whatever is written
// otherwise takes the ordinary way.
import { Decoder, Encoder, type Packet, PacketType, protocol } from 'socket.io-parser';
import type { Answer } from '../protocol/define.ts';

const DOCUMENT_EVENT =
  /^51-(\d{0,15})\["(doc\.update|doc\.awareness)",\{"fileId":"([0-9a-f-]{36})","update":\{"_placeholder":true,"num":0\}\}\]$/;

/** What a client sent about an open document, with the id that its answer must carry. */
export class DocumentInput {
  readonly fileId: string;
  readonly update: Uint8Array;
  /** Undefined where no answer is wanted. */
  readonly answerId: number | undefined;

  constructor(fileId: string, update: Uint8Array, answerId: number | undefined) {
    this.fileId = fileId;
    this.update = update;
    this.answerId = answerId;
  }
}

interface Head {
  readonly name: string;
  readonly fileId: string;
  readonly answerId: number | undefined;
}

class ShortDecoder extends Decoder {
  #head: Head | undefined;

  override add(chunk: unknown): void {
    const head = this.#head;
    if (head && chunk instanceof Uint8Array) {
      this.#head = undefined;
      const { name, fileId, answerId } = head;
      const data = [name, new DocumentInput(fileId, chunk, answerId)];
      this.emitReserved('decoded', {
        type: PacketType.EVENT,
        nsp: '/',
        data,
        ...(answerId !== undefined && { id: answerId }),
      });
      return;
    }
    if (head) throw new Error('an attachment is missing');
    this.#head = typeof chunk === 'string' ? headOf(chunk) : undefined;
    if (!this.#head) super.add(chunk);
  }
}

function headOf(text: string): Head | undefined {
  const found = DOCUMENT_EVENT.exec(text);
  if (!found) return undefined;
  const [, id, name, fileId] = found as unknown as [string, string, string, string];
  return { name, fileId, answerId: id === '' ? undefined : Number(id) };
}

/** An answer that holds no bytes, so that nobody has to look for any. */
export class JsonAnswer {
  readonly answer: Answer<unknown>;

  constructor(answer: Answer<unknown>) {
    this.answer = answer;
  }
}

/** Lists that many answers share (who is in a room) are written once. */
const written = new WeakMap<object, string>();

function writeAnswer(answer: Answer<unknown>): string {
  if (!answer.ok || typeof answer.data !== 'object' || answer.data === null) return JSON.stringify(answer);
  const fields = Object.entries(answer.data).filter(([, value]) => value !== undefined);
  return `{"ok":true,"data":{${fields.map(([name, value]) => `${JSON.stringify(name)}:${writeField(value)}`).join()}}}`;
}

function writeField(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  const known = written.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  written.set(value, text);
  return text;
}

class ShortEncoder extends Encoder {
  override encode(packet: Packet): (string | Buffer)[] {
    const answer: unknown = packet.type === PacketType.ACK ? packet.data?.[0] : undefined;
    if (!(answer instanceof JsonAnswer) || packet.nsp !== '/') return super.encode(packet);
    return [`${PacketType.ACK}${packet.id}[${writeAnswer(answer.answer)}]`];
  }
}

/** For the option `parser` of the Socket.io server. */
export const socketParser = { protocol, PacketType, Encoder: ShortEncoder, Decoder: ShortDecoder };
