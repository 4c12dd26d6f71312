// The profile and the preferences: what others see of somebody, and what somebody's own devices do.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { DEFAULT_PREFERENCES } from '../../../src/protocol/default-preferences.ts';
import { call } from '../../support/api.ts';
import { type BareClient, openDoc } from '../../support/bare-client.ts';
import { until } from '../../support/until.ts';
import { type House, openHouse } from '../people.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const codeOf = async (client: BareClient, name: string, input: object): Promise<string> =>
  (await client.call(name, input)).error?.code ?? 'ok';

describe('the profile', () => {
  test('is changed in part, and told to the other devices of its owner', async () => {
    const ada = await house.somebody('Ada');
    const [phone, stranger] = [await house.another(ada.token), (await house.somebody()).client];
    expect(await ada.client.ask('me.get')).toEqual({
      user: { id: ada.id, displayName: 'Ada', kind: 'guest' },
      profile: { avatarUrl: null, country: null, memberSince: expect.any(String), role: 'user' },
    });
    await ada.client.ask('me.update', { country: 'KOR', avatarUrl: 'https://example.org/ada.webp' });
    const changed = await ada.client.ask('me.update', { displayName: '  Ada L. ', avatarUrl: null });
    expect(changed).toMatchObject({ user: { displayName: 'Ada L.' }, profile: { avatarUrl: null, country: 'KOR' } });
    expect(await phone.event('me.changed', ({ user }) => user.displayName === 'Ada L.')).toEqual(changed);
    expect(await phone.ask('me.get')).toEqual(changed);
    await stranger.ask('me.get');
    expect(stranger.events).toEqual([]);
  });

  test.each([
    { displayName: '' },
    { displayName: 'a\u202eb' },
    { country: 'Korea' },
    { country: 'XXX' },
    { avatarUrl: 'http://example.org/a.png' },
    { avatarUrl: 'javascript:alert(1)' },
    { avatarUrl: 'https://user:word@example.org/a.png' },
    { avatarUrl: `https://example.org/${'a'.repeat(500)}` },
  ])('takes no %j', async (wish) => {
    const ada = await house.somebody('Ada');
    expect(await codeOf(ada.client, 'me.update', wish)).toBe('invalid_input');
    expect((await ada.client.ask('me.get')).user.displayName).toBe('Ada');
  });

  test('a new name shows in the list of people, at the cursor, at the door, and in what is opened later', async () => {
    const room = await house.room();
    const { token } = room.owner;
    const fileOf = async (path: string): Promise<string> =>
      (await call(house.url, `POST /api/rooms/${room.id}/files`, { token, body: { path } })).data.file.id;
    const [first, later] = [await fileOf('first.js'), await fileOf('later.js')];
    const ada = await room.member();
    const seen = new Awareness(new Y.Doc());
    room.owner.client.socket.on('doc.awareness', ({ update }: { update: ArrayBuffer }) =>
      applyAwarenessUpdate(seen, new Uint8Array(update), 'server'),
    );
    const names = (): string[] => [...seen.getStates().values()].map(({ user }) => user?.name);
    const point = async (fileId: string): Promise<void> => {
      await openDoc(room.owner.client, fileId);
      const { doc } = await openDoc(ada.client, fileId);
      const own = new Awareness(doc);
      own.setLocalState({ cursor: fileId });
      ada.client.socket.emit('doc.awareness', { fileId, update: encodeAwarenessUpdate(own, [doc.clientID]) });
      own.destroy();
    };
    await point(first);
    await until(() => names().includes('Member'), { what: 'the cursor' });

    await ada.client.ask('me.update', { displayName: 'Ada' });
    const isAda = ({ participant }: any): boolean => participant.userId === ada.id;
    const { participant } = await room.owner.client.event('participant.changed', isAda);
    expect(participant).toMatchObject({ displayName: 'Ada', online: true });
    await until(() => names().includes('Ada') && !names().includes('Member'), { what: 'the name at the cursor' });
    await point(later);
    await until(() => names().filter((name) => name === 'Ada').length === 2, { what: 'the name at the other cursor' });
    expect(names()).not.toContain('Member');

    const locked = await house.room({ visibility: 'private' });
    await ada.client.call('room.join', locked.entry);
    const { user } = await locked.owner.client.event('room.knocked');
    expect(user).toEqual({ id: ada.id, displayName: 'Ada', kind: 'guest' });
    seen.destroy();
  });
});

