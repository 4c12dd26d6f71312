// Going back to an earlier version on the page, while somebody else has the file open.
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import {
  barriers,
  comeIn,
  editorText,
  launchBrowser,
  makeFile,
  openFile,
  openRoom,
  person,
  picture,
  test,
} from './people.ts';

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  server = await startServer();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test('an earlier version is looked at and restored, for everybody; what was there before is in the history', async () => {
  const { page: ada } = await person(browser);
  const { page: bob } = await person(browser);
  const link = await openRoom(ada, server.url, { name: 'Ada' });
  await makeFile(ada, 'main.js', 'let first = 1;');
  await ada.getByRole('button', { name: 'History' }).click();
  const snapshots = ada.getByRole('button', { name: /Snapshot/ });
  const again = ada.getByRole('button', { name: 'Load the versions again' });
  const listed = async (): Promise<boolean> => {
    if ((await snapshots.count()) === 0) await again.click();
    return (await snapshots.count()) > 0;
  };
  await until(listed, { what: 'a version', timeoutMs: 20_000 });
  await comeIn(bob, link, 'Bob');
  await openFile(bob, 'main.js');
  await bob.getByRole('textbox', { name: 'Text of main.js' }).click();
  await bob.keyboard.press('Control+A');
  await bob.keyboard.insertText('all is different');
  await ada.getByText('all is different').waitFor();
  await snapshots.last().click();
  await ada.getByRole('textbox', { name: 'Earlier text of main.js' }).waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'version');
  await ada.getByRole('button', { name: 'Restore this version' }).click();
  await ada.getByText('is back. What was there before').waitFor();
  await until(async () => (await editorText(bob)) === 'let first = 1;', { what: 'the text at the other one' });
  await again.click();
  await ada.getByRole('button', { name: /Restored/ }).waitFor();
  await picture(ada, 'version-restored');
});
