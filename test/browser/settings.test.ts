// The settings as people meet them: a name that changes everywhere, preferences on two devices, and a bot from its first
// token to its last.
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { connect } from '../../src/client/index.ts';
import { until } from '../support/until.ts';
import { barriers, comeIn, editorText, makeFile, openRoom, openSettings, picture, settings, test } from './people.ts';
import { openStage } from './stage.ts';

const stage = openStage();

/** Another browser of the same person. */
async function otherDevice(page: Page, address: string): Promise<Page> {
  const other = await stage.somebody();
  const stored = await page.evaluate(`localStorage.getItem('coderoom.person')`);
  await other.addInitScript(`localStorage.setItem('coderoom.person', ${JSON.stringify(stored)})`);
  await other.context().addCookies(await page.context().cookies(`${stage.url}/api/session/refresh`));
  await other.goto(address);
  return other;
}

const rootStyle = (page: Page, name: string) =>
  page.evaluate(`getComputedStyle(document.documentElement).getPropertyValue('${name}')`);

test('a name is changed, and the others see it at once', async () => {
  const ada = await stage.somebody();
  const link = await openRoom(ada, stage.url, { name: 'Ada' });
  const bob = await stage.somebody();
  await comeIn(bob, link, 'Bob');
  await bob.getByRole('button', { name: 'Follow Ada' }).first().waitFor();
  await openSettings(ada, 'Profile');
  await settings(ada).getByText('You are here as a guest').waitFor();
  await settings(ada).getByLabel('Name').fill('Ada Lovelace');
  await settings(ada).getByLabel('Country').selectOption('GBR');
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'settings-profile');
  await settings(ada).getByRole('button', { name: 'Save' }).click();
  await settings(ada).getByText('Saved.').waitFor();
  await bob.getByRole('button', { name: 'Follow Ada Lovelace' }).first().waitFor();
  await ada.keyboard.press('Escape');
  await settings(ada).waitFor({ state: 'detached' });
  await ada.reload();
  await ada.getByText('The room is empty').waitFor();
  await openSettings(ada, 'Profile');
  expect(await settings(ada).getByLabel('Name').inputValue()).toBe('Ada Lovelace');
  expect(await settings(ada).getByLabel('Country').inputValue()).toBe('GBR');
  await settings(ada).getByRole('button', { name: 'Bots and tokens' }).click();
  await settings(ada).getByText('Bots need an account').waitFor();
  await picture(ada, 'settings-bots-guest', ['wide']);
});

test('preferences hold at once, in the editor that is open, on the other device, and after a reload', async () => {
  const ada = await stage.somebody();
  const link = await openRoom(ada, stage.url, { name: 'Ada' });
  await makeFile(ada, 'long.js', `// ${'a long line '.repeat(60)}`);
  const tablet = await otherDevice(ada, link);
  await tablet.getByRole('treeitem', { name: 'long.js' }).click();
  const lines = tablet.locator('.cm-lineNumbers');
  await lines.waitFor();
  expect(await tablet.locator('.cm-lineWrapping').count()).toBe(0);

  await openSettings(ada, 'Preferences');
  await settings(ada).getByRole('heading', { name: 'Editor' }).waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'settings-preferences');
  await settings(ada).getByRole('switch', { name: 'Wrap long lines' }).click();
  await tablet.locator('.cm-lineWrapping').waitFor();
  await settings(ada).getByRole('switch', { name: 'Line numbers' }).click();
  await lines.waitFor({ state: 'detached' });
  for (let i = 0; i < 5; i++) await settings(ada).getByRole('button', { name: 'Size of the text: more' }).click();
  await until(async () => (await rootStyle(tablet, '--size-code')) === '18px', { what: 'larger letters' });
  await settings(ada).getByText('Dark', { exact: true }).click();
  const darkness = (page: Page) => page.evaluate('document.documentElement.dataset.theme');
  await until(async () => (await darkness(tablet)) === 'dark', { what: 'the dark theme' });
  await picture(tablet, 'settings-in-effect', ['wide']);

  await tablet.reload();
  await tablet.locator('.cm-lineWrapping').waitFor();
  expect(await rootStyle(tablet, '--size-code')).toBe('18px');
  // The button of the page is the same setting.
  await tablet.getByRole('button', { name: 'Use the light theme' }).click();
  await until(async () => (await darkness(ada)) !== 'dark', { what: 'the light theme' });
});