describe('preferences', () => {
  test('are what is usual until somebody chooses; changes are merged and reach all devices', async () => {
    const ada = await house.somebody();
    const phone = await house.another(ada.token);
    expect(await ada.client.ask('preferences.get')).toEqual({ preferences: DEFAULT_PREFERENCES });
    const wishes = [
      { theme: 'dark', editor: { fontSize: 18 } },
      { editor: { lineWrap: true }, timeZone: 'Asia/Seoul', language: 'ko' },
      { notifications: { knocks: false }, preferredPersona: 'reviewer', voiceEnabled: true },
    ];
    // At once: none overwrites what another one changed.
    await Promise.all(wishes.map((wish) => ada.client.ask('preferences.set', wish)));
    const wanted = {
      ...DEFAULT_PREFERENCES,
      theme: 'dark',
      timeZone: 'Asia/Seoul',
      language: 'ko',
      notifications: { ...DEFAULT_PREFERENCES.notifications, knocks: false },
      editor: { ...DEFAULT_PREFERENCES.editor, fontSize: 18, lineWrap: true },
      preferredPersona: 'reviewer',
      voiceEnabled: true,
    };
    expect((await phone.ask('preferences.get')).preferences).toEqual(wanted);
    const told = phone.events.filter(({ name }) => name === 'preferences.changed');
    expect(told.at(-1)?.payload.preferences).toEqual(wanted);
    const { preferences } = await ada.client.ask('preferences.set', { preferredPersona: null });
    expect(preferences.preferredPersona).toBeNull();
  });

  test('what is not known is dropped, and the answer says what holds', async () => {
    const ada = await house.somebody();
    const wish = { theem: 'dark', editor: { fontsize: 13, tabWidth: 8 } };
    const { preferences } = await ada.client.ask('preferences.set', wish);
    const { editor } = DEFAULT_PREFERENCES;
    expect(preferences).toEqual({ ...DEFAULT_PREFERENCES, editor: { ...editor, tabWidth: 8 } });
  });

  test.each([
    { theme: 'blue' },
    { editor: { fontSize: 400 } },
    { editor: { keys: 'ed' } },
    { editor: null },
    { language: 'english please' },
    { language: 'EN' },
    { timeZone: 'Mars/Olympus' },
    { timeZone: '+09:00' },
    { preferredPersona: 'nobody' },
    { ui: { reduceMotion: 'yes' } },
    { avatar: { model: '<script>' } },
  ])('%j is refused', async (wish) => {
    const ada = await house.somebody();
    expect(await codeOf(ada.client, 'preferences.set', { theme: 'dark', ...wish })).toBe('invalid_input');
    expect((await ada.client.ask('preferences.get')).preferences).toEqual(DEFAULT_PREFERENCES);
  });
});

test('countries and personas are there to choose from', async () => {
  const { countries } = (await call(house.url, 'GET /api/countries')).data;
  expect(countries.length).toBeGreaterThan(240);
  expect(countries).toContainEqual({ code: 'KOR', name: { en: 'South Korea', ko: '대한민국' }, flag: '🇰🇷' });
  const { client } = await house.somebody();
  const { personas } = await client.ask('persona.list');
  expect(personas.map(({ id }: { id: string }) => id)).toContain('reviewer');
  expect(Object.keys(personas[0])).toEqual(['id', 'name', 'description']);
});
