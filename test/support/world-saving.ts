// What the world remembers of edits that could not be saved, or must not be: who is told, what closes, what stays away.
import * as Y from 'yjs';
import { LIMITS } from '../../src/documents/limits.ts';
import { docOf } from './world-reading.ts';
import type { Replica } from './world-replica.ts';
import { must } from './world-rule.ts';
import type { Session } from './world-session.ts';
import type { Stage } from './world-stage.ts';

/** Milliseconds after which everybody must have been told that edits are not saved; after its last part that they are. */
const TOLD_MS = LIMITS.stallMs + 2 * LIMITS.tickMs;
const CLEARED_MS = 2 * LIMITS.tickMs;

export class SavingEvidence {
  /** Documents of which an edit was refused for good. */
  readonly #broken = new WeakSet<object>();
  /** By file: characters that nobody but a client of the time before a mark has. */
  readonly #barred = new Map<string, Set<string>>();

  refused(sessions: readonly Session[]): void {
    for (const { attached } of sessions) if (attached) this.#broken.add(attached);
  }

  /**
   * A mark is about to come: what somebody typed into a stock client that is away, and that nobody else has, is from
   * before it.
   * @param typed by client id, in the order of its clock
   */
  bar(fileId: string, typed: ReadonlyMap<number, string>, { database, life, network, replicas }: Stage): void {
    const connections = [...network.connections].filter(({ session }) => session.fileId === fileId);
    // What somebody sent who gave up meanwhile may still arrive.
    if (connections.some(({ replica }) => !replica)) return;
    const here = docOf([...database.parts(fileId), ...life.log.waitingFor(fileId)]);
    const ofFile = replicas.filter((replica) => replica.fileId === fileId);
    const isAway = ({ stock, connection }: Replica): boolean => stock && !connection;
    // Whoever knows the lineage may bring what it had from others, even if the log refused it.
    const known = [here, ...ofFile.filter((replica) => !isAway(replica)).map(({ doc }) => doc)];
    const barred = this.#barred.get(fileId) ?? new Set();
    this.#barred.set(fileId, barred);
    for (const { doc } of ofFile.filter(isAway)) {
      const clock = Math.max(...known.map(({ store }) => Y.getState(store, doc.clientID)));
      for (const character of typed.get(doc.clientID)?.slice(clock) ?? '') barred.add(character);
    }
  }

  /** @throws Violation */
  checkStored(fileId: string, text: string): void {
    const barred = this.#barred.get(fileId);
    const merged = barred && [...text].find((character) => barred.has(character));
    must(merged === undefined, 'Text of before the mark was merged', () => `${fileId}: ${merged}`);
  }

  /** @throws Violation */
  check(fileId: string, sessions: readonly Session[], { life: { log } }: Stage): void {
    const waits = log.waitingFor(fileId).length > 0;
    const unchangedFor = log.unchangedFor(fileId);
    for (const { attached, stock, toldSaved, person } of sessions) {
      must(!attached || !this.#broken.has(attached), 'A document that lost an edit stays open', () => person.id);
      // The protocol of stock clients cannot say it.
      if (stock) continue;
      const late = waits && unchangedFor >= TOLD_MS;
      must(!late || !toldSaved, 'Somebody is not told that edits are not saved', () => person.id);
      const cleared = !waits && unchangedFor >= CLEARED_MS;
      must(!cleared || toldSaved, 'Somebody is not told that everything is saved', () => person.id);
    }
  }
}
