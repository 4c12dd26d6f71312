// Runs as people meet them on the page: every language, a program that asks, tests, earlier runs, statistics.
import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { call } from '../support/api.ts';
import { FakeDocker } from '../support/fake-docker.ts';
import { until } from '../support/until.ts';
import { barriers, makeFile, openRoom, picture, test } from './people.ts';
import { openStage } from './stage.ts';

let docker: FakeDocker;

const stage = openStage({
  settings: async (opened) => {
    docker = new FakeDocker();
    opened.defer(() => docker.close());
    docker.images = ['bash:5'];
    return { SECRET_KEYS: `1:${randomBytes(32).toString('base64')}`, SANDBOX_CONTAINERS: docker.address };
  },
});

async function inRoom(): Promise<Page> {
  const page = await stage.somebody();
  await openRoom(page, stage.url, { name: 'Ada Lovelace' });
  return page;
}

const output = (page: Page) => page.getByRole('log');
const tab = (page: Page, name: RegExp) => page.getByRole('tab', { name });

/** A program in each language and its output; one that the server has and this list has not is a mistake of the list. */
const PROGRAMS: Readonly<Record<string, readonly [text: string, output: string]>> = {
  javascript: ['console.log(6 * 7);\n', '42'],
  typescript: ['enum Answer { Given = 6 * 7 + 1 }\nconst answer: number = Answer.Given;\nconsole.log(answer);\n', '43'],
  python: ['print(6 * 7 + 2)\n', '44'],
  sql: ['select 6 * 7 + 3 as answer;\n', '45'],
  bash: ['echo $((6 * 7 + 4))\n', '46'],
};

test('a file of every language that is available runs', async () => {
  const page = await inRoom();
  const { data } = await call(stage.url, 'GET /api/languages');
  const available = data.languages.filter((language: any) => language.available);
  expect(available.map(({ id }: any) => id).sort()).toEqual(Object.keys(PROGRAMS).sort());
  for (const { id, extensions } of available) {
    const [text, result] = PROGRAMS[id]!;
    const file = `answer${extensions[0]}`;
    await makeFile(page, file, text);
    await page.keyboard.press('Control+Enter');
    const line = page.locator('.run-line', { has: page.locator('.run-entry', { hasText: file }) });
    // On a machine that has not run Python yet its memory is made first.
    await line.locator('.run-status.completed').waitFor({ timeout: 60_000 });
    await output(page).getByText(result, { exact: true }).first().waitFor();
    await picture(page, `run-${id}`, ['wide']);
  }
});

test('a language that cannot run here says why, before the run', async () => {
  const page = await inRoom();
  await makeFile(page, 'main.go', 'package main\n');
  const button = page.getByRole('button', { name: 'Run', exact: true });
  await until(async () => /image.*golang/.test((await button.getAttribute('title')) ?? ''), { what: 'the reason' });
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await page.keyboard.press('Control+Enter');
  await page
    .getByText(/image.*golang/)
    .first()
    .waitFor();
  await picture(page, 'run-unavailable');
});

test('a program that asks: the line to answer in has the keyboard; the end of the input; arguments', async () => {
  const page = await inRoom();
  const code = `const name = prompt('What is your name?');\nconsole.log('Hello,', name);\nfor (;;) {\n  const line = readline();\n  if (line === null) break;\n  console.log('You said', line);\n}\nconsole.log(args.join('|'));\n`;
  await makeFile(page, 'ask.js', code);
  await page.keyboard.press('Control+Enter');
  const line = page.getByLabel('Input for the program');
  await line.waitFor();
  await page.locator('.run-line').getByText('Waits for input').waitFor();
  const focused = 'document.activeElement?.getAttribute("aria-label")';
  await until(async () => (await page.evaluate(focused)) === 'Input for the program', {
    what: 'the keyboard in the line',
  });
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'run-input');
  await line.focus();
  await page.keyboard.type('Grace');
  await page.keyboard.press('Enter');
  await output(page).getByText('Hello, Grace').waitFor();
  await page.keyboard.type('more');
  await page.keyboard.press('Enter');
  await output(page).getByText('You said more').waitFor();
  await picture(page, 'run-input-answered', ['wide']);
  await line.focus();
  await page.keyboard.press('Control+d');
  await page.locator('.run-line .run-status.completed').waitFor();
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('arguments');
  await page.keyboard.press('Enter');
  await page.getByLabel('Arguments, one on each line').fill('one\ntwo words');
  await page.getByLabel('What the program reads').fill('Given\n');
  await page.getByLabel('More can be typed').uncheck();
  await picture(page, 'run-dialog');
  await page.getByRole('button', { name: 'Run', exact: true }).last().click();
  await output(page).getByText('one|two words').waitFor();
});

