// One's own data: taken along whole, by a link that is for nobody else; and erased, while the work of the room stays.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSecrets } from '../../../src/db/secrets.ts';
import { exportTickets } from '../../../src/features/identity/export-tickets.ts';
import { call } from '../../support/api.ts';
import { openDoc } from '../../support/bare-client.ts';
import type { TestDatabase } from '../../support/db.ts';
import { storedLink } from '../../support/email.ts';
import { PASSWORD } from '../../support/password.ts';
import { until } from '../../support/until.ts';
import { type House, openHouse, type Visitor } from '../people.ts';

let house: House;
let db: TestDatabase;

beforeAll(async () => {
  house = await openHouse();
  db = house.db;
});
afterAll(() => house.close());

async function download(person: Visitor): Promise<{ response: Response; data: any }> {
  const { path } = await person.client.ask('me.export');
  const response = await fetch(house.url + path);
  return { response, data: response.ok ? await response.json() : undefined };
}

describe('an export', () => {
  test('is a file with everything of the person, and nothing of others or of use to a thief', async () => {
    const room = await house.room();
    const ada = await room.member();
    const { file } = await ada.client.ask('file.create', { roomId: room.id, path: 'ada.js', content: 'let a;' });
    const { doc, text, saved } = await openDoc(ada.client, file.id);
    text.insert(0, '// mine\n');
    await Promise.all(saved);
    doc.destroy();
    const link = await storedLink(db, { userId: ada.id, purpose: 'verify' });
    const { response, data } = await download(ada);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="coderoom-data-[\d-]+\.json"$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(data).toMatchObject({ format: 'coderoom-personal-data/1', userId: ada.id, email: null });
    expect(data.unverifiedEmail).toBe(`${ada.id}@example.org`);
    expect(data.rows.users).toMatchObject([{ id: ada.id, display_name: 'Member', kind: 'guest' }]);
    expect(data.rows.files.map(({ path }: any) => path)).toEqual(['ada.js']);
    expect(data.rows.session_participants).toMatchObject([{ session_id: room.id, role: 'collaborator' }]);
    expect(data.rows.document_updates.length).toBeGreaterThan(0);
    expect(data.rows.audit_logs.map(({ action }: any) => action)).toEqual(
      expect.arrayContaining(['room.joined', 'file.created', 'user.exported']),
    );
    const whole = JSON.stringify(data);
    expect(whole).not.toContain(ada.token);
    expect(whole).not.toContain(link);
    expect(whole).not.toMatch(/"(token_hash|password_hash)"/);
  });

  test('of much is whole', async () => {
    const ada = await house.somebody();
    await db.query(
      `insert into notifications (user_id, type, title, message) select $1, 't', 'n ' || g, repeat('x', 10000)
       from generate_series(1, 1500) g`,
      [ada.id],
    );
    const { data } = await download(ada);
    expect(data.rows.notifications).toHaveLength(1500);
  });

  test('has a link that is nobody else’s, cannot be made up, and grows old', async () => {
    const ada = await house.somebody();
    const { path, expiresAt } = await ada.client.ask('me.export');
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(5 * 60_000);
    for (const wrong of [`${path.slice(0, -2)}AA`, '/api/exports/x', '/api/exports/%00', `/api/exports/${ada.id}`]) {
      expect(await call(house.url, `GET ${wrong}`)).toMatchObject({ status: 404, error: { code: 'not_found' } });
    }
    let now = 0;
    const tickets = exportTickets(openSecrets({ keys: undefined, folder: undefined }), () => now);
    const { ticket } = tickets.issue(ada.id);
    expect(tickets.read(ticket)).toBe(ada.id);
    now += 5 * 60_000;
    expect(tickets.read(ticket)).toBeUndefined();
    expect(exportTickets(openSecrets({ keys: undefined, folder: undefined })).read(ticket)).toBeUndefined();
  });
});

