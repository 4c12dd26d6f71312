// The page as people meet it: two and more of them in real browsers on the real server. Pictures of every view go to
// test/output/screenshots.
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createRelativePositionFromTypeIndex } from 'yjs';
import { connect } from '../../src/client/index.ts';
import { call, guest } from '../support/api.ts';
import { until } from '../support/until.ts';
import {
  barriers,
  comeIn,
  editorText,
  makeFile,
  openFile,
  openRoom,
  picture,
  showVersions,
  test,
  untilFetched,
} from './people.ts';
import { CONNECTION_LOST, openStage } from './stage.ts';

const stage = openStage({
  expected: {
    'offline, and while the server restarts': CONNECTION_LOST,
    'code that is asked for offline': /^Failed to load resource: net::ERR_INTERNET_DISCONNECTED at \S+\/assets\/\S+$/,
  },
});

const savedLight = (page: Page) => page.locator('.saved-light');

async function twoInOneFile(text: string): Promise<{ ada: Page; bob: Page }> {
  const ada = await stage.somebody();
  const link = await openRoom(ada, stage.url, { name: 'Ada Lovelace' });
  await makeFile(ada, 'src/main.ts', text);
  const bob = await stage.somebody();
  await comeIn(bob, link, 'Bob');
  await openFile(bob, 'src/main.ts');
  return { ada, bob };
}

/** Somebody comes with the SDK, puts a cursor into the file in front, and is away from the keyboard. */
async function idleCame(page: Page): Promise<void> {
  const { token } = await guest(stage.url, 'Grace');
  const client = connect({ url: stage.url, token });
  try {
    const room = await client.join(new URL(page.url()).pathname.split('/').at(-1) as string);
    const { text, awareness } = room.openPath('src/main.ts');
    const place = createRelativePositionFromTypeIndex(text, 0);
    awareness.setLocalStateField('cursor', { anchor: place, head: place });
    client.setIdle(true);
    await page.getByText('Grace (idle)').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Follow Grace' }).locator('.avatar.idle').waitFor();
    await picture(page, 'idle', ['wide']);
    client.setIdle(false);
    await page.locator('.avatar.idle').waitFor({ state: 'detached' });
  } finally {
    await client.close();
  }
}

describe('coming in', () => {
  test('the start: a name, a code in any writing, a new room; nothing serious in the way of anybody', async () => {
    const ada = await stage.somebody();
    await ada.goto(stage.url);
    await ada.getByRole('button', { name: 'Create room' }).waitFor();
    expect(await barriers(ada)).toEqual([]);
    await picture(ada, 'home');
    const link = await openRoom(ada, stage.url, { name: 'Ada Lovelace' });
    await picture(ada, 'room-empty');
    await ada.getByRole('button', { name: /Copy the link/ }).click();
    await ada.getByText('Link copied').waitFor();
    expect(await ada.evaluate('navigator.clipboard.readText()')).toBe(link);
    await ada.goto(stage.url);
    await ada.getByRole('link', { name: /Algorithms, Tuesday/ }).waitFor();
    await picture(ada, 'home-known');
    const code = link.slice(-9).toLowerCase().replace('-', ' ');
    await ada.getByLabel('Room code').fill(` ${code} `);
    await ada.getByRole('button', { name: 'Join' }).click();
    await ada.getByText('The room is empty').waitFor();
    expect(ada.url()).toBe(link);
  });

  test('by link the name is asked for once; a code that leads nowhere says so', async () => {
    const bob = await stage.somebody();
    await bob.goto(`${stage.url}/r/AAAA-2222`);
    await bob.getByLabel('Your name').waitFor();
    await picture(bob, 'name');
    await comeIn(bob, bob.url(), 'Bob');
    await bob.getByText('No open room has this code').waitFor();
    expect(await barriers(bob)).toEqual([]);
    await picture(bob, 'room-unavailable');
    await bob.goto(`${stage.url}/r/no-code`);
    await bob.getByText('No open room has this code').waitFor();
    const { token } = await guest(stage.url, 'Owner');
    const { data } = await call(stage.url, 'POST /api/rooms', { token, body: { name: 'Small', maxParticipants: 1 } });
    await bob.goto(`${stage.url}/r/${data.room.roomCode}`);
    await bob.getByText('The room is full').waitFor();
    await picture(bob, 'room-full', ['wide']);
  });

  test('a private room: knock, be let in, be given the right to write', async () => {
    const ada = await stage.somebody();
    const link = await openRoom(ada, stage.url, { name: 'Ada Lovelace', visibility: 'Private' });
    await makeFile(ada, 'notes.md', '# Notes\n');
    const bob = await stage.somebody();
    await comeIn(bob, link, 'Bob');
    await bob.getByText('This room is private').waitFor();
    await picture(bob, 'knocking');
    await ada.getByRole('button', { name: 'Show', exact: true }).click();
    await ada.getByLabel('Role for Bob').selectOption('viewer');
    await picture(ada, 'knocked');
    await ada.getByRole('button', { name: 'Let in' }).click();
    await bob.getByText('Read only: you are a viewer').waitFor();
    await picture(bob, 'read-only');
    await ada.getByLabel('Role of Bob').selectOption('collaborator');
    await bob.getByText('Read only').waitFor({ state: 'detached' });
    await bob.getByRole('textbox', { name: 'Text of notes.md' }).click();
    await bob.keyboard.press('Control+End');
    await bob.keyboard.type('Bob was here');
    await ada.getByText('Bob was here').waitFor();
  });
});

