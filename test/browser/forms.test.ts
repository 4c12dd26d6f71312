// What every form does: it is sent once, says why it was refused, and leads to the field that was.
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { PASSWORD } from '../support/password.ts';
import { until } from '../support/until.ts';
import { interceptAnswers } from './answers.ts';
import { barriers, openRoom, picture, test } from './people.ts';
import { openStage, refused } from './stage.ts';

const stage = openStage({ expected: { 'a user name that cannot be one': refused(400, '/api/account') } });

const dialog = (page: Page) => page.getByRole('dialog');
const button = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true });
/** The field that the next key goes to. */
const focused = (page: Page, label: string) =>
  dialog(page).getByLabel(label, { exact: true }).and(page.locator(':focus'));

test('two clicks send a form once; what was refused is said, with its code, and can be sent again', async () => {
  const page = await stage.somebody();
  const answers = await interceptAnswers(page);
  await openRoom(page, stage.url, { name: 'Ada' });
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('menuitem', { name: 'Room settings' }).click();
  await dialog(page).getByLabel('Name').fill('Algorithms, Friday');
  answers.set('room.update', 'hold');
  await button(page, 'Save').dblclick();
  await page.keyboard.press('Enter');
  await dialog(page).locator('[type=submit][aria-busy=true]').waitFor();
  expect(answers.count('room.update')).toBe(1);
  answers.held('room.update')[0]?.refuse();
  const refusal = dialog(page).getByRole('alert');
  await refusal.getByText('The server cannot do this at the moment.').waitFor();
  await refusal.getByText('unavailable', { exact: true }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'form-refused');
  answers.set('room.update', undefined);
  await button(page, 'Save').click();
  await dialog(page).waitFor({ state: 'detached' });
  await page.getByTitle('Algorithms, Friday').waitFor();
  expect(answers.count('room.update')).toBe(2);
});

test('the first of the refused fields has the focus; one that the form does not show is named', async () => {
  const page = await stage.somebody();
  const answers = await interceptAnswers(page);
  await page.goto(stage.url);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await dialog(page).getByLabel('User name').fill('a b');
  await dialog(page).getByLabel('Password', { exact: true }).fill('too short');
  await page.keyboard.press('Enter');
  await focused(page, 'User name').waitFor();
  expect(await dialog(page).locator('[aria-invalid=true]').count()).toBe(2);
  await page.keyboard.press('End');
  await page.keyboard.type('c');
  expect(await dialog(page).locator('[aria-invalid=true]').count()).toBe(0);
  await dialog(page).getByLabel('User name').fill('ada');
  await dialog(page).getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'ada: account' }).waitFor();

  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await button(page, 'Account').click();
  await button(page, 'Change password…').click();
  await dialog(page).getByLabel('Current password', { exact: true }).fill('wrong horse battery');
  await dialog(page).getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await dialog(page).getByText('The password is not right.').waitFor();
  await focused(page, 'Current password').waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'form-field-refused');

  await button(page, 'Bots and tokens').click();
  await dialog(page).getByLabel('Name of your first bot').fill('Reviewer');
  answers.set('bot.create', 'hold');
  await button(page, 'Make bot').dblclick();
  await until(() => answers.count('bot.create') > 0, { what: 'the form to be sent' });
  answers
    .held('bot.create')[0]
    ?.refuse({ code: 'invalid_input', details: { issues: [{ path: 'kind', message: 'is not known' }] } });
  await dialog(page).getByText('kind: This is not known.').waitFor();
  expect(answers.count('bot.create')).toBe(1);
});
