// What there is in the world: the time, the network, the database, one running server, the clients. Everything random
// about it follows from the seed.
import * as Y from 'yjs';
import { Documents } from '../../src/documents/hub.ts';
import { newLineageMark } from '../../src/documents/lineage-mark.ts';
import { silentLog } from '../../src/observe/log.ts';
import { TEXT_NAME } from '../../src/protocol/constants.ts';
import { ManualClock, settled } from './manual-clock.ts';
import { type Random, seededRandom } from './random.ts';
import { WorldDatabase } from './world-database.ts';
import { LogLife, type LogWitness } from './world-log.ts';
import { Connection, Network } from './world-network.ts';
import { FIRST_FRESH } from './world-reading.ts';
import { Replica } from './world-replica.ts';
import { ROOM, Session } from './world-session.ts';

export const FILES = ['one', 'two'] as const;
const USERS = ['ann', 'bob', 'cay', 'dan'] as const;
export const HOSTILE = 'eve';
/** First of those outside the basic plane. */
const FIRST_WIDE = 0x20000;

/** One running server; a crash ends it, and nothing that it still waited for ever comes. */
interface Life {
  readonly clock: ManualClock;
  readonly log: LogLife;
  readonly documents: Documents;
}

/** Who is told what happens, to judge it. */
export interface Witness extends LogWitness {
  /** A client id was given to a user. */
  owns(client: number, userId: string): void;
  typed(client: number, text: string): void;
  acknowledged(fileId: string, update: Uint8Array): void;
  /** The file was seeded anew: what was acknowledged before counts no more. */
  seeded(fileId: string): void;
}

export class Stage {
  readonly network = new Network();
  readonly database = new WorldDatabase();
  readonly replicas: Replica[];
  /** Users who may not write. */
  readonly readers = new Set<string>();
  /** Whether hostile structs may refer to one another in ways in which Yjs itself does not converge. */
  readonly wild: boolean;
  life: Life;
  /** Milliseconds since the beginning, over all lives of the server. */
  now = 0;
  readonly witness: Witness;
  readonly #ids: Random;
  #fresh = 0;

  constructor(seed: number, witness: Witness) {
    this.witness = witness;
    this.#ids = seededRandom(seed ^ 0x5eed);
    this.wild = seed % 3 === 0;
    for (const fileId of FILES) this.seed(fileId);
    this.life = this.#begin();
    const count = this.#ids.pick([2, 3, 4, 6, 14]);
    this.replicas = Array.from({ length: count }, (_, i) => this.#replica(i));
  }

  clientId = (): number => 1 + this.#ids.below(2 ** 30);

  /** Characters that never came before; some take two UTF-16 units. */
  fresh = (count: number): string => {
    let text = '';
    for (let i = 0; i < count; i++) {
      const number = this.#fresh++;
      text += String.fromCodePoint((number % 7 === 0 ? FIRST_WIDE : FIRST_FRESH) + number);
    }
    return text;
  };

  connect(replica: Replica): void {
    if (replica.connection) return;
    const { fileId, userId, stock } = replica;
    const { documents } = this.life;
    const canWrite = (): boolean => !this.readers.has(userId);
    const connection = new Connection(
      replica,
      (send) => new Session({ fileId, userId, stock, canWrite, documents, send }),
    );
    this.network.connections.add(connection);
    replica.connect(connection);
  }

  /** Everything in memory is gone, and every connection; what was not committed is lost. */
  crash(): void {
    this.life.log.dead = true;
    for (const connection of this.network.connections) this.network.cut(connection);
    this.life = this.#begin();
  }

  /** Lets time pass, for the server and for the timers of the clients. */
  async pass(milliseconds: number): Promise<void> {
    await this.life.clock.pass(milliseconds);
    this.now += milliseconds;
    for (const replica of this.replicas) replica.age();
  }

  setRole(userId: string, canWrite: boolean): void {
    if (canWrite) this.readers.delete(userId);
    else this.readers.add(userId);
    this.life.documents.regrant({ roomId: ROOM, userId }, () => ({
      role: canWrite ? 'collaborator' : 'viewer',
      canWrite,
    }));
  }

  /**
   * The file is replaced by another one under the same id, as after a restored backup.
   * @param marked stock clients come back as they are and are told; else they cannot know: their pages are loaded anew
   */
  recreate(fileId: string, marked: boolean): void {
    this.life.documents.close(fileId, 'deleted');
    this.life.log.reject(fileId);
    this.seed(fileId, marked);
    for (const connection of this.network.connections) {
      if (connection.session.fileId === fileId) this.network.cut(connection);
    }
    if (marked) return;
    for (const replica of this.replicas) if (replica.fileId === fileId && replica.stock) replica.reset();
  }

  /** A new document under an old id. */
  seed(fileId: string, marked = false): void {
    const doc = new Y.Doc();
    doc.clientID = this.clientId();
    doc.getText(TEXT_NAME).insert(0, this.fresh(this.#ids.below(4)));
    this.database.create(fileId, Y.encodeStateAsUpdate(doc), marked ? newLineageMark(this.clientId()) : undefined);
    doc.destroy();
    this.witness.seeded(fileId);
  }

  /** Delivers everything there is, in order, until nothing moves any more. */
  async deliverAll(): Promise<void> {
    for (let round = 0; round < 10_000; round++) {
      if (this.network.idle) {
        await settled();
        this.sweep();
        if (this.network.idle) return;
      }
      for (const connection of this.network.connections) {
        connection.deliverToServer();
        connection.deliverToClient();
      }
    }
    throw new Error('The network never comes to rest.');
  }

  #begin(): Life {
    const clock = new ManualClock();
    const { clientId, database, witness } = this;
    const log = new LogLife({ database, witness, clock });
    return { clock, log, documents: new Documents({ log, versions: log, clock, logger: silentLog, clientId }) };
  }

  #replica(index: number): Replica {
    // The fifth and later ones are second tabs of the same people.
    const userId = USERS[index % USERS.length] as string;
    const fileId = index % 5 === 4 ? FILES[1] : FILES[0];
    return new Replica(
      { userId, fileId, stock: index % 3 === 2 },
      {
        now: () => this.now,
        clientId: () => {
          const client = this.clientId();
          this.witness.owns(client, userId);
          return client;
        },
        fresh: this.fresh,
        typed: (client, text) => this.witness.typed(client, text),
        acknowledged: (replica, update) => this.witness.acknowledged(replica.fileId, update),
      },
    );
  }

  /** Forgets connections whose client was told that they are over. */
  sweep(): void {
    for (const connection of this.network.connections) {
      if (!connection.replica || connection.replica.connection === connection) continue;
      connection.replica = undefined;
      this.network.cut(connection);
    }
  }
}
