// A file whose document was restored from a backup while somebody had newer text of it: shown beside each other.
import { expect } from '@jest/globals';
import { call, guest } from '../support/api.ts';
import { until } from '../support/until.ts';
import { barriers, editorText, makeFile, openRoom, picture, test, untilFetched } from './people.ts';
import { CONNECTION_LOST, openStage } from './stage.ts';

const stage = openStage({ expected: { 'offline, and while the server restarts': CONNECTION_LOST } });

/** As a restore does: the document gets another lineage while nobody has it in memory. */
async function renewLineages(): Promise<void> {
  await stage.query('update document_states set lineage = gen_random_uuid()');
  await stage.server.restart();
}

test('[DOC13] text of another lineage is shown beside the file’s, and put in only when one says so', async () => {
  const page = await stage.somebody();
  const link = await openRoom(page, stage.url, { name: 'Ada Lovelace' });
  await makeFile(page, 'plan.js', "const first = 'old';\nconst second = 2;\nconst third = 3;\n");
  await page.locator('.saved-light', { hasText: 'Saved' }).waitFor();
  // The letters of comments too: the first one is written without a network.
  await untilFetched(page);
  await page.context().setOffline(true);
  await page.locator('.cm-line', { hasText: 'second' }).click();
  await page.keyboard.press('End');
  await page.keyboard.type(' // mine');
  await renewLineages();
  const bob = await guest(stage.url, 'Bob');
  const roomCode = new URL(link).pathname.split('/').at(-1);
  const { data } = await call(stage.url, 'POST /api/rooms/join', { token: bob.token, body: { roomCode } });
  const fileId = data.files[0].id as string;
  const content = "const first = 'new';\nconst second = 2;\nconst third = 3;\n";
  await call(stage.url, `PUT /api/files/${fileId}/content`, { token: bob.token, body: { content } });

  await page.context().setOffline(false);
  await page.getByText('This file was reset on the server').waitFor({ timeout: 20_000 });
  await page.locator('.cm-changedLine', { hasText: '// mine' }).waitFor();
  await page.locator('.cm-deletedChunk', { hasText: "first = 'new'" }).waitFor();
  expect(await page.getByText('has been merged').count()).toBe(0);
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'reset');
  const text = async (): Promise<string> =>
    (await call(stage.url, `GET /api/files/${fileId}/content`, { token: bob.token })).data.content;
  expect(await text()).toBe(content);

  await page.getByRole('button', { name: 'Put my text in' }).click();
  const mine = "const first = 'old';\nconst second = 2; // mine\nconst third = 3;\n";
  await until(async () => (await text()) === mine, { what: 'the text put in' });
  await page.getByRole('textbox', { name: 'Text of plan.js' }).waitFor();
  await until(async () => (await editorText(page)) === mine, { what: 'the file open again' });
});
