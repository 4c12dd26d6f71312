// What must hold in the world, after every step. It keeps its own account of what was typed and acknowledged, and
// compares it with what is committed, with what is in memory and with what people see.
import * as Y from 'yjs';
import { LIMITS } from '../../src/documents/limits.ts';
import type { Append } from '../../src/documents/update-log.ts';
import { walkUpdate } from '../../src/documents/update-walk.ts';
import { TEXT_NAME } from '../../src/protocol/constants.ts';
import { settled } from './manual-clock.ts';
import { checkAllSeen, checkPresence, checkSeen } from './world-people.ts';
import { contentMismatch, deletesOf, differenceOf, docOf, firstRepeated } from './world-reading.ts';
import { must, Violation } from './world-rule.ts';
import { SavingEvidence } from './world-saving.ts';
import type { Session } from './world-session.ts';
import { FILES, type Stage, type Witness } from './world-stage.ts';

interface Acknowledged {
  readonly clocks: Map<number, number>;
  /** Triples client, clock, length. */
  readonly deletes: number[];
}

export class Evidence implements Witness {
  stage!: Stage;
  readonly #typed = new Map<number, string>();
  readonly #owners = new Map<number, string>();
  readonly #acknowledged = new Map<string, Acknowledged>();
  /** In which lineage a client id was seen. */
  readonly #lineages = new Map<number, string>();
  readonly #checked = new Map<string, number>();
  /** Seen where it cannot be thrown. */
  #violation: Violation | undefined;
  #suspects: Uint8Array[] = [];
  readonly #saving = new SavingEvidence();

  owns(client: number, userId: string): void {
    this.#owners.set(client, userId);
  }

  typed(client: number, text: string): void {
    this.#typed.set(client, (this.#typed.get(client) ?? '') + text);
  }

  seeded(fileId: string): void {
    this.#acknowledged.set(fileId, { clocks: new Map(), deletes: [] });
  }

  acknowledged(fileId: string, update: Uint8Array): void {
    const { ranges, deletes } = walkUpdate(update);
    const known = this.#acknowledged.get(fileId) as Acknowledged;
    for (let i = 0; i < ranges.length; i += 3) {
      const [client, end] = [ranges[i] as number, (ranges[i + 1] as number) + (ranges[i + 2] as number)];
      known.clocks.set(client, Math.max(end, known.clocks.get(client) ?? 0));
    }
    known.deletes.push(...deletes);
    this.#checked.delete(fileId);
  }

