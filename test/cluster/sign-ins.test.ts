// Which connections live by which sign-in: against a clock that stands still until it is moved.
import { afterEach, expect, test } from '@jest/globals';
import { SignIns } from '../../src/cluster/sign-ins.ts';
import { seededRandom } from '../support/random.ts';

const opened: SignIns[] = [];
afterEach(() => {
  for (const signIns of opened.splice(0)) signIns.close();
});

function stage() {
  let now = 1_000_000;
  const signIns = new SignIns(() => now);
  opened.push(signIns);
  const ends: string[] = [];
  const add = (
    name: string,
    userId: string,
    more: { signInId?: string; expiresAt?: number; checkedAt?: number } = {},
  ) =>
    signIns.add({
      userId,
      signInId: more.signInId,
      expiresAt: more.expiresAt,
      checkedAt: more.checkedAt ?? now,
      end: (why) => ends.push(`${name} ${why}`),
    });
  const pass = (milliseconds: number): void => {
    now += milliseconds;
    signIns.sweep();
  };
  return { signIns, ends, add, pass, now: () => now };
}

test('a sign-in that ends takes its connections along, and nobody else', () => {
  const { signIns, ends, add } = stage();
  add('a', 'ann', { signInId: 'phone' });
  add('b', 'ann', { signInId: 'phone' });
  add('c', 'ann', { signInId: 'laptop' });
  add('d', 'bob', { signInId: 'other' });
  signIns.revoked({ sessionIds: ['phone'] });
  expect(ends).toEqual(['a revoked', 'b revoked']);
  signIns.revoked({ userId: 'ann' });
  signIns.revoked({ userId: 'ann' });
  expect(ends).toEqual(['a revoked', 'b revoked', 'c revoked']);
  expect(signIns.ids()).toEqual(['other']);
});

test('what was looked up before the end is ended when it comes, what was looked up after it stays', () => {
  const { signIns, ends, add, pass, now } = stage();
  const checkedAt = now();
  signIns.revoked({ sessionIds: ['phone'] });
  signIns.revoked({ userId: 'bob' });
  pass(1_000);
  add('late', 'ann', { signInId: 'phone', checkedAt });
  add('of bob', 'bob', { signInId: 'other', checkedAt });
  expect(ends).toEqual(['late revoked', 'of bob revoked']);
  add('new', 'bob', { signInId: 'third' });
  expect(ends).toHaveLength(2);
  pass(10 * 60_000);
  expect(ends).toHaveLength(2);
});

test('a sign-in ends within a sweep of its time, unless it is renewed', () => {
  const { signIns, ends, add, pass, now } = stage();
  add('short', 'ann', { signInId: 'one', expiresAt: now() + 1_000 });
  add('renewed', 'ann', { signInId: 'two', expiresAt: now() + 1_000 });
  add('endless', 'ann', { signInId: 'three', expiresAt: Number.POSITIVE_INFINITY });
  add('over', 'ann', { signInId: 'four', expiresAt: now() - 5_000 });
  signIns.renewed('two', now() + 60_000);
  pass(250);
  expect(ends).toEqual(['over expired']);
  pass(600);
  expect(ends).toHaveLength(1);
  pass(400);
  expect(ends).toEqual(['over expired', 'short expired']);
  // As it was before the renewal: a connection that was slow to come.
  add('slow', 'ann', { signInId: 'two', expiresAt: now() - 250 });
  pass(58_000);
  expect(ends).toHaveLength(2);
  // A leap of the clock, over more sweeps than there are sign-ins.
  pass(90 * 24 * 3_600_000);
  expect(ends.slice(2).sort()).toEqual(['renewed expired', 'slow expired']);
});

test('whatever happens, a connection is ended exactly once, when the naive list says so', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed);
    const { signIns, ends, add, pass, now } = stage();
    const naive = new Map<string, { user: string; signIn: string }>();
    const until = new Map<string, number>();
    const expected = new Set<string>();
    const release = new Map<string, () => void>();
    const drop = (is: (name: string) => boolean): void => {
      for (const name of [...naive.keys()].filter(is)) {
        expected.add(name);
        naive.delete(name);
      }
    };
    for (let step = 0; step < 200; step++) {
      const signIn = `s${random.below(6)}`;
      const user = `u${Number(signIn.slice(1)) % 3}`;
      switch (random.below(6)) {
        case 0:
        case 1: {
          const expiresAt = Math.max(until.get(signIn) ?? 0, now() + 250 * (1 + random.below(8)));
          const held = [...naive.values()].some((one) => one.signIn === signIn);
          until.set(signIn, held ? Math.max(until.get(signIn) ?? 0, expiresAt) : expiresAt);
          pass(1);
          release.set(`${step}`, add(`${step}`, user, { signInId: signIn, expiresAt }));
          naive.set(`${step}`, { user, signIn });
          break;
        }
        case 2:
          signIns.revoked({ sessionIds: [signIn] });
          drop((name) => naive.get(name)?.signIn === signIn);
          pass(1);
          break;
        case 3:
          signIns.revoked({ userId: user });
          drop((name) => naive.get(name)?.user === user);
          pass(1);
          break;
        case 4: {
          const [name] = naive.keys();
          if (name === undefined) break;
          release.get(name)?.();
          naive.delete(name);
          break;
        }
        default:
          pass(random.below(1_500));
      }
      const over = ends.map((line) => line.split(' ')[0] as string);
      // Expiry: whatever was ended must be due, whatever is due by a whole sweep must be ended.
      for (const name of over)
        if (naive.has(name)) expect(until.get(naive.get(name)!.signIn)).toBeLessThanOrEqual(now());
      drop((name) => over.includes(name));
      for (const { signIn: held } of naive.values()) expect(until.get(held)! + 250).toBeGreaterThan(now());
      expect(new Set(over)).toEqual(expected);
      expect(over.length).toBe(expected.size);
    }
  }
});
