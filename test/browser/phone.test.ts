// A telephone as people use it: the number of an account, logging in with a code, and a guest whose number becomes the account.
import { expect } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { storedEmail } from '../support/email.ts';
import { PASSWORD } from '../support/password.ts';
import { freshNumber } from '../support/phone-code.ts';
import { openSmsGateway, type SmsGateway } from '../support/sms-gateway.ts';
import { accountOf, dialog, signUp } from './accounts.ts';
import { barriers, openRoom, picture, test } from './people.ts';
import { openStage, refused } from './stage.ts';

let gateway: SmsGateway;

const stage = openStage({
  settings: async (opened) => {
    gateway = await openSmsGateway();
    opened.defer(() => gateway.close());
    return gateway.settings;
  },
  expected: {
    'a second code within a minute': refused(429, '/api/phone/code'),
    'a number without an account, and no name yet': refused(400, '/api/session/phone'),
  },
});

const press = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click();

/** Types a number and asks for a code. @returns the code */
async function askForCode(page: Page, phone: string): Promise<string> {
  const before = gateway.messages.length;
  await dialog(page).getByLabel('Telephone number').fill(phone);
  await page.keyboard.press('Enter');
  await dialog(page).getByText(`A code was sent to ${phone}`).waitFor();
  return gateway.codeSentTo(phone, before);
}

async function enter(page: Page, code: string): Promise<void> {
  await dialog(page).getByLabel('Code', { exact: true }).fill(code);
  await page.keyboard.press('Enter');
}

/** Time passes for all numbers: another code can be had. */
const later = () => stage.query(`update phone_verification_codes set created_at = created_at - interval '1 minute'`);

/** Has a code sent to the number that the account has. @returns the code */
async function askForRelease(within: Locator, phone: string): Promise<string> {
  await later();
  const before = gateway.messages.length;
  await within.getByRole('button', { name: 'Send the code', exact: true }).click();
  await within.getByText(`A code was sent to your present number, ${phone}`).waitFor();
  return gateway.codeSentTo(phone, before);
}

const otherThan = (code: string): string => (code === '000000' ? '000001' : '000000');

test('an account gets a number, and is logged in to from another browser by a code', async () => {
  const ada = await stage.somebody();
  const phone = freshNumber();
  await signUp(ada, stage.url, { username: 'ada', name: 'Ada Lovelace' });
  await accountOf(ada, 'Ada Lovelace').click();
  await ada.getByRole('menuitem', { name: 'Account and sessions' }).click();
  await dialog(ada).getByText('With a number you can log in').waitFor();
  await picture(ada, 'phone-none');
  await press(ada, 'Add a number…');
  await dialog(ada).getByLabel('Telephone number').fill('+49 30 9');
  await ada.keyboard.press('Enter');
  await dialog(ada).getByText('This is not a telephone number.').waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'phone-number');
  const code = await askForCode(ada, phone);
  await dialog(ada)
    .getByRole('button', { name: /^Another code in 0:/ })
    .waitFor();
  await dialog(ada).getByLabel('Current password', { exact: true }).fill('not hers at all');
  await enter(ada, code);
  await dialog(ada).getByText('The password is not right.').waitFor();
  await dialog(ada).getByLabel('Current password', { exact: true }).fill(PASSWORD);
  await enter(ada, otherThan(code));
  await dialog(ada).getByText('This code is not right, or too old.').waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'phone-code');
  await enter(ada, code);
  await dialog(ada).getByText(phone, { exact: true }).waitFor();
  await picture(ada, 'phone-known');

  const elsewhere = await stage.somebody();
  await elsewhere.clock.install();
  await elsewhere.goto(stage.url);
  await elsewhere.getByRole('button', { name: 'Log in', exact: true }).click();
  await press(elsewhere, 'Log in with a code');
  await dialog(elsewhere).getByLabel('Telephone number').fill(phone);
  await elsewhere.keyboard.press('Enter');
  await dialog(elsewhere)
    .getByRole('button', { name: /^Send a code in 0:/ })
    .waitFor();
  expect(await barriers(elsewhere)).toEqual([]);
  await picture(elsewhere, 'phone-wait');
  await later();
  await elsewhere.clock.fastForward('01:00');
  await enter(elsewhere, await askForCode(elsewhere, phone));
  await accountOf(elsewhere, 'Ada Lovelace').waitFor();

  await press(ada, 'Remove…');
  const removal = ada.getByRole('dialog', { name: 'Remove the number' });
  await removal.getByLabel('Current password', { exact: true }).fill('not hers at all');
  await ada.keyboard.press('Enter');
  await removal.getByText('The password is not right.').waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'phone-remove-password');
  await removal.getByLabel('Current password', { exact: true }).fill(PASSWORD);
  await ada.keyboard.press('Enter');
  await dialog(ada).getByText('With a number you can log in').waitFor();
});

