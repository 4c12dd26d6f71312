// The administration as people meet it: an administrator finds somebody, bans them, and sees it in the records.
import { afterAll, beforeAll, expect } from '@jest/globals';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { call, guest } from '../support/api.ts';
import { bareClient } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { barriers, launchBrowser, openRoom, type Person, person, picture, test } from './people.ts';

let server: TestServer;
let browser: Browser;
let ada: Person;

beforeAll(async () => {
  server = await startServer();
  browser = await launchBrowser();
  ada = await person(browser);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
  expect(ada.complaints).toEqual([]);
});

const settings = (page: Page) => page.getByRole('dialog', { name: 'Settings' });

test('an administrator finds somebody, bans them, and sees it in the records', async () => {
  const { page } = ada;
  const eve = await guest(server.url, 'Eve Mallory');
  for (let i = 0; i < 5; i++) await guest(server.url, `Guest ${i}`);
  const open = await bareClient(server.url, eve.token);
  await openRoom(page, server.url, { name: 'Ada Lovelace' });
  const db = new pg.Client({ connectionString: server.database.url });
  await db.connect();
  await db.query(
    `update users set role = 'admin', kind = 'human', password_hash = 'none'
      where id = (select id from users order by created_at desc limit 1)`,
  );
  await db.end();
  await page.reload();
  await page.getByText('The room is empty').waitFor();
  await page.getByRole('button', { name: 'Room menu' }).click();
  await page.getByRole('menuitem', { name: /Settings/ }).click();
  await settings(page).getByRole('button', { name: 'Users' }).click();
  await settings(page).getByText('Guest 4').waitFor();
  await picture(page, 'administration-users');
  await settings(page).getByLabel('Find users').fill('mallory');
  await settings(page).getByText('Guest 4').waitFor({ state: 'detached' });
  await settings(page).getByRole('button', { name: 'Ban Eve Mallory' }).click();
  await page.getByRole('button', { name: 'Ban', exact: true }).click();
  await settings(page).getByText('banned').waitFor();
  await until(() => !open.socket.connected, { what: 'Eve to be cut off' });
  expect(await barriers(page)).toEqual([]);

  // What is refused to her is a security event.
  await call(server.url, 'GET /api/admin/users', { token: (await guest(server.url, 'Mallory')).token });
  await settings(page).getByRole('button', { name: 'Changes' }).click();
  await settings(page).getByText('user.administered').click();
  await settings(page).getByText('{"role":"user","status":"banned"}').waitFor();
  await picture(page, 'administration-changes');
  expect(await barriers(page)).toEqual([]);
  await settings(page).getByRole('button', { name: 'Security' }).click();
  await settings(page).getByRole('list', { name: 'Security events' }).getByRole('listitem').first().waitFor();
  await picture(page, 'administration-security', ['wide']);
});
