// The container engine of this machine, where there is one: which languages it can run now, and runs in it.
import type Docker from 'dockerode';
import type { Log } from '../../observe/log.ts';
import { ContainerRun } from './container-run.ts';
import { UNTIL_LABEL } from './container-spec.ts';
import { inTime, openEngine } from './engine.ts';
import { CONTAINER_LANGUAGES, type ContainerLanguage } from './languages.ts';

export interface ContainersOptions {
  /** See `openEngine`. */
  readonly address: string | true;
  readonly log: Log;
  readonly newId: () => string;
}

/** Podman writes it before a name, Docker does not. */
const DEFAULT_REGISTRY = /^docker\.io\/(?:library\/)?/;
/** How often the engine is asked which images there are, in ms. */
const PROBE_MS = 30_000;

export class Containers {
  readonly #engine: Promise<Docker>;
  readonly #options: ContainersOptions;
  readonly #timer: NodeJS.Timeout;
  /** Resolves when the engine has answered, or not, for the first time. */
  readonly ready: Promise<void>;
  #images: readonly string[] = [];
  #trouble: string | undefined = 'the container engine has not answered yet';

  constructor(options: ContainersOptions) {
    this.#options = options;
    this.#engine = openEngine(options.address);
    this.ready = this.#probe();
    this.#timer = setInterval(() => void this.#probe(), PROBE_MS);
    this.#timer.unref();
  }

  get languages(): readonly ContainerLanguage[] {
    return CONTAINER_LANGUAGES;
  }

  /** Why a language cannot be run now, in its own image or this one; undefined when it can. */
  whyNot(language: ContainerLanguage, image = language.image): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    const short = image.replace(DEFAULT_REGISTRY, '');
    const here = this.#images.some((tag) => tag === short || tag.endsWith(`/${short}`));
    return here ? undefined : `the image ${image} is not on this machine`;
  }

  /** A run in a container, which is created when it starts. */
  open(language: ContainerLanguage, image = language.image): ContainerRun {
    const { log } = this.#options;
    return new ContainerRun({ id: this.#options.newId(), engine: this.#engine, log, language, image });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #probe(): Promise<void> {
    try {
      const engine = await this.#engine;
      const images = await engine.listImages(inTime());
      this.#images = images.flatMap(({ RepoTags: tags }) => tags ?? []);
      this.#trouble = undefined;
      await sweep(engine);
    } catch (error) {
      this.#trouble = 'the container engine does not answer';
      this.#options.log.warn({ err: error }, this.#trouble);
    }
  }
}

/** Removes what servers have left behind that are gone, of this one or another. */
async function sweep(engine: Docker): Promise<void> {
  const found = await engine.listContainers({ all: true, filters: { label: [UNTIL_LABEL] }, ...inTime() });
  for (const { Id: id, Labels: labels } of found) {
    const until = Number(labels[UNTIL_LABEL]);
    if (until < Date.now() / 1000) await engine.getContainer(id).remove({ force: true, v: true, ...inTime() });
  }
}