test('a guest becomes the account of a new number in the room, and a stranger is asked for a name', async () => {
  const grace = await stage.somebody();
  const phone = freshNumber();
  await openRoom(grace, stage.url, { name: 'Grace' });
  await grace.getByRole('button', { name: 'Grace: guest' }).click();
  await grace.getByRole('menuitem', { name: 'Log in' }).click();
  await press(grace, 'Log in with a code');
  await dialog(grace).getByText('becomes one and keeps everything').waitFor();
  await enter(grace, await askForCode(grace, phone));
  await accountOf(grace, 'Grace').waitFor();
  await grace.getByText('The room is empty').waitFor();
  await grace.reload();
  await accountOf(grace, 'Grace').waitFor();
  await grace.getByText('The room is empty').waitFor();

  const alan = await stage.somebody();
  await alan.goto(stage.url);
  await alan.getByRole('button', { name: 'Log in', exact: true }).click();
  await press(alan, 'Log in with a code');
  await enter(alan, await askForCode(alan, freshNumber()));
  await dialog(alan).getByText('This number has no account yet').waitFor();
  expect(await barriers(alan)).toEqual([]);
  await picture(alan, 'phone-new');
  await dialog(alan).getByLabel('Your name').fill('Alan');
  await alan.keyboard.press('Enter');
  await accountOf(alan, 'Alan').waitFor();
});

test('an account without a password changes and removes its number by a code to that number', async () => {
  const emmy = await stage.somebody();
  const [phone, next] = [freshNumber(), freshNumber()];
  await emmy.goto(stage.url);
  await emmy.getByRole('button', { name: 'Log in', exact: true }).click();
  await press(emmy, 'Log in with a code');
  await enter(emmy, await askForCode(emmy, phone));
  await dialog(emmy).getByLabel('Your name').fill('Emmy');
  await emmy.keyboard.press('Enter');
  await accountOf(emmy, 'Emmy').click();
  await emmy.getByRole('menuitem', { name: 'Account and sessions' }).click();
  await dialog(emmy).getByText('The only way into this account').waitFor();
  expect(await dialog(emmy).getByRole('button', { name: 'Remove…' }).count()).toBe(0);
  expect(await barriers(emmy)).toEqual([]);
  await picture(emmy, 'phone-only-way');

  await press(emmy, 'Change…');
  const code = await askForCode(emmy, next);
  await picture(emmy, 'phone-release-unsent');
  const release = await askForRelease(dialog(emmy), phone);
  await emmy.keyboard.type(otherThan(release));
  await enter(emmy, code);
  await dialog(emmy).getByText('The code is not right, or not good any more.').waitFor();
  expect(await barriers(emmy)).toEqual([]);
  await picture(emmy, 'phone-release');
  await dialog(emmy).getByLabel('Code to your present number').fill(release);
  await emmy.keyboard.press('Enter');
  await dialog(emmy).getByText(next, { exact: true }).waitFor();

  const { rows } =
    await stage.query(`select id from users where display_name_index is not null and phone_index is not null
    and email_index is null and password_hash is null order by created_at desc limit 1`);
  await storedEmail(stage.server.database, rows[0].id, 'emmy@example.org');
  await emmy.reload();
  await accountOf(emmy, 'Emmy').click();
  await emmy.getByRole('menuitem', { name: 'Account and sessions' }).click();
  await press(emmy, 'Remove…');
  const removal = emmy.getByRole('dialog', { name: 'Remove the number' });
  await emmy.keyboard.type(await askForRelease(removal, next));
  expect(await barriers(emmy)).toEqual([]);
  await picture(emmy, 'phone-remove-code');
  await emmy.keyboard.press('Enter');
  await dialog(emmy).getByText('With a number you can log in').waitFor();
});
