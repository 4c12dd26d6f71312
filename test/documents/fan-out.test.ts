// Edits on their way to many: at once after a pause, then together within the window.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { FanOut } from '../../src/documents/fan-out.ts';
import { FAN_OUT } from '../../src/documents/limits.ts';
import type { Layout } from '../../src/documents/linear-merge.ts';
import type { Link, Wire } from '../../src/documents/link.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';

/** What it is sent is a list of numbers: an "update" of the test is one number. */
const wire: Wire = {
  name: 'numbers',
  updates: (_fileId, updates) => updates.map(({ update }) => update[0]),
  awareness: () => [],
};

class Receiver {
  readonly got: number[] = [];
  readonly at: number[] = [];
  readonly link: Link;

  constructor(clock: ManualClock, onSend: () => void) {
    const send = (numbers: unknown): void => {
      onSend();
      this.got.push(...(numbers as number[]));
      for (const _ of numbers as number[]) this.at.push(clock.now());
    };
    this.link = { wire, send } as unknown as Link;
  }
}

const update = (number: number): Layout => ({ update: Uint8Array.of(number), sections: [], deletesFrom: 0 });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

let clock: ManualClock;
let links: Set<Link>;
let receivers: Receiver[];
let fanOut: FanOut;
/** When something was written to somebody. */
let written: number[];

function join(count: number): void {
  for (const receiver of Array.from(
    { length: count },
    () => new Receiver(clock, () => void written.push(clock.now())),
  )) {
    receivers.push(receiver);
    links.add(receiver.link);
  }
}

/** Adds an update every so many milliseconds. @returns when each was added */
async function type(count: number, everyMs: number): Promise<number[]> {
  const at: number[] = [];
  for (const number of upTo(count)) {
    at.push(clock.now());
    fanOut.add(update(number), undefined);
    await clock.pass(everyMs);
  }
  return at;
}

beforeEach(() => {
  clock = new ManualClock();
  links = new Set();
  receivers = [];
  written = [];
  fanOut = new FanOut('file', links, clock);
});

describe('[DOC5] edits for a crowd', () => {
  test('are heard by everybody at once after a pause', async () => {
    join(200);
    fanOut.add(update(0), undefined);
    fanOut.add(update(1), undefined);
    await settled();
    expect(receivers.every(({ got }) => got.join() === '0,1')).toBe(true);
    expect(clock.timers).toBe(0);
  });

  test.each([60, 200, 450])(
    'reach each of %i once and in order, and nobody after more than the window',
    async (count) => {
      join(count);
      const added = await type(100, 1.5);
      await clock.pass(2 * FAN_OUT.windowMs);
      // As often as the window says, and not with every edit.
      const window = Math.min(FAN_OUT.windowMs, count * FAN_OUT.windowPerReceiverMs);
      expect(written.length).toBeLessThanOrEqual(count * (2 + (100 * 1.5) / window));
      for (const { got, at } of receivers) {
        expect(got).toEqual(upTo(100));
        const waited = at.map((heard, i) => heard - (added[i] as number));
        expect(Math.max(...waited)).toBeLessThanOrEqual(FAN_OUT.windowMs + 1);
      }
      expect(clock.timers).toBe(0);
    },
  );

  test('reach those who come and go in between', async () => {
    join(200);
    await type(5, 1);
    join(30);
    const [gone] = receivers as [Receiver];
    links.delete(gone.link);
    const heard = gone.got.length;
    for (const number of [5, 6, 7, 8, 9]) {
      fanOut.add(update(number), undefined);
      await clock.pass(1);
    }
    await clock.pass(2 * FAN_OUT.windowMs);
    expect(gone.got.length).toBe(heard);
    for (const { got } of receivers.slice(1, 200)) expect(got).toEqual(upTo(10));
    // What they had when they came may come once more, and nothing is missing after it.
    for (const { got } of receivers.slice(200)) expect(got.slice(-5)).toEqual([5, 6, 7, 8, 9]);
    links.clear();
    fanOut.flush();
    expect(clock.timers).toBe(0);
  });

  test('are no echo to who alone has sent a batch', async () => {
    join(120);
    const [writer] = receivers as [Receiver];
    for (const number of upTo(20)) {
      fanOut.add(update(number), writer.link);
      await clock.pass(1);
    }
    await clock.pass(FAN_OUT.windowMs);
    expect(writer.got).toEqual([]);
    for (const { got } of receivers.slice(1)) expect(got).toEqual(upTo(20));
  });

  test('go out at once when the crowd has become a few, and when there are too many', async () => {
    join(200);
    await type(3, 1);
    for (const { link } of receivers.slice(5)) links.delete(link);
    fanOut.add(update(3), undefined);
    for (const { got } of receivers.slice(0, 5)) expect(got).toEqual(upTo(4));
    join(200);
    await settled();
    for (const number of upTo(FAN_OUT.batchUpdates)) fanOut.add(update(number % 256), undefined);
    expect((receivers.at(-1) as Receiver).got.length).toBeGreaterThanOrEqual(FAN_OUT.batchUpdates);
  });
});
