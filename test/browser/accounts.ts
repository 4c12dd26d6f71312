// Accounts as people at pages make them and use them.
import type { Locator, Page } from 'playwright-core';
import { PASSWORD } from '../support/password.ts';

/** Whatever dialog is open. */
export const dialog = (page: Page): Locator => page.getByRole('dialog');

/** Who one is here, at the top of the page. */
export const accountOf = (page: Page, name: string): Locator => page.getByRole('button', { name: `${name}: account` });

export interface NewAccount {
  readonly username: string;
  /** What others see; the user name, where nothing is given. */
  readonly name?: string;
  readonly email?: string;
}

/** Makes an account with PASSWORD from the start page. */
export async function signUp(page: Page, url: string, { username, name, email }: NewAccount): Promise<void> {
  await page.goto(url);
  if (name) await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await dialog(page).getByLabel('User name').fill(username);
  await dialog(page).getByLabel('Password', { exact: true }).fill(PASSWORD);
  if (email) await dialog(page).getByLabel('E-mail').fill(email);
  await page.keyboard.press('Enter');
  await accountOf(page, name ?? username).waitFor();
}

/** Logs in from the start page, or tries to. */
export async function logIn(page: Page, login: string, password = PASSWORD): Promise<void> {
  await page.getByRole('button', { name: 'Log in', exact: true }).first().click();
  await enterPassword(page, login, password);
}

/** The same in a dialog that is open already. */
export async function enterPassword(page: Page, login: string, password = PASSWORD): Promise<void> {
  await dialog(page).getByLabel('User name or e-mail').fill(login);
  await dialog(page).getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
}
