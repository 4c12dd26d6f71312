// The command line: words, then `--key value` pairs.

export class Options {
  readonly words: readonly string[];
  readonly #values = new Map<string, string>();

  constructor(args: readonly string[]) {
    const first = args.findIndex((arg) => arg.startsWith('--'));
    this.words = first < 0 ? args : args.slice(0, first);
    const pairs = first < 0 ? [] : args.slice(first);
    for (let i = 0; i < pairs.length; i += 2) {
      const [name = '', value] = pairs.slice(i, i + 2);
      if (!name.startsWith('--') || value === undefined) throw new Error(`--key value is expected, not ${name}`);
      this.#values.set(name.slice(2), value);
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  number(name: string, otherwise: number): number {
    const value = Number(this.#values.get(name) ?? otherwise);
    if (Number.isNaN(value)) throw new Error(`--${name} is not a number`);
    return value;
  }

  /** Words separated by commas. */
  list(name: string, otherwise: readonly string[]): readonly string[] {
    return this.#values.get(name)?.split(',').filter(Boolean) ?? otherwise;
  }
}