describe('an erasure', () => {
  test('takes the name and the ways in, and leaves the work; the others see it at once', async () => {
    const room = await house.room();
    const ada = await room.member();
    const { file } = await ada.client.ask('file.create', { roomId: room.id, path: 'work.js', content: 'kept' });
    await ada.client.ask('me.update', { displayName: 'Ada Byron' });
    const wrong = await ada.client.call('me.erase', { displayName: 'Bob' });
    expect(wrong.error.code).toBe('invalid_input');
    expect(await ada.client.ask('me.erase', { displayName: 'Ada Byron' })).toEqual({
      roomsHandedOver: 0,
      roomsClosed: 0,
    });
    const left = await room.owner.client.event(
      'participant.left',
      ({ participants }) => participants[0].userId === ada.id,
    );
    expect(left.participants[0].displayName).toBe('Erased user');
    expect(await call(house.url, 'GET /api/me', { token: ada.token })).toMatchObject({ status: 401 });
    const { content } = await room.owner.client.ask('file.content', { fileId: file.id });
    expect(content).toBe('kept');
    const { rows } = await db.query('select * from users where id = $1', [ada.id]);
    expect(rows[0]).toMatchObject({ display_name: 'Erased user', status: 'inactive', password_hash: null });
    const { rows: versions } = await db.query('select created_by from files where id = $1', [file.id]);
    expect(versions[0].created_by).toBe(ada.id);
    const { participants } = await room.owner.client.ask('room.get', { roomId: room.id });
    expect(participants.map(({ userId }: any) => userId)).not.toContain(ada.id);
  });

  test('leaves the name nowhere in the database', async () => {
    const NAME = 'Unmistakable Nightingale';
    const room = await house.room();
    const eve = await house.somebody(NAME);
    await eve.client.ask('room.join', room.entry);
    await eve.client.ask('account.upgrade', {
      username: 'nightingale-7',
      password: PASSWORD,
      email: 'nightingale@example.org',
    });
    const again = await call(house.url, 'POST /api/session/login', {
      body: { login: 'nightingale-7', password: PASSWORD },
    });
    const { token } = again.data;
    const refused = await call(house.url, 'POST /api/me/erase', { token, body: { displayName: NAME } });
    expect(refused.error.code).toBe('invalid_input');
    const wrong = await call(house.url, 'POST /api/me/erase', { token, body: { password: `${PASSWORD}!` } });
    expect(wrong.error.code).toBe('wrong_credentials');
    const erased = await call(house.url, 'POST /api/me/erase', { token, body: { password: PASSWORD } });
    expect(erased).toMatchObject({ ok: true });
    const { rows: tables } = await db.query(
      `select c.relname as name from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rowCount } = await db.query(`select from "${name}" t where t::text ~* 'nightingale'`);
      if (rowCount) found.push(name);
    }
    expect(found).toEqual([]);
    const login = { login: 'nightingale-7', password: PASSWORD };
    expect(await call(house.url, 'POST /api/session/login', { body: login })).toMatchObject({ status: 401 });
  });

  test('hands rooms over, or closes them, and ends the bots', async () => {
    const room = await house.room();
    const heir = await room.member('collaborator');
    const lonely = (await room.owner.client.ask('room.create', { name: 'Lonely' })).room;
    await db.query(
      `insert into users (kind, bot_owner_id, username, display_name) values ('bot', $1, 'bot-of-owner', 'Robby')`,
      [room.owner.id],
    );
    const done = await room.owner.client.ask('me.erase', { displayName: 'Owner' });
    expect(done).toEqual({ roomsHandedOver: 1, roomsClosed: 1 });
    const { room: now } = await heir.client.ask('room.get', { roomId: room.id });
    expect(now.ownerId).toBe(heir.id);
    const { rows } = await db.query('select ended_at from coding_sessions where id = $1', [lonely.id]);
    expect(rows[0].ended_at).not.toBeNull();
    const { rows: bots } = await db.query('select display_name, status from users where bot_owner_id = $1', [
      room.owner.id,
    ]);
    expect(bots).toEqual([{ display_name: 'Erased user', status: 'inactive' }]);
    await until(async () => {
      const { rows: audit } = await db.query(
        `select new_values from audit_logs where action = 'user.erased' and user_id = $1`,
        [room.owner.id],
      );
      return audit[0]?.new_values.roomsHandedOver === 1;
    });
  });
});
