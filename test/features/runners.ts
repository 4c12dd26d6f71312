// People who run things, for the tests of runs.
import type { TestDatabase } from '../support/db.ts';
import { until } from '../support/until.ts';
import { type House, type OwnedRoom, openHouse, type Visitor } from './people.ts';

/** Milliseconds: a sandbox that has to start on a loaded machine first, and then the longest run. */
const RUN_MS = 25_000;

export interface Runners {
  readonly house: House;
  readonly db: TestDatabase;
  readonly room: OwnedRoom;
  readonly owner: Visitor;
  start(input: object, who?: Visitor): Promise<any>;
  /** The first event of that name about the run. */
  heard(name: string, id: string, who?: Visitor): Promise<any>;
  /** Starts a run and waits for its end. @returns the answer of run.get */
  run(input: object, who?: Visitor): Promise<any>;
  /** Waits for the end of a run. @returns the answer of run.get */
  finished(id: string, who?: Visitor): Promise<any>;
  file(path: string, content: string): Promise<string>;
  rows(query: string, values?: unknown[]): Promise<any[]>;
  close(): Promise<void>;
}

/** A server, a room and its owner. */
export async function openRunners(settings: Record<string, string> = {}): Promise<Runners> {
  const house = await openHouse(settings);
  const { db } = house;
  const room = await house.room();
  const { owner } = room;
  const start = (input: object, who = owner): Promise<any> =>
    who.client.call('run.start', {
      roomId: room.id,
      ...('code' in input && !('fileId' in input) ? { language: 'javascript' } : {}),
      ...input,
    });
  const heard = async (name: string, id: string, who = owner): Promise<any> => {
    const isOf = (payload: any): boolean => (payload.executionId ?? payload.execution?.id) === id;
    const find = () => who.client.events.find((event) => event.name === name && isOf(event.payload));
    return (await until(find, { timeoutMs: RUN_MS, what: name }))?.payload;
  };
  const finished = async (id: string, who = owner): Promise<any> => {
    await heard('run.finished', id, who);
    return who.client.ask('run.get', { executionId: id });
  };
  return {
    house,
    db,
    room,
    owner,
    start,
    heard,
    finished,
    async run(input, who) {
      const answer = await start(input, who);
      if (!answer.ok) throw Object.assign(new Error(answer.error.message), answer.error);
      return finished(answer.data.execution.id, who);
    },
    async file(path, content) {
      return (await owner.client.ask('file.create', { roomId: room.id, path, content })).file.id;
    },
    rows: async (query, values) => (await db.query(query, values)).rows,
    close: () => house.close(),
  };
}

/** The output of a run as one text. */
export const textOf = ({ pieces }: any): string => pieces.map(({ text }: any) => text).join('');
