import { afterEach, describe, expect, test } from '@jest/globals';
import type { Execution, RunEvent } from '../../src/execution/execution.ts';
import { QUEUE_LIMITS } from '../../src/execution/limits.ts';
import { RunQueue, type Ticket } from '../../src/execution/queue.ts';
import { AppError } from '../../src/protocol/errors.ts';
import { until } from '../support/until.ts';
import { begin, openTestExecution, run } from './support.ts';

/** `a1` is a run of user `a` in room `a`; `a1x` the same user's in room `x`. */
function ticket(id: string): Ticket {
  return { id, userId: id[0]!, roomId: id[2] ?? id[0]! };
}

function queueOf(...ids: string[]): RunQueue<Ticket> {
  const queue = new RunQueue<Ticket>({ ...QUEUE_LIMITS, running: 1, userWaiting: 9, roomWaiting: 99 });
  for (const id of ids) expect(queue.add(ticket(id))).toBeUndefined();
  return queue;
}

/** Takes one after the other until nothing is left. */
function drained(queue: RunQueue<Ticket>): string[] {
  const ids: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    ids.push(next.id);
    queue.done(next);
  }
  return ids;
}

describe('turns', () => {
  test('[EX16] rooms take turns', () => {
    expect(drained(queueOf('a1', 'a2', 'a3', 'b1', 'c1', 'c2'))).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  });

  test('[EX16] users of a room take turns', () => {
    expect(drained(queueOf('a1x', 'a2x', 'b1x', 'b2x', 'c1y'))).toEqual(['a1x', 'c1y', 'b1x', 'a2x', 'b2x']);
  });

  test('[EX16] a room that has just run goes behind all others that wait', () => {
    const queue = queueOf('a1', 'b1', 'c1');
    const first = queue.take()!;
    queue.done(first);
    queue.add(ticket('a2'));
    expect(drained(queue)).toEqual(['b1', 'c1', 'a2']);
  });

  test('[EX16] the announced order is the order of the turns', () => {
    const queue = queueOf('a1x', 'a2x', 'b1x', 'c1', 'c2', 'd1');
    const order = queue.order().map(({ id }) => id);
    expect(order).toEqual(drained(queue));
  });

  test('[EX15] a room or a user at its limit is passed over', () => {
    const queue = new RunQueue<Ticket>({ ...QUEUE_LIMITS, running: 4 });
    for (const id of ['a1x', 'a2x', 'b1x', 'c1x', 'd1y']) queue.add(ticket(id));
    expect([queue.take()?.id, queue.take()?.id, queue.take()?.id, queue.take()?.id]).toEqual([
      'a1x',
      'd1y',
      'b1x',
      undefined,
    ]);
    queue.done(ticket('b1x'));
    expect(queue.take()?.id).toBe('c1x');
  });

  test('[EX15] limits of waiting: user, room, server', () => {
    const queue = new RunQueue<Ticket>(QUEUE_LIMITS);
    const runs = ['a1x', 'b1x'].map(ticket);
    for (const one of runs) queue.add(one);
    while (queue.take() !== undefined);
    expect(['a2x', 'a3x', 'a4x'].map((id) => queue.add(ticket(id)))).toEqual([undefined, undefined, 'user']);
    expect(['c1x', 'd1x', 'e1x', 'f1x', 'g1x'].map((id) => queue.add(ticket(id)))).toEqual([
      ...Array.from({ length: 4 }, () => undefined),
      'room',
    ]);
    for (let n = queue.waiting; n < QUEUE_LIMITS.waiting; n++) {
      expect(queue.add({ id: `${n}`, userId: `${n}`, roomId: `${n}` })).toBeUndefined();
    }
    expect(queue.add(ticket('z1'))).toBe('server');
  });

  test('[EX18] a run that was removed never comes up', () => {
    const queue = queueOf('a1', 'a2', 'b1');
    expect(queue.remove('a1')?.id).toBe('a1');
    expect(queue.remove('a1')).toBeUndefined();
    expect(drained(queue)).toEqual(['a2', 'b1']);
  });
});

describe('with sandboxes', () => {
  let execution: Execution;
  afterEach(() => execution.close());

  const ENDLESS = 'setInterval(() => {}, 1000); console.log("on")';
  const placesOf = (events: readonly RunEvent[]): number[] =>
    events.flatMap((event) => (event.type === 'queued' ? event.position : []));

  test('[EX15] two at once, one per user, and queue_full for one too many', async () => {
    execution = openTestExecution();
    const own = [1, 2, 3].map(() => begin(execution, { code: ENDLESS, userId: 'ann' }));
    const other = begin(execution, { code: ENDLESS, userId: 'bob' });
    await until(() => other.events.some((event) => event.type === 'output'));
    expect(execution.stats()).toMatchObject({ running: 2, waiting: 2 });
    const refused = (): unknown => begin(execution, { code: '1', userId: 'ann' });
    expect(refused).toThrow(expect.objectContaining({ code: 'queue_full' }));
    expect(refused).toThrow(AppError);
    expect(own.slice(1).map((one) => placesOf(one.events))).toEqual([[1], [2]]);
  });

  test('[EX17] places are told, and told again when they change', async () => {
    execution = openTestExecution({ queue: { running: 1 } });
    const [first, second, third] = ['a', 'b', 'c'].map((userId) =>
      begin(execution, { code: ENDLESS, userId, roomId: userId }),
    );
    await until(() => first!.events.some((event) => event.type === 'started'));
    expect(placesOf(first!.events)).toEqual([]);
    expect([placesOf(second!.events), placesOf(third!.events)]).toEqual([[1], [2]]);
    execution.cancel(second!.id);
    expect(placesOf(third!.events)).toEqual([2, 1]);
  });

  test('[EX18] cancel: one that waits, one that runs, one that does not exist', async () => {
    execution = openTestExecution({ queue: { running: 1 } });
    const running = begin(execution, { code: 'console.log("on"); for (;;);', userId: 'a' });
    const waiting = begin(execution, { code: 'console.log(1)', userId: 'b' });
    await until(() => running.events.some((event) => event.type === 'output'));
    expect(execution.cancel(waiting.id, 'not needed')).toBe(true);
    expect(execution.cancel(running.id)).toBe(true);
    const [a, b] = await Promise.all([running.told, waiting.told]);
    expect(a).toMatchObject({ stdout: 'on\n', result: { status: 'cancelled', error: { kind: 'cancelled' } } });
    expect(b.events.map((event) => event.type)).toEqual(['queued', 'finished']);
    expect(b.result).toMatchObject({ status: 'cancelled', error: { message: 'not needed' }, wallMs: 0 });
    expect(execution.cancel(running.id)).toBe(false);
    expect((await run(execution, '1 + 1')).result.value).toBe('2');
  });

  test('[EX18] cancel before a sandbox was there', async () => {
    execution = openTestExecution();
    const early = begin(execution, { code: 'console.log(1)' });
    execution.cancel(early.id);
    expect(await early.told).toMatchObject({ stdout: '', result: { status: 'cancelled' } });
    expect((await run(execution, '1 + 1')).result.value).toBe('2');
  });
});
