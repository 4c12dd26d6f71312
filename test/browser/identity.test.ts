// An account from its first day: made, logged in to, with a bot that joins; an address that is proven, and a password that
// was forgotten, by letters that went over SMTP.
import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { connect } from '../../src/client/index.ts';
import { linkIn, type Mailbox, openMailbox } from '../support/mailbox.ts';
import { PASSWORD } from '../support/password.ts';
import { accountOf, dialog, enterPassword, logIn, signUp } from './accounts.ts';
import { barriers, openSettings, picture, test } from './people.ts';
import { openStage, refused } from './stage.ts';

let mailbox: Mailbox;

const stage = openStage({
  settings: async (opened) => {
    mailbox = await openMailbox();
    opened.defer(() => mailbox.close());
    return { SMTP_URL: `smtp://127.0.0.1:${mailbox.port}` };
  },
  expected: {
    'a link that was used': refused(404, '/api/account/email/verify'),
    'a password that is too short': refused(400, '/api/account/password/reset'),
    'a wrong password, and an account that is gone': refused(401, '/api/session/login'),
  },
});

async function openAccount(page: Page, name: string): Promise<void> {
  await accountOf(page, name).click();
  await page.getByRole('menuitem', { name: 'Account and sessions' }).click();
}

/** Where the letter's link leads on this server; its PUBLIC_URL cannot know the port of a test. */
const here = (href: string): string => href.replace(/^https?:\/\/[^/]+/, stage.url);

test('a person registers, logs in, makes a bot and its token, and sees the bot join', async () => {
  const ada = await stage.somebody();
  await signUp(ada, stage.url, { username: 'ada' });
  await accountOf(ada, 'ada').click();
  await ada.getByRole('menuitem', { name: 'Log out' }).click();
  await ada.getByRole('button', { name: 'Sign up' }).waitFor();
  await logIn(ada, 'ada');
  await accountOf(ada, 'ada').waitFor();

  await ada.getByLabel('Room name').fill('Algorithms');
  await ada.getByRole('button', { name: 'Create room' }).click();
  await ada.getByText('The room is empty').waitFor();
  const code = ada.url().slice(-9);
  await openSettings(ada, 'Bots and tokens');
  await dialog(ada).getByLabel('Name of your first bot').fill('Reviewer');
  await ada.keyboard.press('Enter');
  await dialog(ada).getByRole('button', { name: 'New token for Reviewer' }).click();
  await ada.keyboard.type('The build server');
  await dialog(ada).getByRole('button', { name: 'Make token' }).click();
  await dialog(ada).getByRole('button', { name: 'Copy the token' }).click();
  await dialog(ada).getByRole('button', { name: 'Copied the token' }).waitFor();
  const token = String(await ada.evaluate('navigator.clipboard.readText()'));
  await dialog(ada).getByRole('button', { name: 'I have it' }).click();
  await ada.keyboard.press('Escape');
  await ada.getByRole('button', { name: 'ada (you): show people' }).click();

  const bot = connect({ url: stage.url, token });
  await bot.join(code);
  const people = ada.getByRole('region', { name: 'Here (2)' });
  await people.getByText('Reviewer').waitFor();
  await people.getByText('bot', { exact: true }).waitFor();
  await bot.close();
  await ada.getByRole('region', { name: 'Here (1)' }).waitFor();
});

test('an address is proven by the link of the letter, and the letter can be had again', async () => {
  const bea = await stage.somebody();
  await signUp(bea, stage.url, { username: 'bea', email: 'bea@example.org' });
  await mailbox.letterTo('bea@example.org');
  await openAccount(bea, 'bea');
  await dialog(bea).getByText('not confirmed yet').waitFor();
  expect(await barriers(bea)).toEqual([]);
  await picture(bea, 'account-email-waiting');
  await dialog(bea).getByRole('button', { name: 'Send it again' }).click();
  const { href } = linkIn(await mailbox.letterTo('bea@example.org', 1));

  // In another browser, where nobody is known.
  const phone = await stage.somebody();
  await phone.goto(here(href));
  await phone.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
  expect(phone.url()).toBe(`${stage.url}/account/verify`);
  expect(await barriers(phone)).toEqual([]);
  await picture(phone, 'account-verified');
  await phone.getByRole('button', { name: 'Log in' }).click();
  await enterPassword(phone, 'bea@example.org');
  await accountOf(phone, 'bea').waitFor();

  const again = await stage.somebody();
  await again.goto(here(href));
  await again.getByText('was used, or is over').waitFor();
  await picture(again, 'account-not-verified', ['wide']);

  await bea.reload();
  await accountOf(bea, 'bea').waitFor();
  await openAccount(bea, 'bea');
  await dialog(bea).getByText('bea@example.org').waitFor();
  await dialog(bea).getByRole('button', { name: 'Change the address' }).click();
  await dialog(bea).getByLabel('New address').fill('new@example.org');
  await dialog(bea).getByLabel('Current password', { exact: true }).fill('wrong horse battery');
  await bea.keyboard.press('Enter');
  await dialog(bea).getByText('The password is not right.').waitFor();
  await picture(bea, 'account-email-change', ['wide']);
  await dialog(bea).getByLabel('Current password', { exact: true }).fill(PASSWORD);
  await bea.keyboard.press('Enter');
  await dialog(bea).getByText('new@example.org').waitFor();
  await mailbox.letterTo('new@example.org');
});

