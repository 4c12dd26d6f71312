// What each kind of step does. One that makes no sense at the moment does nothing, so that steps can be left out.
import { newLineageMark } from '../../src/documents/lineage-mark.ts';
import { settled } from './manual-clock.ts';
import type { Random } from './random.ts';
import type { Evidence } from './world-evidence.ts';
import { hostilePresence, hostileUpdate } from './world-hostile.ts';
import { mustNotMove } from './world-people.ts';
import { readPresence } from './world-reading.ts';
import type { Replica } from './world-replica.ts';
import { Session } from './world-session.ts';
import { FILES, HOSTILE, type Stage } from './world-stage.ts';
import type { StepKind } from './world-steps.ts';

interface Actor {
  readonly replica: Replica;
  readonly random: Random;
  readonly evidence: Evidence;
}

type Action = (world: Stage, actor: Actor) => void | Promise<void>;

/** Milliseconds: within one frame, one tick, a stall, a version, an eviction, and more. */
const TIMES = [1, 60, 300, 1_200, 6_000, 16_000, 40_000];

/** The server edits a file, as the files API does. Its caller waits for the commit; the world does not. */
async function replace(world: Stage, { random }: Actor): Promise<void> {
  const { documents } = world.life;
  const fileId = random.pick(FILES);
  const fresh = world.fresh(1 + random.below(3));
  const edit = async (): Promise<void> => {
    const characters = [...(await documents.text(fileId))];
    const at = random.below(characters.length + 1);
    characters.splice(at, random.below(3) === 0 ? random.below(4) : 0, ...fresh);
    await documents.replaceText(fileId, characters.join(''), { actorId: 'server', source: 'agent' });
  };
  void edit().catch(() => undefined);
  await settled();
}

/** Somebody with the right to write, or without, sends what no honest client would. */
async function attack(world: Stage, { replica, random, evidence }: Actor): Promise<void> {
  const { fileId } = replica;
  const { documents } = world.life;
  const session = new Session({
    fileId,
    userId: HOSTILE,
    stock: random.below(2) === 0,
    canWrite: () => !world.readers.has(HOSTILE),
    documents,
    send: () => undefined,
  });
  const garbage = Uint8Array.from({ length: 3 }, () => random.below(256));
  session.receive({ kind: 'open', stateVector: random.below(8) === 0 ? garbage : undefined });
  await settled();
  const state = session.attached?.difference();
  const open = session.attached;
  const visible = open ? readPresence(open.presence()).map(({ client }) => client) : [];
  // Under an id of one's own one can make any contradiction; that hurts nobody's edits but one's own.
  const claims = world.database.file(fileId).claims.filter(({ userId }) => userId !== HOSTILE);
  const victims = [...claims.map(({ clientId }) => clientId), ...visible];
  for (let i = 0; state && i < 3; i++) {
    const update = hostileUpdate({ state, clientId: world.clientId(), victims, wild: world.wild }, random);
    evidence.suspect(update);
    void session.attached?.receive(update).catch(() => undefined);
    await settled();
  }
  const clients = world.replicas.map(({ doc }) => doc.clientID);
  try {
    session.attached?.receivePresence(hostilePresence([...clients, world.clientId()], random));
  } catch {
    // Refused, as it should be.
  }
  session.close();
  await settled();
}

/** Told to stop, it lets go of everybody and starts anew. */
async function restart(world: Stage, { evidence }: Actor): Promise<void> {
  const { documents, log } = world.life;
  const couldSave = world.database.flowing && !world.database.failing && !world.life.log.backingOff;
  const drained = documents.drain();
  await settled();
  if (couldSave) evidence.expectDrained(await drained);
  log.dead = true;
  world.crash();
}

/** A frame from the server comes once more: at once, or long after. */
function repeat(world: Stage, { replica, random }: Actor): void {
  const connection = world.network.of(replica);
  if (random.below(3) === 0) return connection?.duplicateToClient(random.below(1000));
  const message = connection?.takenBefore(random.below(1000));
  if (message) mustNotMove(replica, () => replica.receive(message));
}