describe('writing together', () => {
  test('two type at once and converge; cursors have names; the light is true', async () => {
    const { ada, bob } = await twoInOneFile('// from Ada\n\n// from Bob\n');
    await ada.locator('.cm-line', { hasText: 'from Ada' }).click();
    await ada.keyboard.press('End');
    await bob.locator('.cm-line', { hasText: 'from Bob' }).click();
    await bob.keyboard.press('End');
    await Promise.all([
      ada.keyboard.type(' one two three four', { delay: 10 }),
      bob.keyboard.type(' five six seven', { delay: 10 }),
    ]);
    const wanted = '// from Ada one two three four\n\n// from Bob five six seven\n';
    await until(async () => (await editorText(ada)) === wanted && (await editorText(bob)) === wanted, {
      what: 'both texts',
    });
    await ada.locator('.remote-flag', { hasText: 'Bob' }).waitFor();
    await bob.locator('.remote-flag', { hasText: 'Ada Lovelace' }).waitFor();
    await until(async () => (await savedLight(ada).textContent()) === 'Saved', { what: 'saved' });
    // Undo takes back one's own words only.
    await ada.keyboard.press('Control+z');
    await until(async () => !(await editorText(bob)).includes('four'), { what: 'undone' });
    expect(await editorText(bob)).toContain('five six seven');
    expect(await barriers(ada)).toEqual([]);
    await picture(ada, 'room');
    await idleCame(ada);
  });

  test('following goes where the other one’s cursor is, into another file too', async () => {
    const { ada, bob } = await twoInOneFile('export const x = 1;\n');
    await makeFile(bob, 'far/away.ts', `${'// line\n'.repeat(200)}// the end`);
    await ada.getByRole('group', { name: 'People in the room' }).getByRole('button', { name: 'Follow Bob' }).click();
    await ada.getByRole('textbox', { name: 'Text of far/away.ts' }).waitFor();
    await ada.getByText('// the end').waitFor();
    await openFile(bob, 'src/main.ts');
    await ada.getByRole('textbox', { name: 'Text of src/main.ts' }).waitFor();
    await ada.keyboard.press('Escape');
  });

  test('offline: editing goes on, nothing is lost, and the page says where it stands', async () => {
    const { ada, bob } = await twoInOneFile('let a = 1;\n');
    await untilFetched(ada);
    await ada.context().setOffline(true);
    await ada.locator('.banner.warn').waitFor();
    await ada.getByRole('textbox', { name: 'Text of src/main.ts' }).click();
    await ada.keyboard.press('Control+End');
    await ada.keyboard.type('let offline;');
    await ada.locator('.saved-light.not_saved', { hasText: /12 edits/ }).waitFor();
    await picture(ada, 'offline');
    await bob.locator('.cm-content').click();
    await bob.keyboard.press('Control+Home');
    await bob.keyboard.type('// meanwhile ');
    await ada.context().setOffline(false);
    await ada.locator('.banner.good').waitFor();
    await picture(ada, 'reconnected', ['wide']);
    const wanted = '// meanwhile let a = 1;\nlet offline;';
    await until(async () => (await editorText(ada)) === wanted && (await editorText(bob)) === wanted, {
      what: 'both texts',
    });
    await until(async () => (await savedLight(ada).textContent()) === 'Saved', { what: 'saved' });
  });

  test('offline: colours that could not be fetched for a file come when the network is back', async () => {
    const page = await stage.somebody();
    await openRoom(page, stage.url, { name: 'Ada Lovelace' });
    await page.route('**/assets/*.js', (route) => route.abort('internetdisconnected'));
    const failed = page.waitForEvent('requestfailed');
    await makeFile(page, 'first.py', 'print("plain")\n');
    await failed;
    await page.context().setOffline(true);
    await page.locator('.banner.warn').waitFor();
    expect(await page.locator('.cm-line span', { hasText: '"plain"' }).count()).toBe(0);
    await page.unroute('**/assets/*.js');
    await page.context().setOffline(false);
    await page.locator('.cm-line span', { hasText: '"plain"' }).waitFor();
    expect(await editorText(page)).toBe('print("plain")\n');
  });

  test('a server that restarts: the page waits and goes on', async () => {
    const { ada, bob } = await twoInOneFile('let a = 1;\n');
    await Promise.all([untilFetched(ada), untilFetched(bob)]);
    const restarted = stage.server.restart();
    await ada
      .locator('.banner')
      .filter({ hasText: /restarting|Offline/ })
      .waitFor();
    await picture(ada, 'draining', ['wide']);
    await restarted;
    await ada.getByText('Back online').waitFor();
    await ada.locator('.cm-content').click();
    await ada.keyboard.type('x');
    await until(async () => (await savedLight(ada).textContent()) === 'Saved', { what: 'saved' });
  });
});

