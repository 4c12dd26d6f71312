// URL and URLSearchParams. The child's own URL parser does the work: only strings cross.

/**
 * `change` is `parse` (then `value` is the base, or empty) or the name of a part to set on `href`.
 * Answers the parts as JSON, or an empty string when there is no such URL.
 */
export type UrlHost = (change: string, href: string, value: string) => string;

const PARTS = [
  'href',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;
type Part = (typeof PARTS)[number];

/** The query of a URL, as a list of pairs. */
export class URLSearchParams {
  #pairs: [string, string][] = [];
  #changed: () => void = () => {};

  constructor(init: unknown = '') {
    if (typeof init === 'object' && init !== null) {
      const pairs = Symbol.iterator in init ? [...(init as Iterable<[unknown, unknown]>)] : Object.entries(init);
      this.#pairs = pairs.map(([name, value]) => [String(name), String(value)]);
    } else this.#read(String(init));
  }

  /** Ties the list to a URL: `changed` runs after every change. */
  static tie(params: URLSearchParams, changed: () => void): void {
    params.#changed = changed;
  }

  /** Reads a query again without telling the URL. */
  static reload(params: URLSearchParams, query: string): void {
    params.#read(query);
  }

  #read(query: string): void {
    const text = query.startsWith('?') ? query.slice(1) : query;
    this.#pairs = text
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=');
        return at < 0 ? [decoded(pair), ''] : [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
      });
  }

  get size(): number {
    return this.#pairs.length;
  }
  append(name: unknown, value: unknown): void {
    this.#pairs.push([String(name), String(value)]);
    this.#changed();
  }
  delete(name: unknown): void {
    this.#pairs = this.#pairs.filter(([other]) => other !== String(name));
    this.#changed();
  }
  get(name: unknown): string | null {
    return this.#pairs.find(([other]) => other === String(name))?.[1] ?? null;
  }
  getAll(name: unknown): string[] {
    return this.#pairs.filter(([other]) => other === String(name)).map(([, value]) => value);
  }
  has(name: unknown): boolean {
    return this.#pairs.some(([other]) => other === String(name));
  }
  set(name: unknown, value: unknown): void {
    const first = this.#pairs.findIndex(([other]) => other === String(name));
    if (first < 0) this.#pairs.push([String(name), String(value)]);
    else {
      this.#pairs = this.#pairs.filter(([other], i) => other !== String(name) || i === first);
      this.#pairs[first]![1] = String(value);
    }
    this.#changed();
  }
  sort(): void {
    this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#changed();
  }
  forEach(visit: (value: string, name: string, params: this) => void): void {
    for (const [name, value] of this.#pairs) visit(value, name, this);
  }
  *entries(): Generator<[string, string]> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }
  *keys(): Generator<string> {
    for (const [name] of this.#pairs) yield name;
  }
  *values(): Generator<string> {
    for (const [, value] of this.#pairs) yield value;
  }
  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
  toString(): string {
    return this.#pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  }
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Makes the `URL` class of a run. */
export function makeURL(host: UrlHost): new (input: unknown, base?: unknown) => object {
  const parse = (input: unknown, base: unknown): string =>
    host('parse', String(input as string), base === undefined ? '' : String(base as string));

  return class URL {
    #parts: Record<Part | 'origin', string>;
    readonly searchParams: URLSearchParams;

    constructor(input: unknown, base?: unknown) {
      const answer = parse(input, base);
      if (answer === '') throw new TypeError('Invalid URL');
      this.#parts = JSON.parse(answer) as Record<Part | 'origin', string>;
      this.searchParams = new URLSearchParams(this.#parts.search);
      URLSearchParams.tie(this.searchParams, () => this.#set('search', this.searchParams.toString()));
    }

    static {
      for (const name of PARTS) {
        Object.defineProperty(URL.prototype, name, {
          enumerable: true,
          configurable: true,
          get(this: URL) {
            return this.#parts[name];
          },
          set(this: URL, value: unknown) {
            this.#set(name, String(value as string));
            URLSearchParams.reload(this.searchParams, this.#parts.search);
          },
        });
      }
    }

    static canParse(input: unknown, base?: unknown): boolean {
      return parse(input, base) !== '';
    }

    #set(name: Part, value: string): void {
      const answer = host(name, this.#parts.href, value);
      if (answer !== '') this.#parts = JSON.parse(answer) as Record<Part | 'origin', string>;
      else if (name === 'href') throw new TypeError('Invalid URL');
    }

    get origin(): string {
      return this.#parts.origin;
    }
    toString(): string {
      return this.#parts.href;
    }
    toJSON(): string {
      return this.#parts.href;
    }
  };
}
