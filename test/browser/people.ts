// People at browsers: a real Chromium, a page per person with its own storage, and what is asked of pages over and over.
import fs from 'node:fs';
import path from 'node:path';
import { test as jestTest } from '@jest/globals';
import packaged from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { until } from '../support/until.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const SCREENSHOTS = path.join(ROOT, 'test/output/screenshots');
const AXE = fs.readFileSync(path.join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');

export const THEMES = ['light', 'dark'] as const;
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Pages that were opened in this file of tests. */
const pages: Page[] = [];

/** A test that, where it fails, says what the pages showed, and keeps a picture of each. */
export function test(title: string, work: () => void | Promise<void>, timeoutMs?: number): void {
  const act = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const shown = await Promise.all(pages.map((page, index) => lastSight(page, `failed-${index}`)));
      throw new Error(`${(error as Error).message}\n\n${shown.join('\n')}`, { cause: error });
    }
  };
  jestTest(title, act, timeoutMs);
}

async function lastSight(page: Page, name: string): Promise<string> {
  if (page.isClosed()) return 'A page was closed.';
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
  return `A page at ${new URL(page.url()).pathname} showed:\n${await page.locator('body').innerText()}\n`;
}

export async function launchBrowser(): Promise<Browser> {
  fs.mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath: await packaged.executablePath(), args: FLAGS });
}

/** A page with a storage of its own, and what it complained of: errors nobody caught, and those in its console. */
export interface Person {
  readonly page: Page;
  readonly complaints: readonly string[];
}

export async function person(browser: Browser, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await browser.newContext({ viewport: WIDE, colorScheme: 'light', ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  context.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => {
    // What the content policy refuses, and what the network or the server does, stands there too, with its address.
    if (message.type() === 'error') complaints.push(`${message.text()} at ${message.location().url}`);
  });
  const page = await context.newPage();
  pages.push(page);
  return { page, complaints };
}

/** Opens a room from the start page. @returns its address */
export async function openRoom(page: Page, url: string, wish: { name: string; visibility?: string }): Promise<string> {
  await page.goto(url);
  await page.getByLabel('Your name').fill(wish.name);
  await page.getByLabel('Room name').fill('Algorithms, Tuesday');
  if (wish.visibility) await page.getByText(wish.visibility, { exact: true }).click();
  await page.getByRole('button', { name: 'Create room' }).click();
  await page.getByText('The room is empty').waitFor();
  return page.url();
}

/** Comes in by a link; the name is asked for once. */
export async function comeIn(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Your name').fill(name);
  await page.keyboard.press('Enter');
}

/** Makes a file with a text, as a person does: by the tree's button and the keyboard. */
export async function makeFile(page: Page, filePath: string, text: string): Promise<void> {
  await page.getByRole('button', { name: 'New file' }).first().click();
  await page.keyboard.type(filePath);
  await page.keyboard.press('Enter');
  const editor = page.getByRole('textbox', { name: `Text of ${filePath}` });
  await editor.click();
  await page.keyboard.insertText(text);
}

export async function openFile(page: Page, filePath: string): Promise<void> {
  await page.getByRole('treeitem', { name: path.basename(filePath), exact: true }).click();
  await page.getByRole('textbox', { name: `Text of ${filePath}` }).waitFor();
}

/** Waits for what an editor fetches after its text: the colours of the language, shown by a keyword, and all letters. */
export async function untilFetched(page: Page): Promise<void> {
  await page
    .locator('.cm-line span', { hasText: /^(const|let)$/ })
    .first()
    .waitFor();
  await page.evaluate('document.fonts.ready.then(() => true)');
}

/** The text in the editor, from its lines; only what shows is in the page, so for short files. */
export function editorText(page: Page): Promise<string> {
  return page.locator('.cm-content .cm-line').evaluateAll((lines) => lines.map((line) => line.textContent).join('\n'));
}

/** The settings, as a dialog. */
export const settings = (page: Page): Locator => page.getByRole('dialog', { name: 'Settings' });

export async function openSettings(page: Page, section: string): Promise<void> {
  await page.keyboard.press('Control+,');
  await settings(page).getByRole('button', { name: section }).click();
}

/** Opens the history of the file in front and waits until it has a version. @returns the versions */
export async function showVersions(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'History' }).click();
  const versions = page.getByRole('button', { name: /Snapshot/ });
  const listed = async (): Promise<boolean> => {
    if ((await versions.count()) === 0) await page.getByRole('button', { name: 'Load the versions again' }).click();
    return (await versions.count()) > 0;
  };
  await until(listed, { what: 'a version', timeoutMs: 20_000 });
  return versions;
}

/** Keeps a picture in both themes, wide and narrow. */
export async function picture(
  page: Page,
  name: string,
  sizes: readonly ('wide' | 'narrow')[] = ['wide', 'narrow'],
): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size === 'wide' ? WIDE : NARROW);
    for (const theme of THEMES) {
      // Without motion: no colour is caught halfway from one theme to the other.
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.screenshot({ path: path.join(SCREENSHOTS, `${name}-${size}-${theme}.png`) });
    }
  }
  await page.setViewportSize(WIDE);
  await asBefore(page);
}

/** Light, and with motion again only then: the next picture would catch the colours on their way. */
async function asBefore(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  // The style is computed under it, before motion comes back.
  await page.evaluate('getComputedStyle(document.body).backgroundColor');
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** What axe-core finds serious or critical in the page as it stands, in both themes. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found: string[] = [];
  for (const theme of THEMES) {
    // Without motion: a colour halfway between two themes has the contrast of neither.
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const violations = await page.evaluate<Violation[]>('axe.run().then((result) => result.violations)');
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      found.push(`${theme}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
    }
  }
  await asBefore(page);
  return found;
}
