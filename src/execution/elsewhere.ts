// Languages that run elsewhere than in a sandbox process, where an operator has turned that on: by interpreters of this
// machine, or in containers.
import type { Log } from '../observe/log.ts';
import type { Outcome } from './active-run.ts';
import { Containers } from './containers/containers.ts';
import { type ContainerLanguage, SANDBOX_LANGUAGES_BOXED } from './containers/languages.ts';
import type { Language } from './languages/catalog.ts';
import { LocalMachine } from './local/local-machine.ts';
import type { SandboxState } from './pool-stats.ts';
import type { Run, Runner } from './run.ts';

export interface ElsewhereOptions {
  readonly log: Log;
  /** See `openEngine`. */
  readonly containers?: string | true | undefined;
  /** Ids of languages that run by this machine's interpreters; they come before containers. */
  readonly local?: readonly string[] | undefined;
  readonly tools: { readonly execPath: string; readonly bwrap?: string };
  readonly newId: () => string;
}

/** One language, as it would run. */
export interface ElsewhereLanguage {
  readonly language: Language;
  /** Whether a caller may choose the image. */
  readonly hasImage: boolean;
  /** Why it cannot be run now. */
  whyNot(image?: string): string | undefined;
  open(image?: string): Runner;
}

export class Elsewhere {
  readonly #local: LocalMachine | undefined;
  readonly #containers: Containers | undefined;
  /** What is in use, and by which room. */
  readonly #open = new Map<Runner, string>();

  /** @throws LocalModeError when local runs are asked for where they cannot be kept apart */
  constructor({ log, containers, local = [], tools, newId }: ElsewhereOptions) {
    if (local.length > 0) this.#local = new LocalMachine({ names: local, log, newId, ...tools });
    if (containers !== undefined) this.#containers = new Containers({ address: containers, log, newId });
  }

  /** By this machine's interpreters. */
  get local(): readonly ElsewhereLanguage[] {
    const machine = this.#local;
    return (machine?.languages ?? []).map((language) => ({
      language,
      hasImage: false,
      whyNot: () => machine?.whyNot(language),
      open: () => machine!.open(language),
    }));
  }

  /** In containers, but for those that this machine's interpreters run. */
  get boxed(): readonly ElsewhereLanguage[] {
    const engine = this.#containers;
    const taken = new Set(this.#local?.languages.map(({ id }) => id));
    return (engine?.languages ?? []).filter(({ id }) => !taken.has(id)).map((language) => this.#inContainer(language));
  }

  /** @param image where the caller names one, it is a container that runs it, the sandbox's own languages as well */
  find(id: string, image?: string): ElsewhereLanguage | undefined {
    if (image === undefined) return [...this.local, ...this.boxed].find(({ language }) => language.id === id);
    const named = [...(this.#containers?.languages ?? []), ...SANDBOX_LANGUAGES_BOXED].find((each) => each.id === id);
    return named && this.#inContainer(named);
  }

  #inContainer(language: ContainerLanguage): ElsewhereLanguage {
    const engine = this.#containers;
    return {
      language,
      hasImage: true,
      whyNot: (image) => (engine === undefined ? 'there is no container engine' : engine.whyNot(language, image)),
      open: (image) => engine!.open(language, image),
    };
  }

  /** Runs in one of these. */
  async run(run: Run, language: ElsewhereLanguage): Promise<Outcome> {
    const runner = language.open(run.image);
    this.#open.set(runner, run.roomId);
    try {
      return await run.runIn(runner);
    } finally {
      this.#open.delete(runner);
    }
  }

  /** Those that are in use: each has one run. */
  sandboxes(): SandboxState[] {
    return Array.from(this.#open, ([{ id, used }, roomId]) => {
      const { cpuMs = 0, memoryBytes = 0 } = used ?? {};
      return { id, state: 'bound', roomId, runs: 1, rssBytes: memoryBytes, cpuMs };
    });
  }

  /** Resolves when it is known what there is. */
  get ready(): Promise<void> {
    return Promise.all([this.#local?.ready, this.#containers?.ready]).then(() => {});
  }

  close(): void {
    this.#containers?.close();
  }
}
