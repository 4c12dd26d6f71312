import { expect, test } from '@jest/globals';
import { TranslationCache } from '../../src/execution/translation-cache.ts';
import { openTestExecution, run } from './support.ts';

/** A translator that tells what it was asked for. */
function counting(): { translate: (text: string) => { code: string }; asked: string[] } {
  const asked: string[] = [];
  const translate = (text: string): { code: string } => {
    asked.push(text);
    return { code: text.toUpperCase() };
  };
  return { translate, asked };
}

test('[EX49] a text is translated once, the least recently used goes first, and too large ones are not kept', () => {
  const cache = new TranslationCache(20);
  const { translate, asked } = counting();
  for (const text of ['aaaa', 'bbbb', 'aaaa', 'cccc', 'aaaa', 'bbbb']) {
    expect(cache.get(text, translate).code).toBe(text.toUpperCase());
  }
  expect(asked).toEqual(['aaaa', 'bbbb', 'cccc', 'bbbb']);
  const large = 'x'.repeat(11);
  cache.get(large, translate);
  cache.get(large, translate);
  expect(asked.slice(4)).toEqual([large, large]);
});

test('[EX49] what cannot be translated is tried again', () => {
  const cache = new TranslationCache();
  const refuse = (): never => {
    throw new Error('no');
  };
  expect(() => cache.get('a', refuse)).toThrow('no');
  expect(cache.get('a', () => ({ code: 'b' })).code).toBe('b');
});

test('[EX49] run again in the same sandbox: the same values and the same places, whichever language the text is of', async () => {
  const execution = openTestExecution();
  try {
    const code = `enum A { One = 1 }\n\nconst a: number = A.One;\nthrow new Error('at ' + a);`;
    const ends = [];
    for (let i = 0; i < 3; i++) ends.push(await run(execution, { language: 'typescript', code }));
    expect(new Set(ends.map(({ events }) => JSON.stringify(events[0]).slice(0, 60))).size).toBe(1);
    for (const { result } of ends) expect(result.error).toMatchObject({ message: 'Error: at 1', line: 4, column: 7 });
    const other = await run(execution, { language: 'javascript', code });
    expect(other.result.error?.kind).toBe('syntax');
  } finally {
    await execution.close();
  }
});