describe('running', () => {
  test('both see the output; an error leads to its place; a second run waits; a run can be cancelled', async () => {
    const { ada, bob } = await twoInOneFile(
      "console.log('to all');\nconsole.error('careful');\nthrow new Error('no');\n",
    );
    await ada.keyboard.press('Control+Enter');
    for (const page of [ada, bob]) {
      const output = page.getByRole('log');
      await output.getByText('to all').waitFor();
      await output.getByText('stderr').waitFor();
      await page.locator('.run-status.failed').waitFor();
    }
    await picture(ada, 'run-failed');
    await ada.getByRole('button', { name: /src\/main\.ts:3/ }).click();
    await ada.getByText(/Ln 3, Col/).waitFor();
    await makeFile(ada, 'slow.js', "let n = 0;\nsetInterval(() => console.log('tick', n++), 50);\n");
    await ada.keyboard.press('Control+Enter');
    await ada.getByRole('log').getByText('tick 3').waitFor();
    await picture(ada, 'run-running');
    await ada.keyboard.press('Control+Enter');
    await ada.locator('.run-status.queued').waitFor();
    await picture(ada, 'run-queued', ['wide']);
    await ada.getByRole('button', { name: 'Cancel', exact: true }).click();
    await ada.locator('.run-line .run-status.cancelled').waitFor();
    await ada.getByRole('tab', { name: /Runs/ }).click();
    await picture(ada, 'runs');
    await ada.getByRole('button', { name: 'Stop' }).click();
    await ada.getByRole('button', { name: 'Run', exact: true }).waitFor();
  });
});

describe('getting around', () => {
  test('by keyboard: palette, quick open, panels, tree; rename and delete', async () => {
    const { ada } = await twoInOneFile('export {};\n');
    await ada.keyboard.press('Control+Shift+P');
    await ada.getByRole('combobox', { name: 'Commands' }).waitFor();
    expect(await barriers(ada)).toEqual([]);
    await picture(ada, 'palette');
    await ada.keyboard.type('show people');
    await ada.keyboard.press('Enter');
    await ada.getByRole('heading', { name: 'People' }).waitFor();
    await picture(ada, 'people');
    await ada.keyboard.press('Control+Shift+E');
    await ada.getByRole('treeitem', { name: 'main.ts' }).focus();
    await ada.keyboard.press('F2');
    await ada.keyboard.type('start');
    await ada.keyboard.press('Enter');
    await ada.getByRole('tab', { name: 'start.ts' }).waitFor();
    await ada.keyboard.press('Control+p');
    await ada.keyboard.type('sta');
    await ada.keyboard.press('Enter');
    await ada.keyboard.press('F6');
    expect(await ada.evaluate('document.activeElement?.closest("[data-panel]")?.dataset.panel')).toBeTruthy();
    await ada.getByRole('treeitem', { name: 'start.ts' }).focus();
    await ada.keyboard.press('Delete');
    await ada.getByRole('dialog', { name: 'Delete src/start.ts?' }).waitFor();
    await picture(ada, 'delete');
    await ada.getByRole('button', { name: 'Delete', exact: true }).click();
    await ada.getByText('The room is empty').waitFor();
  });

  test('history shows earlier versions; a closed room stays readable', async () => {
    const { ada, bob } = await twoInOneFile('let first = 1;\n');
    const versions = await showVersions(ada);
    await versions.first().click();
    await ada.getByRole('textbox', { name: 'Earlier text of src/main.ts' }).getByText('let first').waitFor();
    expect(await barriers(ada)).toEqual([]);
    await picture(ada, 'history');
    await ada.getByRole('button', { name: 'Room menu' }).click();
    await picture(ada, 'menu', ['wide']);
    await ada.getByRole('menuitem', { name: /Close the room/ }).click();
    await ada.getByRole('button', { name: 'Close the room' }).click();
    await bob.getByText('This room was closed').waitFor();
    await picture(bob, 'room-closed');
  });
});