test('the keys of the editor, how dates are written, and which notices come', async () => {
  const ada = await stage.somebody();
  const link = await openRoom(ada, stage.url, { name: 'Ada', visibility: 'Private' });
  await makeFile(ada, 'a.txt', 'one two');
  await openSettings(ada, 'Preferences');
  await settings(ada).getByLabel('Keys').selectOption('Emacs');
  await settings(ada).getByLabel('Written as in').selectOption('de');
  await settings(ada).getByLabel('Time zone').selectOption('Asia/Tokyo');
  await settings(ada)
    .getByText(/^Now: \p{L}+tag|^Now: Mittwoch/u)
    .waitFor();
  await settings(ada).getByRole('switch', { name: 'Somebody asks to come in' }).click();
  await picture(ada, 'settings-preferences-below');
  await ada.keyboard.press('Escape');

  await ada.getByRole('textbox', { name: 'Text of a.txt' }).click();
  // The page would hide its side panel with the one, and open a file with the other.
  for (const key of ['Control+a', 'Control+b', 'Control+p']) await ada.keyboard.press(key);
  await ada.keyboard.type('zero ');
  await ada.keyboard.press('Control+k');
  expect(await editorText(ada)).toBe('zero ');
  await ada.getByRole('treeitem', { name: 'a.txt' }).waitFor();

  const bob = await stage.somebody();
  await comeIn(bob, link, 'Bob');
  await bob.getByText('This room is private').waitFor();
  await ada.getByRole('button', { name: 'Ada (you): show people' }).click();
  await ada.getByRole('region', { name: 'Asking to come in' }).getByText('Bob').waitFor();
  expect(await ada.locator('.notice').count()).toBe(0);
});

test('a bot: made, given a token, seen in the room, revoked, gone', async () => {
  const ada = await stage.somebody();
  const link = await openRoom(ada, stage.url, { name: 'Ada Lovelace' });
  await stage.query(`update users set kind = 'human', password_hash = 'none'
    where id = (select id from users order by created_at desc limit 1)`);
  await ada.reload();
  await ada.getByText('The room is empty').waitFor();
  await openSettings(ada, 'Bots and tokens');
  await settings(ada).getByLabel('Name of your first bot').waitFor();
  await picture(ada, 'settings-bots-none');
  await settings(ada).getByLabel('Name of your first bot').fill('Reviewer');
  await ada.keyboard.press('Enter');
  await settings(ada).getByRole('button', { name: 'New token for Reviewer' }).click();
  await ada.keyboard.type('The build server');
  await settings(ada).getByText('run code').click();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'settings-token-form');
  await settings(ada).getByRole('button', { name: 'Make token' }).click();
  await settings(ada).getByRole('button', { name: 'Copy the token' }).click();
  await settings(ada).getByRole('button', { name: 'Copied the token' }).waitFor();
  const token = String(await ada.evaluate('navigator.clipboard.readText()'));
  expect(token).toMatch(/^crt_[0-9A-Za-z]{49}$/);
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'settings-token-once');
  await settings(ada).getByRole('button', { name: 'I have it' }).click();
  expect(await settings(ada).innerText()).not.toContain(token);

  const bot = connect({ url: stage.url, token });
  const room = await bot.join(link.slice(-9));
  expect(room.me).toMatchObject({ displayName: 'Reviewer', kind: 'bot', role: 'collaborator' });
  await ada.keyboard.press('Escape');
  await ada.getByRole('button', { name: 'Ada Lovelace (you): show people' }).click();
  const people = ada.getByRole('region', { name: /^Here/ });
  await people.getByText('Reviewer').waitFor();
  await people.getByText('bot', { exact: true }).waitFor();
  await picture(ada, 'people-bot', ['wide']);

  await openSettings(ada, 'Bots and tokens');
  await settings(ada).getByText('in 1 room now').waitFor();
  await settings(ada).getByText('used just now', { exact: true }).waitFor();
  await settings(ada).getByRole('button', { name: 'Revoke The build server' }).click();
  await picture(ada, 'settings-token-revoke', ['wide']);
  await ada.getByRole('button', { name: 'Revoke the token' }).click();
  await settings(ada).getByText('crt_…').waitFor({ state: 'detached' });
  await until(() => bot.state === 'ended', { what: 'the end of the bot’s connection' });
  await ada.keyboard.press('Escape');
  await ada.getByRole('region', { name: 'Here (1)' }).waitFor();
  await bot.close();
});
