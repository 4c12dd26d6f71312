// The README is what a stranger has: what it says must be so.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { roomWithFile } from './support/api.ts';
import { startServer } from './support/server.ts';
import { README, withSettings } from './support/settings-table.ts';

const readme = fs.readFileSync(README, 'utf8');
const root = path.dirname(README);

test('the table of settings is the configuration', () => {
  expect(withSettings(readme)).toBe(readme);
});

test('the bot is the one that is tested, and has at most 20 lines', () => {
  const bot = fs.readFileSync(path.join(root, 'test/client/example-bot.ts'), 'utf8').trim();
  expect(readme).toContain(bot);
  expect(bot.split('\n').length).toBeLessThanOrEqual(20);
});

test('the bot does what it says', async () => {
  const server = await startServer();
  const { room } = await roomWithFile(server.url, { content: 'console.log(6 * 7);' });
  const bot = spawn(process.execPath, ['test/client/example-bot.ts', server.url, room.roomCode], { cwd: root });
  let output = '';
  bot.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const code = await new Promise((resolve) => bot.once('exit', resolve));
  expect({ code, output }).toEqual({ code: 0, output: '42\nhello from a bot\n' });
  await server.stop();
});

test('its picture and its links lead somewhere', () => {
  const links = [...readme.matchAll(/\]\(([\w./-]+)\)/g)].map(([, link]) => link as string);
  expect(links).toContain('docs/room.png');
  expect(links.filter((link) => !fs.existsSync(path.join(root, link)))).toEqual([]);
});

test('every folder and file it names is there', () => {
  const named = [...readme.matchAll(/^\| `((?:src|test|migrations|docker)[\w./-]*)` \|/gm)].map(
    ([, name]) => name as string,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !fs.existsSync(path.join(root, name)))).toEqual([]);
  const folders = fs
    .readdirSync(path.join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => `src/${name}`).filter((name) => !named.includes(name))).toEqual([]);
});
