// What people see of one another in the world.

import { readPresence } from './world-reading.ts';
import type { Replica } from './world-replica.ts';
import { must } from './world-rule.ts';
import type { Session } from './world-session.ts';
import { HOSTILE } from './world-stage.ts';

/** Which user a Yjs client id was given to. */
type Owners = ReadonlyMap<number, string>;

/** @throws Violation */
export function checkPresence(sessions: readonly Session[], owners: Owners): void {
  const open = sessions[0]?.attached;
  if (!open) return;
  const here = new Set(sessions.map(({ person }) => person.id));
  for (const { client, state } of readPresence(open.presence())) {
    const { user, owner = client } = state as { user: { id: string }; owner?: number };
    must(here.has(user.id) && user.id !== HOSTILE, 'A ghost is in the room', () => `${client} of ${user.id}`);
    const whose = owners.get(owner);
    must(whose === user.id, 'A cursor is shown under another’s name', () => `${client} of ${whose} as ${user.id}`);
  }
}

/** @throws Violation */
export function checkSeen(replica: Replica, presence: Uint8Array, owners: Owners): void {
  const shown = new Set(readPresence(presence).map(({ client }) => client));
  for (const [client, state] of replica.awareness.getStates()) {
    if (client === replica.doc.clientID) continue;
    must(shown.has(client), 'A client sees a ghost', () => `${replica.userId} sees ${client}`);
    const { user } = state as { user?: { id: string } };
    must(user?.id === owners.get(client), 'A client sees a wrong name', () => `${client} as ${user?.id}`);
  }
}

/** Everybody sees everybody who has the same file open. @throws Violation */
export function checkAllSeen(replicas: readonly Replica[]): void {
  for (const { fileId, awareness, userId } of replicas) {
    const expected = replicas.filter((other) => other.fileId === fileId).map(({ doc }) => doc.clientID);
    const seen = [...awareness.getStates().keys()];
    const unseen = expected.filter((client) => !seen.includes(client));
    must(unseen.length === 0, 'Somebody is not seen', () => `${userId} does not see ${unseen}`);
    must(seen.length === expected.length, 'A ghost is seen', () => `${userId} sees ${seen} of ${expected}`);
  }
}

/** Does what may change neither the text of a client nor whom it sees. @throws Violation */
export function mustNotMove(replica: Replica, act: () => void): void {
  const { doc, awareness } = replica;
  let changes = 0;
  const count = (): void => void changes++;
  const shown = (): string => JSON.stringify([...awareness.getStates()]);
  const before = shown();
  doc.on('update', count);
  act();
  doc.off('update', count);
  must(changes === 0 && replica.doc === doc, 'A repeated message changed the text of a client', () => replica.userId);
  must(doc.store.pendingStructs === null, 'A repeated message left a gap at a client', () => replica.userId);
  must(shown() === before, 'A repeated message changed whom a client sees', () => `${before} / ${shown()}`);
}
