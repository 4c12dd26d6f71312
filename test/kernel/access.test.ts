// Every command × every kind of person, over both transports: allowed exactly as the table says, the same answer either
// way, and facts for what changes something.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { may, PERMISSIONS } from '../../src/kernel/access.ts';
import { type CommandName, commands } from '../../src/protocol/index.ts';
import {
  COMMAND_NAMES,
  declarationOf,
  MEMBERS,
  openStage,
  overHttp,
  PEOPLE,
  type Person,
  type Stage,
  validInput,
} from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** What the declaration and the table of permissions promise: a code, or `ok`. */
function promised(name: CommandName, person: Person): string {
  const { access } = declarationOf(name);
  if (access.scope === 'anyone') return 'ok';
  if (person === 'nobody') return 'unauthenticated';
  if (access.scope === 'user') return 'ok';
  if (access.scope === 'admin' || access.scope === 'account') return person === 'owner' ? 'ok' : 'forbidden';
  if (person === 'stranger' || person === 'banned') return 'forbidden';
  return may(person, access.action) ? 'ok' : 'forbidden';
}

const codeOf = (answer: { ok: boolean; error?: { code: string } }): string => (answer.ok ? 'ok' : answer.error!.code);

async function facts(): Promise<number> {
  return Number((await stage.db.query('select count(*) from audit_logs')).rows[0].count);
}

/** An answer with everything removed that differs from one call to the next. */
function timeless(answer: any): unknown {
  const { status: _, ...rest } = answer;
  const text = JSON.stringify(rest)
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/"lastFour":"\w+"/g, '"lastFour":"<end>"')
    .replace(/"(token|refreshToken)":"[^"]+"/g, '"$1":"<token>"')
    .replace(/"phone":"[^"]+"/g, '"phone":"<number>"')
    .replace(/exports\/[\w-]+/g, 'exports/<ticket>')
    .replace(/"(ended|roomsClosed|roomsHandedOver)":\d+/g, '"$1":null')
    .replace(/[2-9A-Z]{4}-[2-9A-Z]{4}/g, '<code>')
    .replace(/"position":\d+/g, '"position":null')
    .replace(/folder\/file-\d+/g, '<file>')
    .replace(/guest-[0-9a-f]{16}/g, '<guest>');
  return JSON.parse(text);
}

test('the table: who may do what', () => {
  expect(Object.fromEntries(MEMBERS.map((role) => [role, [...PERMISSIONS[role]].sort().join(' ')]))).toEqual({
    viewer: 'file.read room.leave room.read',
    participant: 'file.read room.leave room.read run.cancel run.start',
    collaborator: 'file.delete file.read file.write room.leave room.read run.cancel run.start',
    owner:
      'file.delete file.read file.write load.read room.leave room.manage room.read room.reopen run.cancel run.start settings.read',
  });
});

describe.each(COMMAND_NAMES)('%s', (name) => {
  test.each(PEOPLE)(
    'by %s: as declared, the same on both transports, with a fact exactly where it mutates',
    async (person) => {
      const wanted = promised(name, person);
      const token = stage.tokenOf(person);
      const input = await validInput(stage, name, person);
      const before = await facts();
      const http = await overHttp(stage, name, { input, token });
      expect(codeOf(http)).toBe(wanted);
      const between = await facts();
      if (person !== 'nobody') {
        const again = await validInput(stage, name, person);
        const since = await facts();
        const socket = await (await stage.socketOf(person)).call(name, again);
        expect(codeOf(socket)).toBe(wanted);
        // Runs of the calls before go on meanwhile.
        if (name !== 'run.list' && name !== 'run.load') expect(timeless(socket)).toEqual(timeless(http));
        expect((await facts()) > since).toBe(wanted === 'ok' && commands[name].mutates);
      }
      expect(between > before).toBe(wanted === 'ok' && commands[name].mutates);
    },
  );
});