  loading(fileId: string, others: number): void {
    if (others > 0) this.#note('A document is loaded twice at a time', fileId);
    if (this.#attached(fileId).length > 0) this.#note('A document is loaded that is in memory', fileId);
  }

  appending({ actorId }: Append): void {
    if (actorId !== null && this.stage.readers.has(actorId)) this.#note('A reader changed something', actorId);
  }

  refused(fileId: string): void {
    this.#saving.refused(this.#attached(fileId));
  }

  /** As `SavingEvidence.bar`. */
  bar(fileId: string): void {
    this.#saving.bar(fileId, this.#typed, this.stage);
  }

  /** Something hostile was sent; kept for the report. */
  suspect(update: Uint8Array): void {
    this.#suspects = [...this.#suspects.slice(-5), update];
  }

  async check(): Promise<void> {
    if (this.#violation) throw this.#violation;
    for (const fileId of FILES) {
      this.#checkCommitted(fileId);
      checkPresence(this.#attached(fileId), this.#owners);
      this.#saving.check(fileId, this.#attached(fileId), this.stage);
    }
    for (const { doc } of this.stage.replicas) {
      const repeated = firstRepeated(doc.getText(TEXT_NAME).toString());
      must(repeated === undefined, 'A client shows text twice', () => String(repeated));
    }
    const attached = FILES.reduce((sum, fileId) => sum + this.#attached(fileId).length, 0);
    const { links, documents, unsaved } = this.stage.life.documents.stats();
    const { life, database } = this.stage;
    const waiting = FILES.filter((id) => life.log.waitingFor(id).length > 0 && !database.gone.has(id)).length;
    must(unsaved >= waiting, 'A document with unsaved edits left memory', () => `${unsaved} of ${waiting}`);
    must(links === attached, 'Links are counted wrongly', () => `${links} instead of ${attached}`);
    must(documents <= FILES.length, 'There are more documents than files', () => String(documents));
  }

  /** Compares what is in memory with what is committed and what waits. */
  look(): void {
    for (const fileId of FILES) {
      // Asking for everything would admit the link of somebody who has not proved of which lineage they are.
      const open = this.#attached(fileId).find(({ admitted }) => admitted)?.attached;
      if (!open) continue;
      const live = docOf([open.difference()]);
      const { database, life } = this.stage;
      const rebuilt = docOf([...database.parts(fileId), ...life.log.waitingFor(fileId)]);
      const difference = this.#difference(live, rebuilt);
      must(difference === undefined, 'Memory and log differ', () => `${fileId}, ${difference}`);
      must(open.lineage === database.file(fileId).lineage, 'The lineage in memory is another one', () => fileId);
    }
  }

  /** Lets everything that is under way arrive, and looks at what everybody has then. */
  async settle(): Promise<void> {
    const { stage } = this;
    stage.database.failCommits(0);
    stage.database.flow(stage.life.log);
    await settled();
    if (stage.life.log.backingOff) await stage.pass(LIMITS.lastBackoffMs);
    for (const wait of [LIMITS.stallMs + 2 * LIMITS.tickMs, LIMITS.awarenessIntervalMs + 1, 1]) {
      await stage.deliverAll();
      await stage.pass(wait);
    }
    await stage.deliverAll();
    must(stage.life.documents.stats().unsaved === 0, 'Something stays unsaved');
    this.look();
    for (const { replica, session } of stage.network.connections) {
      if (!replica || !session.attached || !session.admitted || replica.phase !== 'open') continue;
      const live = docOf([session.attached.difference()]);
      const behind = Y.encodeStateAsUpdate(live, Y.encodeStateVector(replica.doc));
      must(docOf([Y.encodeStateAsUpdate(replica.doc), behind]).store.pendingStructs === null, 'A client has a gap');
      const mayDiffer = replica.stock || !replica.canWrite;
      const own = docOf([Y.encodeStateAsUpdate(replica.doc)]);
      const merged = mayDiffer ? docOf([Y.encodeStateAsUpdate(own), Y.encodeStateAsUpdate(live)]) : live;
      const difference = this.#difference(own, merged);
      must(difference === undefined, 'A client lacks something', () => `${replica.userId}, ${difference}`);
      must(replica.serverSaved, 'A client still believes that something is not saved', () => replica.userId);
      checkSeen(replica, session.attached.presence(), this.#owners);
    }
  }

  expectDrained(drained: boolean): void {
    must(drained, 'A drain could have saved everything and says it did not');
  }

  /** Everybody comes back with the right to write: all must have the same in the end, and nothing may stay behind. */
  async finish(): Promise<void> {
    const { stage } = this;
    stage.database.refused.clear();
    for (const fileId of [...stage.database.gone]) stage.recreate(fileId, true);
    stage.database.flow(stage.life.log);
    await settled();
    for (const { userId } of stage.replicas) stage.setRole(userId, true);
    for (const connection of stage.network.connections) stage.network.cut(connection);
    for (let round = 0; round < 3; round++) {
      for (const replica of stage.replicas) {
        if (!replica.connection) stage.connect(replica);
        else if (replica.phase !== 'open') replica.open();
      }
      await stage.deliverAll();
      await stage.pass(300);
    }
    await this.settle();
    await this.check();
    await this.#checkConverged();
    // A client is seen under a clock ahead of its own after a change of its role or a reconnect; it catches up.
    for (let i = 0; i < 100; i++) for (const replica of stage.replicas) replica.moveCursor();
    await this.settle();
    checkAllSeen(stage.replicas);
    await this.#checkVersions();
    await this.#checkLeaving();
  }

  async #checkConverged(): Promise<void> {
    const { stage } = this;
    for (const fileId of FILES) {
      const text = await this.stage.life.documents.text(fileId);
      const committed = docOf(this.stage.database.parts(fileId));
      for (const replica of this.stage.replicas) {
        if (replica.fileId !== fileId) continue;
        must(replica.phase === 'open', 'A client cannot come back', () => `${replica.userId}: ${replica.phase}`);
        const difference = this.#difference(replica.doc, committed);
        must(difference === undefined, 'A client did not converge', () => `${replica.userId}, ${difference}`);
      }
      must(
        stage.wild || committed.getText(TEXT_NAME).toString() === text,
        'The text is not what is committed',
        () => fileId,
      );
    }
  }

  async #checkVersions(): Promise<void> {
    const { stage } = this;
    await stage.pass(LIMITS.quietMs + 2 * LIMITS.retryMs);
    for (const fileId of FILES) {
      const { versions, rows } = stage.database.file(fileId);
      const text = docOf(stage.database.parts(fileId)).getText(TEXT_NAME).toString();
      const upToDate = stage.wild || versions.at(-1) === text || (versions.length === 0 && rows.length === 0);
      must(upToDate, 'The newest version is not the text', () => `${fileId}, ${versions.length} versions`);
    }
  }

  async #checkLeaving(): Promise<void> {
    const { network, life, database } = this.stage;
    for (const connection of network.connections) network.cut(connection);
    await settled();
    await this.stage.pass(LIMITS.lingerMs + LIMITS.retryMs + 4 * LIMITS.tickMs);
    const stats = life.documents.stats();
    must(
      Object.values(stats).every((value) => value === 0),
      'Memory stays behind',
      () => JSON.stringify(stats),
    );
    must(life.clock.timers === 1, 'Timers stay behind', () => String(life.clock.timers));
    for (const fileId of FILES) {
      const { rows } = database.file(fileId);
      must(rows.length === 0, 'A document left without compaction', () => `${fileId}: ${rows.length} rows`);
      this.#checkCommitted(fileId);
    }
    this.expectDrained(await life.documents.drain());
    must(life.clock.timers < 1, 'A timer survives the drain');
    must(life.documents.stats().documents === 0, 'A document survives the drain');
  }

  #checkCommitted(fileId: string): void {
    const { revision } = this.stage.database.file(fileId);
    if (this.#checked.get(fileId) === revision) return;
    this.#checked.set(fileId, revision);
    const doc = docOf(this.stage.database.parts(fileId));
    must(doc.store.pendingStructs === null && doc.store.pendingDs === null, 'The log has a gap', () =>
      this.#report(doc),
    );
    const text = doc.getText(TEXT_NAME).toString();
    const repeated = firstRepeated(text);
    must(repeated === undefined, 'Text is in the log twice', () => String(repeated));
    this.#saving.checkStored(fileId, text);
    const { lineage } = this.stage.database.file(fileId);
    for (const client of doc.store.clients.keys()) {
      const known = this.#lineages.get(client) ?? lineage;
      this.#lineages.set(client, known);
      must(known === lineage, 'Lineages are merged', () => `${client} of ${known} in ${lineage}`);
    }
    const mismatch = contentMismatch(doc, this.#typed);
    must(mismatch === undefined, 'Something was stored that nobody typed', () => String(mismatch));
    const { clocks, deletes } = this.#acknowledged.get(fileId) as Acknowledged;
    for (const [client, clock] of clocks) {
      const there = Y.getState(doc.store, client);
      must(there >= clock, 'An acknowledged edit is missing', () => `${client}: ${there} of ${clock}`);
    }
    const undone = deletesOf(doc).firstMissing(deletes);
    must(undone === undefined, 'An acknowledged deletion is missing', () => String(undone));
  }

  /** The order of text is left out where somebody made structs for which Yjs promises none. */
  #difference(one: Y.Doc, other: Y.Doc): string | undefined {
    return differenceOf([one, other], { inOrder: !this.stage.wild });
  }

  #attached(fileId: string): Session[] {
    const sessions = [...this.stage.network.connections].map(({ session }) => session);
    return sessions.filter((session) => session.fileId === fileId && session.attached);
  }

  #note(rule: string, details: string): void {
    this.#violation ??= new Violation(`${rule}: ${details}`);
  }

  #report(doc: Y.Doc): string {
    const suspects = this.#suspects.map((update) => Buffer.from(update).toString('hex'));
    return `${JSON.stringify([...(doc.store.pendingStructs?.missing ?? [])])}, lately sent: ${suspects.join(' ')}`;
  }
}
