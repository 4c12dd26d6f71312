// Languages that run elsewhere than in a sandbox process, where an operator has turned that on: by interpreters of this
// machine, or in containers.
import type { Log } from '../observe/log.ts';
import { Containers } from './containers/containers.ts';
import type { Language } from './languages/catalog.ts';
import { LocalMachine } from './local/local-machine.ts';
import type { Runner } from './run.ts';

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
    const languages = (engine?.languages ?? []).filter(({ id }) => !taken.has(id));
    return languages.map((language) => ({
      language,
      hasImage: true,
      whyNot: (image) => engine?.whyNot(language, image),
      open: (image) => engine!.open(language, image),
    }));
  }

  find(id: string): ElsewhereLanguage | undefined {
    return [...this.local, ...this.boxed].find(({ language }) => language.id === id);
  }

  /** Resolves when it is known what there is. */
  get ready(): Promise<void> {
    return Promise.all([this.#local?.ready, this.#containers?.ready]).then(() => {});
  }

  close(): void {
    this.#containers?.close();
  }
}
