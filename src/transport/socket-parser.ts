// Socket.io's own parser with a short way for what comes with every keystroke: an event with a file id and one binary
// attachment. The wire format is Socket.io's; whatever is written otherwise takes the ordinary way.
import { Decoder, Encoder, PacketType, protocol } from 'socket.io-parser';

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

/** For the option `parser` of the Socket.io server. */
export const socketParser = { protocol, PacketType, Encoder, Decoder: ShortDecoder };