/** The file is deleted, by this server or behind its back. */
function remove(world: Stage, { replica, random }: Actor): void {
  if (world.database.gone.has(replica.fileId)) return;
  world.database.gone.add(replica.fileId);
  if (random.below(2) === 0) world.life.documents.close(replica.fileId, 'deleted');
}

/** The file is renamed onto a path that another one had: committed first, and told to the documents afterwards. */
async function mark(world: Stage, { replica, random, evidence }: Actor): Promise<void> {
  const { fileId } = replica;
  if (world.database.gone.has(fileId)) return;
  evidence.bar(fileId);
  const fresh = newLineageMark(world.clientId());
  world.database.mark(fileId, fresh);
  if (random.below(2) === 0) await settled();
  world.life.documents.mark(fileId, fresh);
}

function cutOff(world: Stage, replica: Replica): void {
  const connection = world.network.of(replica);
  if (connection) world.network.cut(connection);
}

function move(world: Stage, { replica }: Actor): void {
  cutOff(world, replica);
  replica.fileId = replica.fileId === FILES[0] ? FILES[1] : FILES[0];
  replica.reset();
}

function connect(world: Stage, { replica }: Actor): void {
  if (!replica.connection) world.connect(replica);
  else if (replica.phase === 'closed' || replica.phase === 'held') replica.open();
}

export const actions: Readonly<Record<StepKind, Action>> = {
  type: (_world, { replica, random }) => replica.type(random.next(), 1 + random.below(4)),
  erase: (_world, { replica, random }) => replica.erase(random.next(), 1 + random.below(4)),
  cursor: (_world, { replica }) => replica.moveCursor(),
  hide: (_world, { replica }) => replica.hide(),
  deliver: (world, { random }) => world.network.deliver(random.below(1000)),
  burst: (world, { random }) => {
    for (let i = random.below(20); i >= 0; i--) world.network.deliver(random.below(1000));
  },
  duplicate: (world, { replica }) => {
    const connection = world.network.of(replica);
    if (connection) world.network.duplicate(connection);
  },
  repeat,
  connect,
  leave: (world, { replica }) => {
    const connection = world.network.of(replica);
    connection?.toServer.push({ kind: 'close' });
    if (connection) world.network.abandon(connection);
  },
  empty: async (world, { random }) => {
    for (const connection of world.network.connections) world.network.cut(connection);
    await world.pass(random.pick(TIMES));
  },
  cut: (world, { replica }) => cutOff(world, replica),
  abandon: (world, { replica }) => {
    const connection = world.network.of(replica);
    if (connection) world.network.abandon(connection);
  },
  reap: (world) => {
    for (const connection of world.network.connections) if (!connection.replica) world.network.cut(connection);
  },
  reload: (world, { replica }) => {
    cutOff(world, replica);
    replica.reset();
  },
  move,
  role: (world, { replica, random }) => world.setRole(random.pick([replica.userId, HOSTILE]), random.below(3) > 0),
  replace,
  pass: (world, { random }) => world.pass(random.pick(TIMES)),
  look: (_world, { evidence }) => evidence.look(),
  hostile: attack,
  stall: (world) => world.database.stall(),
  flow: (world) => world.database.flow(world.life.log),
  commit: (world, { random }) => world.life.log.commit(1 + random.below(3)),
  commitUnheard: (world, { random }) => world.life.log.commitUnheard(1 + random.below(3)),
  answer: (world, { random }) => world.database.answer(1 + random.below(3)),
  fail: (world, { random }) => world.database.fail(1 + random.below(3)),
  failCommit: (world, { random }) => world.database.failCommits(1 + random.below(8)),
  refuse: (world, { replica }) => void world.database.refused.add(replica.fileId),
  remove,
  crash: (world) => world.crash(),
  restart,
  recreate: (world, { replica, random }) => world.recreate(replica.fileId, random.below(2) === 0),
  mark,
  closeRoom: (world) => world.life.documents.closeRoom('room'),
  settle: (_world, { evidence }) => evidence.settle(),
};
