// What administrators read: the audit log and security events, by filter and page; and that refusals are kept without
// letting anybody fill the disk with them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, guest, roomWithFile } from '../../support/api.ts';
import type { TestDatabase } from '../../support/db.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

let server: TestServer;
let db: TestDatabase;
let admin: string;

beforeAll(async () => {
  server = await startServer();
  db = server.database;
  const { id, token } = await guest(server.url, 'Admin');
  await db.query(`update users set role = 'admin' where id = $1`, [id]);
  admin = token;
});
afterAll(() => server.stop());

async function listed(path: string, query: Record<string, string>): Promise<any> {
  const { ok, data, error } = await call(server.url, `GET /api/admin/${path}?${new URLSearchParams(query)}`, {
    token: admin,
  });
  if (!ok) throw Object.assign(new Error(error.message), error);
  return data;
}

describe('the audit log', () => {
  test('is listed by room, person, kind, thing and time, page by page, with old and new values', async () => {
    const { owner, room, file } = await roomWithFile(server.url);
    const { token } = owner;
    for (const path of ['b.js', 'c.js', 'd.js']) {
      await call(server.url, `PATCH /api/files/${file.id}`, { token, body: { path } });
    }
    const { entries } = await listed('audit', { roomId: room.id });
    expect(entries.map(({ action }: any) => action)).toEqual([
      ...Array.from({ length: 3 }, () => 'file.renamed'),
      'file.created',
      'room.joined',
      'room.created',
    ]);
    expect(entries[0]).toMatchObject({
      userId: owner.id,
      roomId: room.id,
      resourceType: 'file',
      resourceId: file.id,
      oldValues: { path: 'c.js' },
      newValues: { path: 'd.js' },
      result: 'success',
      address: '127.0.0.1',
    });
    const byThing = await listed('audit', { resourceType: 'file', resourceId: file.id, action: 'file.renamed' });
    expect(byThing.entries).toEqual(entries.slice(0, 3));
    const first = await listed('audit', { userId: owner.id, limit: '2' });
    expect(first.entries).toEqual(entries.slice(0, 2));
    const second = await listed('audit', { userId: owner.id, limit: '2', cursor: first.nextCursor });
    expect(second.entries).toEqual(entries.slice(2, 4));
    const from = entries[2].at;
    const since = await listed('audit', { roomId: room.id, from });
    const until = await listed('audit', { roomId: room.id, to: from });
    expect([...since.entries, ...until.entries]).toEqual(entries);
    expect(since.entries.length).toBeGreaterThanOrEqual(3);
  });

  test('and security events are for administrators only', async () => {
    const { token } = await guest(server.url, 'Curious');
    for (const path of ['audit', 'security-events']) {
      expect(await call(server.url, `GET /api/admin/${path}`, { token })).toMatchObject({ status: 403 });
    }
  });
});

describe('security events', () => {
  test('keep refused rights, counted: one row for any number of tries in a minute', async () => {
    const { room, file } = await roomWithFile(server.url);
    const stranger = await guest(server.url, 'Stranger');
    const { token } = stranger;
    const TRIES = 60;
    for (let i = 0; i < TRIES; i++) {
      const answer = await call(server.url, `DELETE /api/files/${file.id}`, { token });
      expect(answer.error.code).toBe('forbidden');
    }
    await call(server.url, `GET /api/rooms/${room.id}`, { token });
    const events = await until(async () => {
      const found = (await listed('security-events', { userId: stranger.id })).events;
      const total = found.reduce((sum: number, { count }: any) => sum + count, 0);
      return total === TRIES + 1 && found;
    });
    // More than one only where a minute began meanwhile.
    expect(events.length).toBeLessThanOrEqual(4);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'access_denied', severity: 'low', roomId: room.id, address: '127.0.0.1' }),
    );
    expect(events.map(({ data }: any) => data.command)).toEqual(expect.arrayContaining(['file.delete', 'room.get']));
    const elsewhere = await listed('security-events', { userId: stranger.id, severity: 'medium' });
    expect(elsewhere.events).toEqual([]);
    const ofKind = await listed('security-events', { type: 'access_denied', limit: '100' });
    expect(ofKind.events).toEqual(expect.arrayContaining(events));
  });

  test('keep limits that were reached', async () => {
    const limited = await startServer({ RATE_LIMIT_FACTOR: '0.001' });
    try {
      const { token, id } = await guest(limited.url, 'Hasty');
      const asked = () => call(limited.url, 'GET /api/me', { token });
      await until(async () => (await asked()).error?.code === 'rate_limited');
      await until(async () => {
        const { rows } = await limited.database.query(
          'select data from security_events where user_id = $1 and type = $2',
          [id, 'rate_limited'],
        );
        return rows[0]?.data.command === 'me.get';
      });
    } finally {
      await limited.stop();
    }
  });
});
