// The container engine of this machine, where there is one: which languages it can run now, and runs in it.
import type { Log } from '../../observe/log.ts';
import { ContainerRun } from './container-run.ts';
import { UNTIL_LABEL } from './container-spec.ts';
import { DockerClient } from './docker-client.ts';
import { CONTAINER_LANGUAGES, type ContainerLanguage } from './languages.ts';

export interface ContainersOptions {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly log: Log;
  newId(): string;
}

/** How often the engine is asked which images there are, in ms. */
const PROBE_MS = 30_000;

export class Containers {
  readonly #client: DockerClient;
  readonly #options: ContainersOptions;
  readonly #timer: NodeJS.Timeout;
  /** Resolves when the engine has answered, or not, for the first time. */
  readonly ready: Promise<void>;
  #images: readonly string[] = [];
  #trouble: string | undefined = 'the container engine has not answered yet';

  /** @throws DockerError when the address is none */
  constructor(options: ContainersOptions) {
    this.#options = options;
    this.#client = new DockerClient(options.address);
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
    const here = this.#images.some((tag) => tag === image || tag.endsWith(`/${image}`));
    return here ? undefined : `the image ${image} is not on this machine`;
  }

  /** A run in a container, which is created when it starts. */
  open(language: ContainerLanguage, image = language.image): ContainerRun {
    const { log } = this.#options;
    return new ContainerRun({ id: this.#options.newId(), client: this.#client, log, language, image });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #probe(): Promise<void> {
    try {
      const images = (await this.#client.call({ method: 'GET', path: '/images/json' })) as unknown;
      this.#images = (Array.isArray(images) ? images : []).flatMap(tagsOf);
      this.#trouble = undefined;
      await this.#sweep();
    } catch (error) {
      this.#trouble = 'the container engine does not answer';
      this.#options.log.warn({ err: error }, this.#trouble);
    }
  }

  /** Removes what servers have left behind that are gone, of this one or another. */
  async #sweep(): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify({ label: [UNTIL_LABEL] }));
    const found = await this.#client.call({ method: 'GET', path: `/containers/json?all=1&filters=${filters}` });
    for (const { Id: id, Labels: labels } of (Array.isArray(found) ? found : []) as Record<string, unknown>[]) {
      const until = Number((labels as Record<string, unknown> | undefined)?.[UNTIL_LABEL]);
      if (typeof id !== 'string' || !(until < Date.now() / 1000)) continue;
      await this.#client.call({ method: 'DELETE', path: `/containers/${encodeURIComponent(id)}?force=1&v=1` });
    }
  }
}

function tagsOf(image: unknown): string[] {
  const tags = (image as { RepoTags?: unknown } | null)?.RepoTags;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}
