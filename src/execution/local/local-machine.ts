// The interpreters of this machine that an operator has turned on: which of them work in a box, and runs by them.
import { existsSync } from 'node:fs';
import type { Log } from '../../observe/log.ts';
import { systemTool, whyNoBox } from '../launch.ts';
import { LOCAL_LANGUAGES, type LocalLanguage } from './languages.ts';
import { type BoxTools, boxUser, startBoxed } from './local-box.ts';
import { LocalRun } from './local-run.ts';
import { tasksOf } from './process-tree.ts';

/** Local runs cannot be had. The message is for the operator. */
export class LocalModeError extends Error {}

export interface LocalOptions {
  /** Ids of `LOCAL_LANGUAGES`. */
  readonly names: readonly string[];
  /** The path of bubblewrap; the system's when left out. */
  readonly bwrap?: string;
  readonly execPath: string;
  readonly log: Log;
  readonly newId: () => string;
}

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin'];
/** An interpreter that has not told its version by then does not work, in ms. */
const PROBE_MS = 10_000;

export class LocalMachine {
  readonly languages: readonly LocalLanguage[];
  /** Resolves when every interpreter was tried. */
  readonly ready: Promise<void>;
  readonly #options: LocalOptions;
  readonly #tools: BoxTools;
  readonly #reasons = new Map<string, string>();

  /** @throws LocalModeError when there is no bubblewrap to keep programs apart, or a name is not known */
  constructor(options: LocalOptions) {
    const { names, bwrap, execPath } = options;
    const noBox = whyNoBox({ execPath, ...(bwrap === undefined ? {} : { bwrap }) }) ?? whyNoLimits();
    if (noBox !== undefined) throw new LocalModeError(`Local runs need bubblewrap to be kept apart: ${noBox}.`);
    const unknown = names.filter((name) => !LOCAL_LANGUAGES.some(({ id }) => id === name));
    if (unknown.length > 0) {
      const known = LOCAL_LANGUAGES.map(({ id }) => id).join(', ');
      throw new LocalModeError(`These cannot run locally: ${unknown.join(', ')}. Known are ${known}.`);
    }
    this.#options = options;
    this.#tools = { bwrap: bwrap ?? systemTool('bwrap')! };
    this.languages = LOCAL_LANGUAGES.filter(({ id }) => names.includes(id));
    for (const { id, program } of this.languages) this.#reasons.set(id, `${program} has not been tried yet`);
    this.ready = Promise.all(this.languages.map((language) => this.#try(language))).then(() => {});
  }

  /** Why a language cannot be run now; undefined when it can. */
  whyNot({ id }: LocalLanguage): string | undefined {
    return this.#reasons.get(id);
  }

  open(language: LocalLanguage): LocalRun {
    const { log, newId } = this.#options;
    return new LocalRun({ id: newId(), log, language, tools: this.#tools });
  }

  async #try(language: LocalLanguage): Promise<void> {
    const { id, program } = language;
    if (!FOLDERS.some((folder) => existsSync(`${folder}/${program}`))) {
      this.#reasons.set(id, `${program} is not installed on this machine`);
      return;
    }
    const trouble = await this.#probe(language);
    if (trouble === undefined) return void this.#reasons.delete(id);
    this.#options.log.warn({ program, reason: trouble }, 'an interpreter does not work in its box');
    this.#reasons.set(id, `${program} does not work in a sandbox on this machine`);
  }

  /** @returns what is wrong, for the operator */
  async #probe({ program, version }: LocalLanguage): Promise<string | undefined> {
    const wish = { command: [program, version], files: [], env: {}, cpuMs: PROBE_MS, others: tasksOf(boxUser()) };
    const { child } = startBoxed(wish, this.#tools);
    let words = '';
    child.stdin?.end();
    child.stdout?.resume();
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString('utf8')).slice(0, 1000);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PROBE_MS);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    return code === 0 ? undefined : `ended with ${code}: ${words}`;
  }
}

function whyNoLimits(): string | undefined {
  return systemTool('prlimit') === undefined ? 'prlimit is not installed' : undefined;
}