test('Python: it asks, and its traceback leads to the lines in its files', async () => {
  const page = await inRoom();
  await makeFile(page, 'half.py', 'def half(n):\n    return n / 2\n');
  await makeFile(page, 'ask.py', 'from half import half\n\nname = input("Who? ")\nprint("Hello,", name)\nhalf(name)\n');
  await page.locator('.cm-line span', { hasText: 'import' }).first().waitFor(); // coloured: the language is loaded
  await page.keyboard.press('Control+Enter');
  await output(page).getByText('Who?').waitFor({ timeout: 20_000 });
  await page.locator('.run-line').getByText('Waits for input').waitFor();
  await page.getByLabel('Input for the program').fill('Grace');
  await page.keyboard.press('Enter');
  await output(page).getByText('Hello, Grace').waitFor();
  await page.getByRole('button', { name: 'half.py:2:12' }).waitFor();
  await page.getByText('Stack', { exact: true }).click();
  await picture(page, 'run-traceback', ['wide']);
  await page.getByRole('button', { name: 'ask.py", line 5' }).click();
  await page.getByText(/Ln 5, Col/).waitFor();
});

test('a part of a file runs, and its error leads to the line in the file', async () => {
  const page = await inRoom();
  await makeFile(page, 'part.js', `throw new Error('not this');\nconsole.log('this');\nnull.missing;\n`);
  await page.locator('.cm-line', { hasText: "console.log('this')" }).click();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+Control+End');
  await page.keyboard.press('Control+Shift+Enter');
  await output(page).getByText('this').first().waitFor();
  await page
    .getByRole('button', { name: /part\.js:3/ })
    .first()
    .click();
  await page.getByText(/Ln 3, Col/).waitFor();
});

