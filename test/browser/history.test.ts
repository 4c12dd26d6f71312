// Going back to an earlier version on the page, while somebody else has the file open.
import { expect } from '@jest/globals';
import { until } from '../support/until.ts';
import { barriers, comeIn, editorText, makeFile, openFile, openRoom, picture, showVersions, test } from './people.ts';
import { openStage } from './stage.ts';

const stage = openStage({
  expected: {
    // As a style attribute, which the policy refuses; the editor colours its text by itself.
    'Chromium gives text that is typed over a keyword the colour of the keyword':
      /^Applying inline style violates .* hashes do not apply to event handlers, style attributes/,
  },
});

test('an earlier version is looked at and restored, for everybody; what was there before is in the history', async () => {
  const ada = await stage.somebody();
  const bob = await stage.somebody();
  const link = await openRoom(ada, stage.url, { name: 'Ada' });
  await makeFile(ada, 'main.js', 'let first = 1;');
  const snapshots = await showVersions(ada);
  await comeIn(bob, link, 'Bob');
  await openFile(bob, 'main.js');
  await bob.getByRole('textbox', { name: 'Text of main.js' }).click();
  await bob.keyboard.press('Control+A');
  await bob.keyboard.insertText('all is different');
  await ada.getByText('all is different').waitFor();
  await snapshots.last().click();
  await ada.getByRole('textbox', { name: 'Earlier text of main.js' }).waitFor();
  expect(await barriers(ada)).toEqual([]);
  await picture(ada, 'version');
  await ada.getByRole('button', { name: 'Restore this version' }).click();
  await ada.getByText('is back. What was there before').waitFor();
  await until(async () => (await editorText(bob)) === 'let first = 1;', { what: 'the text at the other one' });
  await ada.getByRole('button', { name: 'Load the versions again' }).click();
  await ada.getByRole('button', { name: /Restored/ }).waitFor();
  await picture(ada, 'version-restored');
});
