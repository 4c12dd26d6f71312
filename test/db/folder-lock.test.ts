// One data folder, one server: however many start at once, and whatever a dead one left behind, exactly one gets it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Order } from './lock-child.ts';

const PROCESSES = 4;
const ROUNDS = 25;

let root: string;
let folder: string;
let rounds = 0;
let children: ChildProcess[];

async function start(): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, 'lock-child.ts'), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

async function tell(child: ChildProcess, order: Order): Promise<string> {
  const answered = once(child, 'message');
  child.send(order);
  return (await answered)[0] as string;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-lock-'));
  children = await Promise.all(Array.from({ length: PROCESSES }, start));
});
beforeEach(() => {
  folder = path.join(root, String(++rounds));
});
afterEach(() => Promise.all(children.map((child) => tell(child, 'give back'))));
afterAll(async () => {
  await Promise.all(
    children.map((child) => {
      const gone = once(child, 'exit');
      child.send('end');
      return gone;
    }),
  );
  fs.rmSync(root, { recursive: true, force: true });
});

const first = (): ChildProcess => children[0] as ChildProcess;
const second = (): ChildProcess => children[1] as ChildProcess;

/** The process id of a process that has gone. */
async function deadPid(): Promise<number> {
  const child = await start();
  await kill(child);
  return child.pid as number;
}

/** Everybody takes the folder at once; exactly one has it, and the others were told by whom. */
async function race(): Promise<void> {
  const said = await Promise.all(children.map((child) => tell(child, { take: folder })));
  expect(said.filter((text) => text === 'taken')).toHaveLength(1);
  const winner = children[said.indexOf('taken')];
  const others = said.filter((text) => text !== 'taken');
  for (const text of others) {
    expect(text).toContain(folder);
    expect(text).toContain(`process ${winner?.pid})`);
  }
}

/** What may lie there, left by a server that was killed at any moment. */
const LEFT: [string, (pid: number) => Record<string, string>][] = [
  ['nothing', () => ({})],
  ['the lock of a dead process', (pid) => ({ [`server.lock.${pid}.12345`]: 'owner\n' })],
  ['the claim of a dead process', (pid) => ({ [`server.lock.${pid}.12345`]: '' })],
  ['the lock of a process whose number was given out again', () => ({ [`server.lock.${process.pid}.1`]: 'owner\n' })],
  ['many of them', () => Object.fromEntries(children.map(({ pid }, at) => [`server.lock.${pid}.${at}`, 'owner\n']))],
];

describe('of four that start at once exactly one gets the folder, when what is left there is', () => {
  test.each(LEFT)('%s', async (_what, left) => {
    const pid = await deadPid();
    for (let round = 0; round < ROUNDS; round++) {
      folder = path.join(root, `${rounds}-${round}`);
      fs.mkdirSync(folder);
      for (const [name, text] of Object.entries(left(pid))) fs.writeFileSync(path.join(folder, name), text);
      await race();
      await Promise.all(children.map((child) => tell(child, 'give back')));
      expect(fs.readdirSync(folder)).toEqual([]);
    }
  });
});

test('who has it keeps it until it gives it back', async () => {
  expect(await tell(first(), { take: folder })).toBe('taken');
  for (let round = 0; round < 3; round++)
    expect(await tell(second(), { take: folder })).toContain(`process ${first().pid})`);
  await tell(first(), 'give back');
  expect(await tell(second(), { take: folder })).toBe('taken');
});

test('a killed owner’s folder is taken over', async () => {
  const owner = await start();
  expect(await tell(owner, { take: folder })).toBe('taken');
  await kill(owner);
  await race();
});

test('a process that is stopped still has it', async () => {
  const owner = await start();
  expect(await tell(owner, { take: folder })).toBe('taken');
  owner.kill('SIGSTOP');
  expect(await tell(first(), { take: folder })).toContain(`process ${owner.pid})`);
  await kill(owner);
});

test('a folder that cannot be made is named', async () => {
  fs.writeFileSync(folder, 'a file');
  expect(await tell(first(), { take: path.join(folder, 'data') })).toContain(folder);
  expect(await tell(first(), { take: folder })).toContain(folder);
});
