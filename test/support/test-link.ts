// A link that keeps what it is sent, and mirrors the document in a Y.Doc.
import * as Y from 'yjs';
import type { Documents, OpenDocument } from '../../src/documents/hub.ts';
import { mergeBatch } from '../../src/documents/linear-merge.ts';
import type { Frame, Link, Notice, Person, Wire } from '../../src/documents/link.ts';
import { TEXT_NAME } from '../../src/protocol/constants.ts';

type Sent = { readonly kind: 'update' | 'awareness'; readonly bytes: Uint8Array };

const wire: Wire = {
  name: 'test',
  updates: (_fileId, updates): Sent => ({ kind: 'update', bytes: mergeBatch(updates) }),
  awareness: (_fileId, update): Sent => ({ kind: 'awareness', bytes: update }),
};

export class TestLink implements Link {
  readonly roomId: string;
  person: Person;
  canWrite: boolean;
  readonly wire = wire;
  readonly doc = new Y.Doc();
  readonly notices: Notice[] = [];
  readonly updates: Uint8Array[] = [];
  readonly presence: Uint8Array[] = [];
  /** One per local edit, in order. */
  readonly answers: Promise<void>[] = [];
  opened: OpenDocument | undefined;

  constructor({ user = 'ann', canWrite = true, roomId = 'room' } = {}) {
    this.person = { id: user, name: user, color: 1, role: canWrite ? 'collaborator' : 'viewer' };
    this.canWrite = canWrite;
    this.roomId = roomId;
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this || !this.opened) return;
      const answer = this.opened.receive(update);
      answer.catch(() => undefined);
      this.answers.push(answer);
    });
  }

  get text(): Y.Text {
    return this.doc.getText(TEXT_NAME);
  }

  async open(documents: Documents, fileId: string): Promise<this> {
    this.opened = await documents.open(fileId, this);
    Y.applyUpdate(this.doc, this.opened.difference(Y.encodeStateVector(this.doc)), this);
    return this;
  }

  send(frame: Frame): void {
    const { kind, bytes } = frame as Sent;
    if (kind === 'awareness') this.presence.push(bytes);
    else {
      this.updates.push(bytes);
      Y.applyUpdate(this.doc, bytes, this);
    }
  }

  notify(notice: Notice): void {
    this.notices.push(notice);
  }

  close(): void {
    this.opened?.close();
    this.opened = undefined;
  }
}
