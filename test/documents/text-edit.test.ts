import { describe, expect, test } from '@jest/globals';
import { LIMITS } from '../../src/documents/limits.ts';
import { type TextEdit, textEdits } from '../../src/documents/text-edit.ts';
import { seededRandom } from '../support/random.ts';

function applied(text: string, edits: readonly TextEdit[]): string {
  return edits.toReversed().reduce((now, { at, remove, insert }) => {
    return now.slice(0, at) + insert + now.slice(at + remove);
  }, text);
}

const touched = (text: string, edits: readonly TextEdit[]) =>
  edits.map(({ at, remove, insert }) => [text.slice(at, at + remove), insert]);

describe('[DOC24] edits of the server', () => {
  test.each([
    ['nothing', 'a\nb\n', 'a\nb\n', []],
    [
      'a word in each of two lines',
      'let a = 1;\nlet b = 2;\nlet c = 3;\n',
      'let a = 5;\nlet b = 2;\nlet c = 7;\n',
      [
        ['1', '5'],
        ['3', '7'],
      ],
    ],
    [
      'the same name twice in a line',
      'add(old, old)\n',
      'add(new, new)\n',
      [
        ['old', 'new'],
        ['old', 'new'],
      ],
    ],
    ['a line between', 'a\nc\n', 'a\nb\nc\n', [['', 'b\n']]],
    ['a line away', 'a\nb\nc\n', 'a\nc\n', [['b\n', '']]],
    ['all of it', '', 'x', [['', 'x']]],
  ])('touch what differs: %s', (_what, ...texts) => {
    const [before, after, expected] = texts;
    const edits = textEdits(before, after);
    expect(touched(before, edits)).toEqual(expected);
    expect(applied(before, edits)).toBe(after);
  });

  test('give the wanted text, in order, apart, and with pairs of surrogates whole', () => {
    const random = seededRandom(7);
    const words = ['one', 'two', ' ', '\n', '\n', '😀', '😁', '한', '\ud83d', '(', ').', '\t', 'x'];
    const text = (length: number): string => Array.from({ length }, () => random.pick(words)).join('');
    for (let round = 0; round < 2_000; round++) {
      const before = text(random.below(60));
      const middle = random.below(before.length + 1);
      const after = random.next() < 0.2 ? text(40) : before.slice(0, middle) + text(5) + before.slice(middle + 4);
      const edits = textEdits(before, after);
      expect(applied(before, edits)).toBe(after);
      let end = 0;
      for (const { at, remove } of edits) {
        expect(at).toBeGreaterThanOrEqual(end);
        end = at + remove;
        for (const place of [at, end]) expect(isInPair(before, place)).toBe(false);
      }
    }
  });

  test('a line too long to be cut into words is one replacement', () => {
    const words = 'word '.repeat(LIMITS.diffWordsLength / 5);
    const before = `first ${words}last`;
    const after = `1 ${words}2`;
    expect(textEdits(before, after)).toEqual([{ at: 0, remove: before.length, insert: after }]);
    expect(textEdits(`first ${words.slice(0, 100)}last`, `1 ${words.slice(0, 100)}2`)).toHaveLength(2);
  });

  test('of very many lines one replacement is made, before they are cut: that alone would take seconds', () => {
    const lines = 'line\n'.repeat(LIMITS.diffLinesAmong);
    const before = `first\n${lines}last`;
    const after = `1\n${lines}2`;
    expect(textEdits(before, after)).toEqual([{ at: 0, remove: before.length, insert: after }]);
    expect(textEdits(`first\n${lines.slice(0, 100)}last`, `1\n${lines.slice(0, 100)}2`)).toHaveLength(2);
  });

  test('texts with too little in common are one replacement, soon found', () => {
    const lines = (word: string): string =>
      Array.from({ length: LIMITS.diffLines }, (_, line) => `${word} ${line}\n`).join('');
    const [before, after] = [lines('old'), lines('new')];
    expect(textEdits(before, after)).toHaveLength(1);
    expect(applied(before, textEdits(before, after))).toBe(after);
  });
});

function isInPair(text: string, at: number): boolean {
  const [left, right] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return (left & 0xfc00) === 0xd800 && (right & 0xfc00) === 0xdc00;
}
