// What somebody sends who means harm, or whose client is broken. Its text is ASCII: what honest people type is not.
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { LIMITS } from '../../src/documents/limits.ts';
import { TEXT_NAME } from '../../src/protocol/constants.ts';
import type { Random } from './random.ts';

/** A valid edit of what is there, under the client id of its sender. */
function validEdit(state: Uint8Array, clientId: number, random: Random): { updates: Uint8Array[]; doc: Y.Doc } {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  doc.clientID = clientId;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const text = doc.getText(TEXT_NAME);
  for (let i = 0; i < 2; i++) {
    text.insert(random.below(text.length + 1), 'abc'.repeat(1 + random.below(3)));
    if (text.length > 4 && random.below(3) === 0) text.delete(random.below(text.length - 2), 1);
  }
  return { updates, doc };
}

/** An edit at the next clock of somebody else. */
function forgedEdit(state: Uint8Array, victim: number, random: Random): Uint8Array {
  const { updates, doc } = validEdit(state, victim, random);
  doc.destroy();
  return updates[0] as Uint8Array;
}

function damage(update: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(update);
  for (let i = 0; i <= random.below(3); i++) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

/** An update that is well formed byte by byte, and whose structs refer to one another at random. */
function tangle(doc: Y.Doc, ids: readonly number[], random: Random): Uint8Array {
  const encoder = encoding.createEncoder();
  const known = [...doc.store.clients.keys()];
  const lengths = ids.map(() => 1 + random.below(3));
  const number = (value: number): void => encoding.writeVarUint(encoder, value);
  const target = (): void => {
    const own = random.below(3) > 0 || known.length === 0;
    const at = random.below(ids.length);
    const client = own ? (ids[at] as number) : random.pick(known);
    const length = own ? (lengths[at] as number) : Y.getState(doc.store, client);
    number(client);
    number(random.below(length + (random.below(4) === 0 ? 2 : 0)));
  };
  number(ids.length);
  ids.forEach((id, i) => {
    number(lengths[i] as number);
    number(id);
    number(Y.getState(doc.store, id));
    for (let k = 0; k < (lengths[i] as number); k++) {
      const kind = random.below(5);
      encoding.writeUint8(encoder, [0x84, 0x44, 0xc4, 0x04, 0x00][kind] as number);
      if (kind === 4) number(1);
      else {
        if (kind < 3) target();
        if (kind === 2) target();
        if (kind === 3) {
          number(random.below(2));
          encoding.writeVarString(encoder, TEXT_NAME);
        }
        encoding.writeVarString(encoder, 'z');
      }
    }
  });
  number(0);
  return encoding.toUint8Array(encoder);
}

export interface Attack {
  /** The document as its sender knows it. */
  readonly state: Uint8Array;
  readonly clientId: number;
  /** Client ids of honest people. */
  readonly victims: readonly number[];
  /** Whether structs may be bent so that they are readable and yet none that Yjs would make. */
  readonly wild: boolean;
}

/** An update that the engine has to refuse, or that is a valid edit after all. */
export function hostileUpdate({ state, clientId, victims, wild }: Attack, random: Random): Uint8Array {
  if (victims.length > 0 && random.below(5) === 0) return forgedEdit(state, random.pick(victims), random);
  const { updates, doc } = validEdit(state, clientId, random);
  const [first, last] = [updates[0] as Uint8Array, updates.at(-1) as Uint8Array];
  const near = [clientId + 1, clientId + 2, clientId + 3].slice(0, 1 + random.below(3));
  try {
    switch (random.below(wild ? 9 : 5)) {
      case 0:
        return Uint8Array.from({ length: 1 + random.below(60) }, () => random.below(256));
      case 1:
        return first.subarray(0, random.below(first.length));
      case 2:
        return last; // builds on the first one
      case 3:
        return random.below(20) === 0 ? new Uint8Array(LIMITS.updateBytes + 1) : Y.encodeStateAsUpdate(doc);
      case 4:
        return first;
      case 5:
        return tangle(doc, [near[0] as number, near[0] as number], random);
      case 6:
      case 7:
        return tangle(doc, random.below(2) === 0 ? near : near.reverse(), random);
      default:
        return damage(first, random);
    }
  } finally {
    doc.destroy();
  }
}

/** Presence for client ids of others, broken presence, or too much of it. */
export function hostilePresence(clients: readonly number[], random: Random): Uint8Array {
  const encoder = encoding.createEncoder();
  if (random.below(4) === 0) return Uint8Array.from({ length: random.below(30) }, () => random.below(256));
  const chosen = clients.filter(() => random.below(2) === 0);
  encoding.writeVarUint(encoder, chosen.length + (random.below(8) === 0 ? 1 : 0));
  for (const client of chosen) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, random.pick([0, 1, 5, 20, Number.MAX_SAFE_INTEGER]));
    const size = random.below(20) === 0 ? LIMITS.awarenessStateBytes : 3;
    const state = random.pick(['null', '{}', `{"user":{"id":"root"},"x":"${'y'.repeat(size)}"}`, '7', '{broken']);
    encoding.writeVarString(encoder, state);
  }
  return encoding.toUint8Array(encoder);
}
