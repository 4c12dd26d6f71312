// The server and its database are killed while people type. What was acknowledged must be there, once.

import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { call, roomWithFile } from '../support/api.ts';
import { bareClient, openDoc } from '../support/bare-client.ts';
import { type ServerProcess, startProcess, temporaryFolder } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
let server: ServerProcess;

beforeAll(async () => {
  server = await startProcess({ DATA_DIR: folder.path });
});
afterEach(async () => {
  server = await startProcess({ DATA_DIR: folder.path });
});
afterAll(async () => {
  await server.end('SIGTERM');
  folder.remove();
});

/** Types short numbered words until the returned function is called; tells which were acknowledged. */
async function typeUnderLoad(words: number) {
  const { owner, room, file } = await roomWithFile(server.url);
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  const { doc, text, saved, opened } = await openDoc(client, file.id);
  const acknowledged: number[] = [];
  let stopped = false;
  const typing = (async () => {
    for (let i = 0; i < words && !stopped; i++) {
      text.insert(text.length, `<${i}>`);
      saved.at(-1)?.then(
        (answer) => answer.ok && acknowledged.push(i),
        () => undefined,
      );
      if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const stop = async (): Promise<void> => {
    stopped = true;
    client.close();
    await typing;
  };
  return { owner, file, doc, opened, acknowledged, stop };
}

async function contentOf(fileId: string, token: string): Promise<string> {
  const { data } = await call(server.url, `GET /api/files/${fileId}/content`, { token });
  return data.content;
}

function postmaster(): number {
  return Number(fs.readFileSync(path.join(folder.path, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}

function expectEachOnce(content: string, acknowledged: readonly number[]): void {
  const words = [...content.matchAll(/<(\d+)>/g)].map(([, word]) => Number(word));
  expect(new Set(words).size).toBe(words.length);
  expect(acknowledged.length).toBeGreaterThan(0);
  const there = new Set(words);
  expect(acknowledged.filter((word) => !there.has(word))).toEqual([]);
}

describe('killed while people type', () => {
  test.each([1, 2, 3])('[DOC8] the server: nothing acknowledged is lost, nothing doubled, round %i', async () => {
    const { owner, file, doc, opened, acknowledged, stop } = await typeUnderLoad(100_000);
    await until(() => acknowledged.length > 100);
    await server.end('SIGKILL');
    await stop();
    server = await startProcess({ DATA_DIR: folder.path });
    expectEachOnce(await contentOf(file.id, owner.token), acknowledged);

    // The client comes back with what it has, and nothing is doubled either.
    const again = await bareClient(server.url, owner.token);
    const stateVector = Y.encodeStateVector(doc);
    const back = await again.ask('doc.open', { fileId: file.id, stateVector, lineage: opened.lineage });
    Y.applyUpdate(doc, new Uint8Array(back.update), 'server');
    const missing = Y.encodeStateAsUpdate(doc, new Uint8Array(back.stateVector));
    expect(await again.call('doc.update', { fileId: file.id, update: missing })).toMatchObject({ ok: true });
    expect(await contentOf(file.id, owner.token)).toBe(doc.getText('content').toString());
    again.close();
    await server.end('SIGTERM');
  });

  test('[DOC8] PostgreSQL: it comes back by itself, and everything typed is saved in the end', async () => {
    const { owner, file, doc, acknowledged, stop } = await typeUnderLoad(2_000);
    await until(() => acknowledged.length > 50);
    process.kill(postmaster(), 'SIGKILL');
    await until(() => acknowledged.length === 2_000, { timeoutMs: 25_000 });
    expect(await contentOf(file.id, owner.token)).toBe(doc.getText('content').toString());
    await until(async () => (await fetch(`${server.url}/readyz`)).status === 200);
    await stop();
    expect(await server.end('SIGTERM')).toBe(0);
    server = await startProcess({ DATA_DIR: folder.path });
    expectEachOnce(await contentOf(file.id, owner.token), acknowledged);
    await server.end('SIGTERM');
  });

  test('[DOC8] both at once', async () => {
    const { owner, file, acknowledged, stop } = await typeUnderLoad(100_000);
    await until(() => acknowledged.length > 100);
    process.kill(postmaster(), 'SIGKILL');
    await server.end('SIGKILL');
    await stop();
    server = await startProcess({ DATA_DIR: folder.path });
    expectEachOnce(await contentOf(file.id, owner.token), acknowledged);
    await server.end('SIGTERM');
  });

  test('both as soon as a run is accepted: the run is there', async () => {
    const { owner, room } = await roomWithFile(server.url);
    const client = await bareClient(server.url, owner.token);
    await client.ask('room.join', { roomCode: room.roomCode });
    const run = { roomId: room.id, language: 'javascript', code: 'setTimeout(() => undefined, 60_000)' };
    const { execution } = await client.ask('run.start', run);
    process.kill(postmaster(), 'SIGKILL');
    await server.end('SIGKILL');
    client.close();
    server = await startProcess({ DATA_DIR: folder.path });
    const { data } = await call(server.url, `GET /api/executions/${execution.id}`, { token: owner.token });
    expect(data.execution).toMatchObject({ id: execution.id, status: 'failed' });
    await server.end('SIGTERM');
  });

  test('[DOC10] told to stop: clients hear it, everything is saved, the exit code is 0, and no process is left', async () => {
    const { owner, room, file } = await roomWithFile(server.url);
    const client = await bareClient(server.url, owner.token);
    await client.ask('room.join', { roomCode: room.roomCode });
    const { text, saved } = await openDoc(client, file.id);
    text.insert(0, 'the last words');
    const pid = postmaster();
    const ended = server.end('SIGTERM');
    expect(await client.event('server.draining')).toMatchObject({ reconnectAfterMs: expect.any(Number) });
    expect(await saved[0]).toMatchObject({ ok: true });
    expect({ code: await ended, output: server.output() }).toMatchObject({ code: 0 });
    client.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    server = await startProcess({ DATA_DIR: folder.path });
    expect(await contentOf(file.id, owner.token)).toBe('the last words');
    const { data } = await call(server.url, `GET /api/files/${file.id}/versions`, { token: owner.token });
    expect(data.versions).toHaveLength(1);
    await server.end('SIGTERM');
  });
});
