// A telephone as people use it: the number of an account, logging in with a code, and a guest whose number becomes the account.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { PASSWORD } from '../support/password.ts';
import { freshNumber } from '../support/phone-code.ts';
import { until } from '../support/until.ts';
import { barriers, openRoom, picture, test } from './people.ts';
import { openStage, refused } from './stage.ts';

let gateway: Server;
const messages: { to: string; text: string }[] = [];

const stage = openStage({
  settings: async (opened) => {
    gateway = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        messages.push(JSON.parse(body) as { to: string; text: string });
        response.writeHead(204).end();
      });
    });
    opened.defer(() => void gateway.close());
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    const { port } = gateway.address() as AddressInfo;
    return { SMS_WEBHOOK_URL: `http://127.0.0.1:${port}/`, SMS_WEBHOOK_SECRET: 'a secret of this test' };
  },
  expected: {
    'a second code within a minute': refused(429, '/api/phone/code'),
    'a number without an account, and no name yet': refused(400, '/api/session/phone'),
  },
});

const dialog = (page: Page) => page.getByRole('dialog');
const press = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true }).click();

async function codeSentTo(phone: string, before = 0): Promise<string> {
  const sent = () => messages.slice(before).findLast(({ to }) => to === phone);
  return (await until(sent, { what: 'a message' }))!.text.slice(0, 6);
}

/** Types a number and asks for a code. @returns the code */
async function askForCode(page: Page, phone: string): Promise<string> {
  const before = messages.length;
  await dialog(page).getByLabel('Telephone number').fill(phone);
  await page.keyboard.press('Enter');
  await dialog(page).getByText(`A code was sent to ${phone}`).waitFor();
  return codeSentTo(phone, before);
}

async function enter(page: Page, code: string): Promise<void> {
  await dialog(page).getByLabel('Code').fill(code);
  await page.keyboard.press('Enter');
}

const otherThan = (code: string): string => (code === '000000' ? '000001' : '000000');

test('an account gets a number, and is logged in to from another browser by a code', async () => {
  const ada = await stage.somebody();
  const phone = freshNumber();
  await ada.goto(stage.url);
  await ada.getByLabel('Your name').fill('Ada Lovelace');
  await ada.getByRole('button', { name: 'Sign up' }).click();
  await dialog(ada).getByLabel('User name').fill('ada');
  await dialog(ada).getByLabel('Password', { exact: true }).fill(PASSWORD);
  await ada.keyboard.press('Enter');
  await ada.getByRole('button', { name: 'Ada Lovelace: account' }).click();
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
  await stage.query(`update phone_verification_codes set created_at = created_at - interval '1 minute'`);
  await elsewhere.clock.fastForward('01:00');
  await enter(elsewhere, await askForCode(elsewhere, phone));
  await elsewhere.getByRole('button', { name: 'Ada Lovelace: account' }).waitFor();

  await press(ada, 'Remove…');
  await press(ada, 'Remove the number');
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
  await grace.getByRole('button', { name: 'Grace: account' }).waitFor();
  await grace.getByText('The room is empty').waitFor();
  await grace.reload();
  await grace.getByRole('button', { name: 'Grace: account' }).waitFor();
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
  await alan.getByRole('button', { name: 'Alan: account' }).waitFor();
});
