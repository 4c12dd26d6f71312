// Translated files by their whole text, within one sandbox process: a room runs the same files again and again. It never
// leaves the process, which belongs to one room, so nobody has to trust what it holds.
import type { Translated } from './languages/javascript.ts';

/** Characters of text and code kept together; the oldest go first. */
const MOST_CHARS = 2 * 1024 * 1024;

export class TranslationCache {
  /** In order of last use, the oldest first. */
  readonly #known = new Map<string, Translated>();
  readonly #most: number;
  #chars = 0;

  constructor(mostChars = MOST_CHARS) {
    this.#most = mostChars;
  }

  /** What `translate` makes of the text, now or before; what it throws is not kept. */
  get(text: string, translate: (text: string) => Translated): Translated {
    const known = this.#known.get(text);
    if (known !== undefined) this.#drop(text, known);
    const made = known ?? translate(text);
    this.#known.set(text, made);
    this.#chars += text.length + made.code.length;
    for (const [oldest, other] of this.#known) {
      if (this.#chars <= this.#most) break;
      this.#drop(oldest, other);
    }
    return made;
  }

  #drop(text: string, { code }: Translated): void {
    this.#known.delete(text);
    this.#chars -= text.length + code.length;
  }
}