test('a forgotten password: a letter, a new one, and in', async () => {
  const cem = await stage.somebody();
  await signUp(cem, stage.url, { username: 'cem', email: 'cem@example.org' });
  await cem.goto(here(linkIn(await mailbox.letterTo('cem@example.org')).href));
  await cem.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();

  const other = await stage.somebody();
  await other.goto(stage.url);
  await other.getByRole('button', { name: 'Log in', exact: true }).click();
  await dialog(other).getByRole('button', { name: 'Forgot your password?' }).click();
  await dialog(other).getByLabel('User name or e-mail').fill('cem@example.org');
  expect(await barriers(other)).toEqual([]);
  await picture(other, 'account-forgotten');
  await other.keyboard.press('Enter');
  await dialog(other).getByText('a letter is on its way').waitFor();
  await other.goto(here(linkIn(await mailbox.letterTo('cem@example.org', 1)).href));
  await other.getByLabel('New password', { exact: true }).fill('short');
  await other.keyboard.press('Enter');
  await other.getByText('This has fewer than 10 characters.').waitFor();
  expect(await barriers(other)).toEqual([]);
  await picture(other, 'account-reset');
  await other.getByLabel('New password', { exact: true }).fill('battery staple horse');
  await other.keyboard.press('Enter');
  await accountOf(other, 'cem').waitFor();
  expect(other.url()).toBe(`${stage.url}/`);

  await cem.goto(stage.url);
  await cem.getByRole('button', { name: 'Sign up' }).waitFor();
  await logIn(cem, 'cem');
  await dialog(cem).getByText('The name or the password is not right.').waitFor();
});

test('what the assistant is told first is kept; one’s data comes as a file; and then one is gone', async () => {
  const dora = await stage.somebody();
  await signUp(dora, stage.url, { username: 'dora' });
  await accountOf(dora, 'dora').click();
  await dora.getByRole('menuitem', { name: 'Settings' }).click();
  await dialog(dora).getByRole('button', { name: 'Preferences' }).click();
  await dialog(dora).getByLabel('Who is asked first').selectOption('reviewer');
  await dialog(dora).getByRole('switch', { name: 'Answers are read aloud' }).click();
  await picture(dora, 'settings-assistant', ['wide']);
  await dialog(dora).getByRole('button', { name: 'Account' }).click();
  const downloading = dora.waitForEvent('download');
  await dialog(dora).getByRole('button', { name: 'Download' }).click();
  const file = JSON.parse(await readFile(await (await downloading).path(), 'utf8'));
  const [kept] = file.rows.user_preferences;
  expect(kept).toMatchObject({ preferred_persona_id: 'reviewer', voice_enabled: true });
  expect(JSON.stringify(file)).not.toContain('$2b$');

  await dialog(dora).getByRole('button', { name: 'Erase me…' }).click();
  const sure = dora.getByRole('dialog', { name: 'Erase me' });
  await sure.getByLabel('Current password', { exact: true }).fill('wrong horse battery');
  await dora.keyboard.press('Enter');
  await sure.getByText('The password is not right.').waitFor();
  expect(await barriers(dora)).toEqual([]);
  await picture(dora, 'account-erase');
  await sure.getByLabel('Current password', { exact: true }).fill(PASSWORD);
  await dora.keyboard.press('Enter');
  await dora.getByText('You are erased here').waitFor();
  await logIn(dora, 'dora');
  await dialog(dora).getByText('The name or the password is not right.').waitFor();
  expect(String(await dora.evaluate('JSON.stringify(localStorage)'))).not.toContain('dora');
});
