// The content policy in a real browser: the page and /docs work under it without one violation, and what somebody manages
// to put into the page does not run.
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until } from '../support/until.ts';
import { makeFile, openRoom, type Person } from './people.ts';
import { openStage } from './stage.ts';

/** What the browser says of all that the tests below put into a page. */
const stage = openStage({
  expected: {
    'script as text': /^This document requires 'Trusted(Script|HTML)' assignment\./,
    'a style element': /^Applying inline style violates .*'style-src 'self' 'nonce-/,
    'a request':
      /^(Connecting to '(https|wss):\/\/other\.example\/' violates|Fetch API cannot load https:\/\/other\.example\/)/,
    'an image': /^Loading the image 'https:\/\/other\.example\/pixel' violates/,
    'a base': /^Setting the document's base URI to 'https:\/\/other\.example\/' violates/,
    'a frame': /^Framing '(https:\/\/other\.example|http:\/\/127\.0\.0\.1:\d+)\/' violates/,
    'complaints for their own sake': /planted/,
  },
});

/** Somebody whose page keeps what the policy refused. */
async function watched(): Promise<Person> {
  const one = await stage.arrive();
  await one.page.addInitScript(`
    window.refused = [];
    addEventListener('securitypolicyviolation', (event) => {
      window.refused.push(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sample);
    });`);
  return one;
}

const refusedIn = (page: Page): Promise<string[]> => page.evaluate('window.refused');

test('the room and its editor work, styles of the editor included, and nothing was refused', async () => {
  const { page, complaints } = await watched();
  await openRoom(page, stage.url, { name: 'Ada' });
  await makeFile(page, 'main.ts', 'const answer = 42;\nconsole.log(answer);\n');
  // From style elements that the editor made: without the nonce, these would be the browser's own.
  const styleOf = (selector: string, property: string) =>
    page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`);
  expect(await styleOf('.cm-editor', 'display')).toBe('flex');
  expect(await styleOf('.cm-content', 'whiteSpace')).toBe('pre');
  await page.keyboard.press('Control+f');
  await page.locator('.cm-search').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Space');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('42', { exact: true }).first().waitFor();
  expect(await refusedIn(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test('the documents at /docs work', async () => {
  const { page, complaints } = await watched();
  await page.goto(`${stage.url}/docs/`);
  await page.getByText('/api/guests').first().click();
  await page.getByText('Become a guest').first().waitFor();
  expect(await refusedIn(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test('scripts, styles, requests and frames that are put into the page are refused', async () => {
  const { page } = await watched();
  await page.goto(stage.url);
  await page.getByRole('button', { name: 'Create room' }).waitFor();
  await page.evaluate(`
    const add = (name, set) => document.body.append(Object.assign(document.createElement(name), set));
    const attempt = (act) => { try { act(); } catch {} };
    attempt(() => add('script', { textContent: 'window.ran = true' }));
    attempt(() => { document.body.innerHTML += '<img src="/nothing" onerror="window.ran = true">'; });
    // Later: the tool that drives the browser lets its own text pass.
    setTimeout(() => attempt(() => eval('window.ran = true')));
    const button = document.createElement('button');
    attempt(() => button.setAttribute('onclick', 'window.ran = true'));
    document.body.append(button);
    button.click();
    add('style', { textContent: 'body { --injected: 1 }' });
    add('iframe', { src: 'https://other.example/' });
    add('img', { src: 'https://other.example/pixel' });
    fetch('https://other.example/').catch(() => {});
    attempt(() => new WebSocket('wss://other.example/'));
    add('base', { href: 'https://other.example/' });
  `);
  const wanted = ['style-src-elem', 'frame-src', 'img-src', 'connect-src', 'base-uri', 'require-trusted-types-for'];
  await until(async () => {
    const refused = (await refusedIn(page)).map((line) => line.split(' ')[0]);
    return wanted.every((directive) => refused.includes(directive));
  });
  expect(await page.evaluate('window.ran')).toBeUndefined();
  expect(await page.evaluate(`getComputedStyle(document.body).getPropertyValue('--injected')`)).toBe('');
});

test('the page cannot be framed, not even by this server', async () => {
  const { page } = await watched();
  await page.goto(`${stage.url}/docs/`);
  await page.evaluate(`document.body.append(Object.assign(document.createElement('iframe'), { src: '/' }))`);
  await until(() => page.frames().some((frame) => frame.url().startsWith('chrome-error:')), {
    what: 'a refused frame',
  });
});

test('whatever a page complains of is collected; all tests of the page rest on that', async () => {
  const { page, complaints } = await stage.arrive();
  await page.goto(stage.url);
  await page.evaluate(`
    console.error('planted: said');
    setTimeout(() => { throw new Error('planted: thrown'); });
    void Promise.reject(new Error('planted: rejected'));
    void fetch('/api/planted');
    console.warn('planted: a warning only');
  `);
  const wanted = ['said', 'thrown', 'rejected'].map((what) => `planted: ${what}`);
  await until(() => complaints.length >= 4, { what: 'four complaints' });
  for (const text of [...wanted, `status of 404 (Not Found) at ${stage.url}/api/planted`]) {
    expect(complaints).toContainEqual(expect.stringContaining(text));
  }
  expect(complaints).toHaveLength(4);
});
