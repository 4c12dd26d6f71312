// What the page shows while the server has not answered, when it refuses, and when it answers again.
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../support/until.ts';
import { signUp } from './accounts.ts';
import { type Answers, interceptAnswers } from './answers.ts';
import { barriers, makeFile, openRoom, openSettings, picture, settings, test } from './people.ts';
import { openStage } from './stage.ts';

const stage = openStage();

interface Somebody {
  readonly page: Page;
  readonly answers: Answers;
}

async function somebody(): Promise<Somebody> {
  const page = await stage.somebody();
  return { page, answers: await interceptAnswers(page) };
}

const again = (page: Page) => page.getByRole('button', { name: 'Try again' });

test('what could not be loaded says why, and comes when it is tried again, by keyboard alone', async () => {
  const { page, answers } = await somebody();
  await openRoom(page, stage.url, { name: 'Ada' });
  answers.set('me.get', 'refuse');
  await openSettings(page, 'Profile');
  const alert = settings(page).getByRole('alert');
  await alert.getByText('The profile could not be loaded. The server cannot do this at the moment.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'load-failed');

  answers.set('me.get', 'hold');
  await again(page).focus();
  await page.keyboard.press('Enter');
  await settings(page).getByRole('status').getByText('Loading the profile…').waitFor();
  expect(await alert.count()).toBe(0);
  await picture(page, 'loading');
  answers.held('me.get')[0]?.refuse();
  await alert.waitFor();
  // Where it was pressed before.
  await page.locator('button:focus', { hasText: 'Try again' }).waitFor();

  answers.set('me.get', undefined);
  await page.keyboard.press('Enter');
  await settings(page).getByLabel('Name').waitFor();
  expect(await alert.count()).toBe(0);
});

test('whatever hinders, it is said once that one may try again: by the button', async () => {
  const { page, answers } = await somebody();
  await openRoom(page, stage.url, { name: 'Ada' });
  // Who one is and what one prefers is asked for when one comes in.
  await until(() => answers.count('me.get') === 1, { what: 'the question of the page itself' });
  answers.set('me.get', 'hold');
  await openSettings(page, 'Profile');
  const alert = settings(page).getByRole('alert');
  const reasons = [
    [{ code: 'unavailable' }, 'The server cannot do this at the moment.'],
    [{ code: 'internal' }, 'The server made an error and has noted it.'],
    [{ code: 'timeout' }, 'The server did not answer in time.'],
    [{ code: 'offline' }, 'The server could not be reached. Check the network.'],
    [{ code: 'rate_limited', details: { retryAfterMs: 300_000 } }, 'That was too often. Wait 5 minutes.'],
    [{ code: 'not_found' }, 'Refused.'],
  ] as const;
  for (const [index, [error, reason]] of reasons.entries()) {
    await until(() => answers.held('me.get').length === index + 1, { what: 'a question' });
    answers.held('me.get')[index]?.refuse(error);
    await alert.waitFor();
    expect(await alert.innerText()).toBe(`The profile could not be loaded. ${reason} Try again ${error.code}`);
    await again(page).click();
    await alert.waitFor({ state: 'detached' });
  }
});

test('an answer to an earlier question changes nothing', async () => {
  const { page, answers } = await somebody();
  await openRoom(page, stage.url, { name: 'Ada' });
  await makeFile(page, 'a.txt', 'one');
  answers.set('file.versions', 'hold');
  await page.getByRole('button', { name: 'History' }).first().click();
  await until(() => answers.held('file.versions').length === 1, { what: 'the first question' });
  await page.getByRole('button', { name: 'Load the versions again' }).click();
  await until(() => answers.held('file.versions').length === 2, { what: 'the second question' });
  const [first, second] = answers.held('file.versions');
  first?.refuse();
  second?.pass();
  const versions = page.getByText('No versions yet').or(page.getByRole('button', { name: /^Snapshot/ }));
  await versions.first().waitFor();
  expect(await again(page).count()).toBe(0);
});

test('a token that is shown once stays where the list of tokens cannot be loaded after it', async () => {
  const { page, answers } = await somebody();
  await signUp(page, stage.url, { username: 'ada' });
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await settings(page).getByRole('button', { name: 'Bots and tokens' }).click();
  await settings(page).getByRole('button', { name: 'New token of your own' }).click();
  await page.keyboard.type('The build server');
  answers.set('token.list', 'refuse');
  await page.keyboard.press('Enter');
  await settings(page).getByRole('button', { name: 'Copy the token' }).waitFor();
  await settings(page).getByText('Your bots could not be loaded.').waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'load-stale');
  answers.set('token.list', undefined);
  await again(page).click();
  await settings(page).getByText('crt_…').waitFor();
  expect(await settings(page).getByRole('alert').count()).toBe(0);
  await settings(page).getByRole('button', { name: 'Copy the token' }).waitFor();
});
