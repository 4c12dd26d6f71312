// The administration as people meet it: an administrator finds somebody, bans them, and sees it in the records.
import { expect } from '@jest/globals';
import { call, guest } from '../support/api.ts';
import { bareClient } from '../support/bare-client.ts';
import { until } from '../support/until.ts';
import { barriers, openRoom, picture, settings, test } from './people.ts';
import { openStage } from './stage.ts';

const stage = openStage();

test('an administrator finds somebody, bans them, and sees it in the records', async () => {
  const page = await stage.somebody();
  const eve = await guest(stage.url, 'Eve Mallory');
  for (let i = 0; i < 5; i++) await guest(stage.url, `Guest ${i}`);
  const open = await bareClient(stage.url, eve.token);
  await openRoom(page, stage.url, { name: 'Ada Lovelace' });
  await stage.query(
    `update users set role = 'admin', kind = 'human', password_hash = 'none'
      where id = (select id from users order by created_at desc limit 1)`,
  );
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
  await call(stage.url, 'GET /api/admin/users', { token: (await guest(stage.url, 'Mallory')).token });
  await settings(page).getByRole('button', { name: 'Changes' }).click();
  await settings(page).getByText('user.administered').click();
  await settings(page).getByText('{"role":"user","status":"banned"}').waitFor();
  await picture(page, 'administration-changes');
  expect(await barriers(page)).toEqual([]);
  await settings(page).getByRole('button', { name: 'Security' }).click();
  await settings(page).getByRole('list', { name: 'Security events' }).getByRole('listitem').first().waitFor();
  await picture(page, 'administration-security', ['wide']);
});
