// A room and its people as its owner manages them, and as those it is about see it: let in, invited, held to rules by path,
// taken out, banned; other settings, another code, another owner; closed and opened again.
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../support/until.ts';
import { dialog, signUp } from './accounts.ts';
import { barriers, comeIn, editorText, makeFile, openFile, openRoom, picture, test } from './people.ts';
import { openStage } from './stage.ts';

const stage = openStage();

const people = (page: Page) => page.getByRole('complementary', { name: 'People' });
const file = (page: Page, name: string) => page.getByRole('treeitem', { name, exact: true });

async function showPeople(page: Page): Promise<void> {
  if (await people(page).isVisible()) return;
  await page.getByRole('button', { name: /^People/ }).click();
  await people(page).waitFor();
}

async function deed(page: Page, name: string, what: string): Promise<void> {
  await showPeople(page);
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

async function roomMenu(page: Page, what: string): Promise<void> {
  await page.getByRole('button', { name: 'Room menu' }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

/** Bob knocks at Ada's private room and is let in; he comes in by himself. */
async function adaLetsBobIn(): Promise<{ ada: Page; bob: Page; link: string }> {
  const ada = await stage.somebody();
  const link = await openRoom(ada, stage.url, { name: 'Ada Lovelace', visibility: 'Private' });
  await makeFile(ada, 'notes.md', '# Notes\n');
  await makeFile(ada, 'private/plan.md', 'the plan');
  const bob = await stage.somebody();
  await comeIn(bob, link, 'Bob');
  await bob.getByText('This room is private').waitFor();
  await showPeople(ada);
  await ada.getByRole('button', { name: 'Let in' }).click();
  await file(bob, 'notes.md').waitFor();
  return { ada, bob, link };
}

async function addRule(page: Page, number: number, rule: { path: string; deny: string }): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Add a rule' }).click();
  await dialog(page).getByLabel(`Path of rule ${number}`).fill(rule.path);
  await dialog(page).getByLabel(`Rule ${number}: ${rule.deny}`).selectOption('deny');
}

test('rules by path: files go, become read only, and come back, while the other one looks on', async () => {
  const { ada, bob } = await adaLetsBobIn();
  await openFile(bob, 'private/plan.md');
  await openFile(bob, 'notes.md');
  await deed(ada, 'Bob', 'Rules by path…');
  await dialog(ada).getByText('No rules of their own').waitFor();
  await addRule(ada, 1, { path: 'private/**', deny: 'read' });
  await dialog(ada).getByText('1 file: private/plan.md').waitFor();
  await dialog(ada).getByRole('button', { name: 'Add a rule' }).click();
  await dialog(ada).getByRole('button', { name: 'Save' }).click();
  await dialog(ada).getByText('Which files?').waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'rules-problem');
  await dialog(ada).getByLabel('Path of rule 2').fill('/*.md');
  await dialog(ada).getByLabel('Rule 2: write').selectOption('deny');
  await dialog(ada).getByLabel('Rule 2: delete').selectOption('deny');
  await picture(ada, 'rules');
  await dialog(ada).getByRole('button', { name: 'Save' }).click();
  await ada.getByText('The rules are saved').waitFor();

  await bob.getByText('Read only: a rule of this room').waitFor();
  await file(bob, 'plan.md').waitFor({ state: 'detached' });
  await file(bob, 'notes.md, read only for you').waitFor();
  await bob.getByRole('button', { name: 'Actions for notes.md' }).click();
  expect(await bob.getByRole('menuitem', { name: 'Delete…' }).getAttribute('aria-disabled')).toBe('true');
  await bob.keyboard.press('Escape');
  await picture(bob, 'rules-in-effect');
  await bob.getByRole('textbox', { name: 'Text of notes.md' }).click();
  await bob.keyboard.type('no');
  expect(await editorText(ada)).not.toContain('no#');

  await roomMenu(ada, 'Rules by path…');
  await dialog(ada).getByLabel('For', { exact: true }).selectOption({ label: 'Bob (2 rules)' });
  for (const number of [2, 1])
    await dialog(ada)
      .getByRole('button', { name: `Remove rule ${number}` })
      .click();
  await dialog(ada).getByRole('button', { name: 'Save' }).click();
  await bob.getByText('Read only').waitFor({ state: 'detached' });
  await file(bob, 'plan.md').waitFor();
});

test('settings and code change under everybody’s eyes; who is taken out knocks again, who is banned does not', async () => {
  const { ada, bob, link } = await adaLetsBobIn();
  await picture(ada, 'people-owner');
  await picture(bob, 'people-member', ['wide']);
  await ada.getByRole('button', { name: 'Room settings' }).click();
  await dialog(ada).getByLabel('Name').fill('Algorithms, Wednesday');
  await dialog(ada).getByLabel('Seats').fill('12');
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'room-settings');
  await dialog(ada).getByRole('button', { name: 'Save' }).click();
  await bob.getByRole('heading', { name: 'Algorithms, Wednesday' }).waitFor();
  await ada.getByRole('button', { name: 'Room settings' }).click();
  await dialog(ada).getByRole('button', { name: 'New code…' }).click();
  await dialog(ada).getByRole('button', { name: 'New code' }).click();
  await bob.getByText('The room has another code').waitFor();
  await until(() => bob.url() !== link && bob.url() === ada.url(), { what: 'the new address' });

  await deed(ada, 'Bob', 'Take out of the room');
  await bob.getByText('You were taken out of this room').waitFor();
  await picture(bob, 'taken-out', ['wide', 'narrow']);
  await bob.getByRole('button', { name: 'Ask to come in again' }).click();
  await bob.getByText('This room is private').waitFor();
  await ada.getByRole('button', { name: 'Let in' }).click();
  await file(bob, 'notes.md').waitFor();

  await deed(ada, 'Bob', 'Ban…');
  await picture(ada, 'ban', ['wide']);
  await dialog(ada).getByRole('button', { name: 'Ban' }).click();
  await bob.getByText('You were banned from this room').waitFor();
  await bob.reload();
  await bob.getByRole('heading', { name: 'You are banned from this room' }).waitFor();
  await picture(bob, 'banned');
  await people(ada).getByText('Banned (1)').waitFor();
  await picture(ada, 'people-banned');
  await ada.getByRole('button', { name: 'Take the ban of Bob back' }).click();
  await people(ada).getByText('Banned (1)').waitFor({ state: 'detached' });
  await bob.reload();
  await bob.getByText('This room is private').waitFor();
});

