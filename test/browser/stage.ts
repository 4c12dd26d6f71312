// What a file of browser tests plays on: a server, a browser, and people at pages of it. When its tests are over, what any
// of those pages complained of fails the file, but for what the file names as part of its play.
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startServer, type TestServer } from '../support/server.ts';
import { launchBrowser, type Person, person } from './people.ts';

export interface StageOptions {
  /** Opens what the server needs beside itself, to be closed after it. @returns environment variables of the server */
  readonly settings?: (opened: AsyncDisposableStack) => Promise<Record<string, string>>;
  /** Complaints that belong to what these tests do, by what brings them. */
  readonly expected?: Readonly<Record<string, RegExp>>;
}

export interface Stage {
  readonly url: string;
  readonly server: TestServer;
  /** Somebody comes, with a browser of their own. */
  arrive(options?: BrowserContextOptions): Promise<Person>;
  /** The page of somebody who comes. */
  somebody(options?: BrowserContextOptions): Promise<Page>;
  /** Asks the database of the server, as its owner. */
  query: TestServer['database']['query'];
}

/** What the browser says of a call that the server refused, as the tests wanted. */
export const refused = (status: number, path: string): RegExp =>
  new RegExp(`^Failed to load resource: the server responded with a status of ${status} .* at http://[^/]+${path}$`);

/** What the browser says while a page without a network, or without a server, tries to come back. */
export const CONNECTION_LOST =
  /^(Failed to load resource: net::ERR_\w+ at \S+\/socket\.io\/\?|WebSocket connection to '\S+\/socket\.io\/\?\S+' failed: .*net::ERR_)/;

/** Opens a stage before the tests of the file that calls this, and closes it after them. */
export function openStage({ settings, expected = {} }: StageOptions = {}): Stage {
  const opened = new AsyncDisposableStack();
  const everybody: Person[] = [];
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer(await settings?.(opened));
    opened.defer(async () => void (await server.stop()));
    browser = await launchBrowser();
    opened.defer(() => browser.close());
  });
  afterAll(async () => {
    await opened.disposeAsync();
    const isExpected = (complaint: string) => Object.values(expected).some((kind) => kind.test(complaint));
    expect(everybody.flatMap(({ complaints }) => complaints).filter((one) => !isExpected(one))).toEqual([]);
  });

  const arrive: Stage['arrive'] = async (options) => {
    const one = await person(browser, options);
    everybody.push(one);
    return one;
  };
  return {
    get url() {
      return server.url;
    },
    get server() {
      return server;
    },
    arrive,
    somebody: async (options) => (await arrive(options)).page,
    query: (statement, values) => server.database.query(statement, values),
  };
}
