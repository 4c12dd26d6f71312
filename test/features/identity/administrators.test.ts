// The operator's way to the first administrator: a command of its own, while the server runs.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answered, call } from '../../support/api.ts';
import { PASSWORD } from '../../support/password.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type Owner, ownerOf } from './owner.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

let server: TestServer;
let owner: Owner;

beforeAll(async () => {
  server = await startServer();
  owner = ownerOf(server);
});
afterAll(() => server.stop());

/** @param input what standard input has */
async function admin(input: string, ...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['src/admin-command.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], DATABASE_URL: server.database.url },
    stdio: 'pipe',
  });
  let said = '';
  child.stdout.on('data', (piece) => {
    said += String(piece);
  });
  child.stderr.on('data', (piece) => {
    said += String(piece);
  });
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

const login = (name: string, password = PASSWORD): Promise<Answered> =>
  call(server.url, 'POST /api/session/login', { body: { login: name, password } });

test('makes an administrator with the password of standard input, once', async () => {
  const made = await admin(`${PASSWORD}\n`, 'create', 'root-ada');
  expect(made).toEqual({ code: 0, said: 'root-ada administers this server, and can log in now.\n' });
  const { token } = (await login('Root-Ada')).data;
  expect((await call(server.url, 'GET /api/account', { token })).data.account.role).toBe('admin');
  const again = await admin(PASSWORD, 'create', 'ROOT-ada');
  expect(again).toMatchObject({ code: 1, said: expect.stringContaining('npm run admin -- promote ROOT-ada') });
  const [row] = await owner.rows("select * from audit_logs where action = 'user.registered'");
  expect(row).toMatchObject({ user_id: null, new_values: { username: 'root-ada', role: 'admin' } });
});

test('makes a password where none is given, and shows it once', async () => {
  const { code, said } = await admin('', 'create', 'root-bea');
  const [, password = ''] = /^The password, shown this once: (\S{40,})\n$/m.exec(said) ?? [];
  expect({ code, status: (await login('root-bea', password)).status }).toEqual({ code: 0, status: 200 });
});

test('makes somebody an administrator who has an account, and nobody else', async () => {
  await owner.account('bob');
  expect(await admin('', 'promote', 'Bob')).toEqual({ code: 0, said: 'Bob administers this server.\n' });
  expect(await owner.rows("select role from users where username = 'bob'")).toEqual([{ role: 'admin' }]);
  const [row] = await owner.rows("select * from audit_logs where action = 'user.promoted'");
  expect(row).toMatchObject({ user_id: null, old_values: { role: 'user' }, new_values: { role: 'admin' } });
  expect(await admin('', 'promote', 'nobody')).toEqual({ code: 1, said: 'There is no account "nobody".\n' });
});

test.each([
  { what: 'a password on the command line', args: ['create', 'eve', PASSWORD], message: 'Only the name is given here' },
  { what: 'a weak password', args: ['create', 'eve'], input: 'short', message: 'The password has fewer than 10 char' },
  { what: 'a name that is none', args: ['create', 'e@e'], input: PASSWORD, message: 'The user name has characters' },
  { what: 'nothing to do', args: [], message: 'Use: npm run admin -- create NAME' },
])('refuses $what', async ({ args, input = '', message }) => {
  const { code, said } = await admin(input, ...args);
  expect(code).toBe(1);
  expect(said).toContain(message);
  expect(await owner.rows("select from users where username = 'eve'")).toEqual([]);
});