test('tests of a file: made, run, one fails and shows why, changed, passed', async () => {
  const page = await inRoom();
  await makeFile(
    page,
    'sum.js',
    `const sum = readline().split(' ').map(Number).reduce((a, b) => a + b);\nconsole.log('sum', sum);\n`,
  );
  await tab(page, /Tests/).click();
  await page.getByText('This file has no tests yet').waitFor();
  await picture(page, 'tests-empty', ['wide']);
  const add = async (name: string, input: string, expected: string) => {
    await page.getByRole('button', { name: 'New test' }).click();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Input', { exact: true }).fill(input);
    await page.getByLabel('Expected output').fill(expected);
    await page.getByRole('button', { name: 'Add test' }).click();
    await page.locator('.test-name', { hasText: name }).waitFor();
  };
  await add('Two numbers', '1 2', 'sum 3');
  await add('Negative', '5 -7', 'sum 2');
  await page.getByRole('button', { name: 'Run all' }).click();
  await page.getByText('1 of 2 passed').first().waitFor({ timeout: 20_000 });
  await page.getByText('Other output').waitFor();
  await page.locator('.differs.had', { hasText: 'sum -2' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'tests');
  await page.locator('.test', { hasText: 'Negative' }).getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('Expected output').fill('sum -2');
  await picture(page, 'tests-form');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('.test-form').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Run all' }).click();
  await page.getByText('2 of 2 passed').first().waitFor({ timeout: 20_000 });
  await tab(page, /Output/).click();
  await picture(page, 'tests-output', ['wide']);
});

test('earlier runs: after a reload with their output, found by a filter, run again; and what they say together', async () => {
  const page = await inRoom();
  await makeFile(page, 'first.js', `console.log('from the first');\nconsole.error('and an error');\n`);
  await page.keyboard.press('Control+Enter');
  await page.locator('.run-line .run-status.completed').waitFor();
  await makeFile(page, 'second.ts', `throw new Error('always');\n`);
  await page.keyboard.press('Control+Enter');
  await page.locator('.run-line .run-status.failed').waitFor();
  await page.reload();
  await output(page).getByText('always').first().waitFor();
  await tab(page, /Runs/).click();
  await page.getByLabel('State').selectOption({ label: 'Completed' });
  await until(async () => (await page.locator('table.runs tbody tr').count()) === 1, { what: 'one run in the list' });
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'runs-filtered');
  await page.locator('table.runs').getByRole('button', { name: 'first.js' }).click();
  const streams = output(page).locator('.stream');
  await output(page).getByText('from the first').waitFor();
  expect(await streams.evaluateAll((all) => all.map((each) => each.className))).toEqual([
    'stream stdout',
    'stream stderr',
  ]);
  await page.getByRole('button', { name: /Run this again/ }).click();
  await page.getByRole('button', { name: 'Show all' }).waitFor({ state: 'detached' });
  await page.locator('.run-line .run-status.completed').waitFor();
  await tab(page, /Statistics/).click();
  await page.getByText('By language').waitFor();
  await page.getByText('sandboxes ready').waitFor();
  const sandboxes = page.getByRole('table', { name: /^Sandboxes right now, with [\d.]+ MB of memory/ });
  await sandboxes
    .getByRole('row', { name: /^Of this room \d+ [\d.]+ MB \d/ })
    .first()
    .waitFor();
  const total = page.getByLabel('Altogether');
  await until(async () => /Runs\s*3/.test((await total.textContent()) ?? ''), { what: 'three runs counted' });
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'statistics');
  await page.getByLabel('Language').selectOption({ label: 'TypeScript' });
  await until(async () => /Runs\s*1/.test((await total.textContent()) ?? ''), { what: 'one run counted' });
});

test('environments: an administrator makes one with a variable, the room chooses it, runs have it', async () => {
  const page = await inRoom();
  await makeFile(page, 'environment.js', "console.log('in', env.PLACE);\n");
  const { rows } = await stage.query('select owner_id from coding_sessions order by created_at desc');
  await stage.query(`update users set role = 'admin' where id = $1`, [rows[0].owner_id]);
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('environments');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'New environment' }).click();
  await page.getByLabel('Name', { exact: true }).fill('With a place');
  await page.getByLabel('Variables to set').fill('PLACE=a quiet room');
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'environment-form', ['wide']);
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByRole('button', { name: 'Retire With a place' }).waitFor();
  await page.getByLabel('Environment for JavaScript').selectOption({ label: 'With a place' });
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'environments');
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.keyboard.press('Control+Enter');
  await output(page).getByText('in a quiet room').waitFor();
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('environments');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'New environment' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Own image');
  await page.getByLabel('Language').selectOption({ label: 'Bash' });
  await page.getByLabel('Image of a container').fill('docker.io/library/bash:5');
  await page.getByLabel('Variables to set').fill('PLACE=a container');
  await picture(page, 'environment-image', ['wide']);
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByLabel('Environment for Bash').selectOption({ label: 'Own image' });
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await makeFile(page, 'place.sh', 'echo "$PLACE"\n');
  await page.keyboard.press('Control+Enter');
  await output(page).getByText('a container').waitFor();
  expect(docker.specs.at(-1)?.Image).toBe('docker.io/library/bash:5');
});