test('invited by user name, one is told and goes in; given the room, closes it, and opens it again', async () => {
  const grace = await stage.somebody();
  await signUp(grace, stage.url, { username: 'grace', name: 'Grace' });
  await grace.getByText('No open rooms yet').waitFor();
  const ada = await stage.somebody();
  await openRoom(ada, stage.url, { name: 'Ada Lovelace', visibility: 'Private' });
  await roomMenu(ada, 'Invite people…');
  await dialog(ada).getByLabel('User name').fill('nobody');
  await dialog(ada).getByRole('button', { name: 'Invite', exact: true }).click();
  await dialog(ada).getByText('Nobody has the user name “nobody”.').waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'invite');
  await dialog(ada).getByLabel('User name').fill('Grace');
  await dialog(ada).getByRole('button', { name: 'Invite', exact: true }).click();
  await dialog(ada).getByText('Grace is a member now').waitFor();
  await dialog(ada).getByRole('button', { name: 'Done' }).click();
  await grace.getByText('Ada Lovelace invites you into').waitFor();
  await grace.getByText('invited just now').waitFor();
  await picture(grace, 'invited');
  await grace.getByRole('button', { name: 'Go there' }).click();
  await grace.getByText('The room is empty').waitFor();

  await deed(ada, 'Grace', 'Hand the room over…');
  await picture(ada, 'hand-over', ['wide']);
  await dialog(ada).getByRole('button', { name: 'Hand over' }).click();
  await grace.getByText('The room is yours now').waitFor();
  await ada.getByRole('button', { name: 'Room settings' }).waitFor({ state: 'detached' });
  await roomMenu(grace, 'Close the room for everybody…');
  await dialog(grace).getByRole('button', { name: 'Close the room' }).click();
  await ada.getByText('This room was closed').waitFor();
  await grace.getByRole('button', { name: 'Open it again' }).waitFor();
  await picture(grace, 'closed-owner', ['wide', 'narrow']);
  await grace.goto(stage.url);
  await grace.getByRole('button', { name: 'Open Algorithms, Tuesday again' }).waitFor();
  await picture(grace, 'home-closed');
  await grace.getByRole('button', { name: 'Open Algorithms, Tuesday again' }).click();
  await grace.getByText('The room is empty').waitFor();
  await ada.reload();
  await ada.getByText('The room is empty').waitFor();
});
