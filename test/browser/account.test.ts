// Accounts as people meet them: signing up, coming back, leaving, coming in again, and ending a session elsewhere.
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { PASSWORD } from '../support/password.ts';
import { dialog, enterPassword, logIn } from './accounts.ts';
import { barriers, comeIn, openRoom, picture, test } from './people.ts';
import { openStage, refused } from './stage.ts';

const stage = openStage({
  expected: {
    'a password that is too short': refused(400, '/api/account'),
    'a wrong password': refused(401, '/api/session/login'),
    'a user name that is taken': refused(409, '/api/account/upgrade'),
  },
});

const menuOf = (page: Page, name: string, kind: 'guest' | 'account') =>
  page.getByRole('button', { name: `${name}: ${kind}` });

async function openSessions(page: Page, name: string): Promise<void> {
  await menuOf(page, name, 'account').click();
  await page.getByRole('menuitem', { name: 'Account and sessions' }).click();
  await page.getByRole('heading', { name: 'Where you are signed in' }).waitFor();
}

/** What any script on the page can read. */
const readable = (page: Page) => page.evaluate('document.cookie + JSON.stringify(localStorage)') as Promise<string>;

test('a person registers, reloads, logs out, logs in again, sees the sessions and ends the other one', async () => {
  const ada = await stage.somebody();
  await ada.goto(stage.url);
  await ada.getByLabel('Your name').fill('Ada Lovelace');
  await ada.getByRole('button', { name: 'Sign up' }).click();
  await dialog(ada).getByLabel('User name').fill('ada');
  await dialog(ada).getByLabel('Password', { exact: true }).fill('too short');
  await ada.keyboard.press('Enter');
  await dialog(ada).getByText('This has fewer than 10 characters.').waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'account-sign-up');
  await dialog(ada).getByLabel('Password', { exact: true }).fill(PASSWORD);
  await ada.keyboard.press('Enter');
  await menuOf(ada, 'Ada Lovelace', 'account').waitFor();
  await picture(ada, 'account-home');

  await ada.reload();
  await ada.getByText('No open rooms yet').waitFor();
  const kept = await readable(ada);
  expect(kept).toContain('Ada Lovelace');
  expect(kept).not.toMatch(/coderoom_session|[\w-]{40}/);

  await menuOf(ada, 'Ada Lovelace', 'account').click();
  await picture(ada, 'account-menu', ['wide']);
  await ada.getByRole('menuitem', { name: 'Log out' }).click();
  await ada.getByRole('button', { name: 'Sign up' }).waitFor();
  await ada.reload();
  await ada.getByRole('button', { name: 'Sign up' }).waitFor();

  await logIn(ada, 'ada', 'wrong horse battery');
  await dialog(ada).getByText('The name or the password is not right.').waitFor();
  await picture(ada, 'account-log-in');
  await dialog(ada).getByLabel('Password', { exact: true }).fill(PASSWORD);
  await ada.keyboard.press('Enter');
  await menuOf(ada, 'Ada Lovelace', 'account').waitFor();

  const phone = await stage.somebody({
    userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1',
  });
  await phone.goto(stage.url);
  await logIn(phone, 'Ada');
  await phone.getByText('No open rooms yet').waitFor();
  await openSessions(ada, 'Ada Lovelace');
  await dialog(ada).getByText('Safari on iOS').waitFor();
  await dialog(ada).getByText('this one').waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'account-sessions');
  await dialog(ada).getByRole('button', { name: 'End the session: Safari on iOS' }).click();
  await dialog(ada).getByText('Safari on iOS').waitFor({ state: 'detached' });
  await phone.reload();
  await phone.getByRole('button', { name: 'Sign up' }).waitFor();
});

test('a guest keeps the work by making an account, and finds it from another browser', async () => {
  const guest = await stage.somebody();
  const link = await openRoom(guest, stage.url, { name: 'Grace' });
  await menuOf(guest, 'Grace', 'guest').click();
  await guest.getByRole('menuitem', { name: 'Make an account' }).click();
  await dialog(guest).getByText('Keep your work').waitFor();
  await dialog(guest).getByLabel('User name').fill('ada');
  await dialog(guest).getByLabel('Password', { exact: true }).fill(PASSWORD);
  await guest.keyboard.press('Enter');
  await dialog(guest).getByText('This user name is taken.').waitFor();
  await picture(guest, 'account-upgrade');
  await dialog(guest).getByLabel('User name').fill('grace');
  await guest.keyboard.press('Enter');
  await menuOf(guest, 'Grace', 'account').waitFor();
  await guest.getByText('The room is empty').waitFor();
  await picture(guest, 'account-room');
  await guest.reload();
  await guest.getByText('The room is empty').waitFor();

  const other = await stage.somebody();
  await comeIn(other, link, 'Stranger');
  await other.getByText('The room is empty').waitFor();
  await menuOf(other, 'Stranger', 'guest').click();
  await other.getByRole('menuitem', { name: 'Log in' }).click();
  await dialog(other).getByText('stays with that guest').waitFor();
  await enterPassword(other, 'grace');
  await menuOf(other, 'Grace', 'account').waitFor();
  await other.goto(stage.url);
  await other.getByText('Algorithms, Tuesday').waitFor();
});
