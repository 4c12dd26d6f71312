// Values as text, the way a terminal shows them. Runs inside the isolate, beside hostile code: it calls no getter,
// looks at a bounded number of entries and never writes more than its budget.

const ITEMS = 100; // entries shown of one container
const DEPTH = 4; // containers within containers
const LINE_CHARS = 72; // longer containers are broken into lines
const MAX_TEXT = 10_000; // characters of one string inside a container

const { getOwnPropertyDescriptor, getPrototypeOf, keys, getOwnPropertySymbols } = Object;

class Formatter {
  #budget: number;
  readonly #seen: object[] = [];

  constructor(maxChars: number) {
    this.#budget = maxChars;
  }

  show(value: unknown, top: boolean): string {
    if (this.#budget <= 0) return '…';
    const text = this.#text(value, top);
    this.#budget -= text.length;
    return text;
  }

  #text(value: unknown, top: boolean): string {
    switch (typeof value) {
      case 'string':
        return top ? value.slice(0, this.#budget) : quoted(value.slice(0, Math.min(this.#budget, MAX_TEXT)));
      case 'number':
        return Object.is(value, -0) ? '-0' : `${value}`;
      case 'bigint':
        return bigintText(value);
      case 'symbol':
        return Symbol.prototype.toString.call(value);
      case 'function':
        return functionText(value);
      case 'object':
        return value === null ? 'null' : this.#object(value);
      default:
        return `${value as boolean | undefined}`;
    }
  }

  #object(value: object): string {
    if (this.#seen.includes(value)) return '[Circular]';
    if (value instanceof Error) return errorText(value);
    const name = className(value);
    if (this.#seen.length > DEPTH) return `[${name === '' ? 'Object' : name}]`;
    this.#seen.push(value);
    try {
      return this.#container(value, name);
    } catch {
      return `[${name === '' ? 'Object' : name}]`; // a trap of a Proxy threw
    } finally {
      this.#seen.pop();
    }
  }

  #container(value: object, name: string): string {
    if (Array.isArray(value)) return this.#list(value, name === 'Array' ? '' : `${name}(${value.length}) `);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return RegExp.prototype.toString.call(value);
    if (value instanceof Map) return this.#map(value);
    if (value instanceof Set) return this.#set(value);
    if (value instanceof Promise) return 'Promise { … }';
    if (value instanceof ArrayBuffer) return `ArrayBuffer { byteLength: ${value.byteLength} }`;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const view = value as Uint8Array;
      return this.#list(view, `${name}(${view.length}) `);
    }
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return `[${name}: ${this.show(value.valueOf(), false)}]`;
    }
    return braces(head(value, name), this.#properties(value, false));
  }

  #list(list: ArrayLike<unknown>, start: string): string {
    const out: string[] = [];
    for (let i = 0; i < list.length && i < ITEMS && this.#budget > 0; i++)
      out.push(this.#property(list, i) ?? '<empty>');
    if (list.length > ITEMS) out.push(`… ${list.length - ITEMS} more`);
    if (Array.isArray(list)) out.push(...this.#properties(list, true));
    return wrap(`${start}[`, out, ']');
  }

  #map(map: Map<unknown, unknown>): string {
    const out: string[] = [];
    for (const [key, item] of map) {
      if (out.length >= ITEMS || this.#budget <= 0) break;
      out.push(`${this.show(key, false)} => ${this.show(item, false)}`);
    }
    if (map.size > ITEMS) out.push(`… ${map.size - ITEMS} more`);
    return braces(`Map(${map.size}) `, out);
  }

  #set(set: Set<unknown>): string {
    const out: string[] = [];
    for (const item of set) {
      if (out.length >= ITEMS || this.#budget <= 0) break;
      out.push(this.show(item, false));
    }
    if (set.size > ITEMS) out.push(`… ${set.size - ITEMS} more`);
    return braces(`Set(${set.size}) `, out);
  }

  #properties(value: object, skipIndexes: boolean): string[] {
    const out: string[] = [];
    for (const key of [...keys(value), ...getOwnPropertySymbols(value)]) {
      if (skipIndexes && typeof key === 'string' && /^\d+$/.test(key)) continue;
      if (out.length >= ITEMS || this.#budget <= 0) {
        out.push('…');
        break;
      }
      const text = this.#property(value, key);
      if (text !== undefined) out.push(`${keyText(key)}: ${text}`);
    }
    return out;
  }

  #property(value: object, key: PropertyKey): string | undefined {
    const found = getOwnPropertyDescriptor(value, key);
    if (found === undefined || found.enumerable !== true) return undefined;
    if ('value' in found) return this.show(found.value, false);
    return found.get === undefined ? '[Setter]' : found.set === undefined ? '[Getter]' : '[Getter/Setter]';
  }
}

/** A value as text; strings stay bare at the top level, as `console.log` prints them. */
export function format(value: unknown, maxChars: number): string {
  return new Formatter(maxChars).show(value, true);
}

/** A value as text; strings carry quotes, as a result is shown. */
export function formatResult(value: unknown, maxChars: number): string {
  return new Formatter(maxChars).show(value, false).slice(0, maxChars);
}

/** The arguments of one `console` call as one line without its end; understands `%s %d %i %f %j %o %O %c`. */
export function formatLine(args: readonly unknown[], maxChars: number): string {
  const formatter = new Formatter(maxChars);
  let rest = args;
  let line = '';
  if (typeof args[0] === 'string' && args.length > 1 && args[0].includes('%')) {
    let next = 1;
    line = args[0].slice(0, maxChars).replace(/%[sdifjoOc%]/g, (code) => {
      if (code === '%%') return '%';
      return next < args.length ? directive(code, args[next++], formatter) : code;
    });
    rest = args.slice(next);
    if (rest.length > 0) line += ' ';
  }
  const parts: string[] = [];
  for (let i = 0; i < rest.length && i < ITEMS; i++) parts.push(formatter.show(rest[i], true));
  line += parts.join(' ');
  return line.length > maxChars ? `${line.slice(0, maxChars)}…` : line;
}

function directive(code: string, value: unknown, formatter: Formatter): string {
  if (code === '%c') return '';
  if (code === '%s') return formatter.show(value, true);
  if (code === '%d' || code === '%f') return typeof value === 'object' ? 'NaN' : `${Number(value)}`;
  if (code === '%i') return typeof value === 'object' ? 'NaN' : `${Math.trunc(Number(value))}`;
  return formatter.show(value, false);
}

function quoted(text: string): string {
  const quote = !text.includes("'") ? "'" : !text.includes('"') ? '"' : '`';
  return (
    quote +
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll('\\"', '"')
      .replaceAll(quote, quote === '`' ? '\\`' : quote) +
    quote
  );
}

function bigintText(value: bigint): string {
  const edge = 10n ** 1000n; // printing is quadratic and cannot be interrupted
  return value < edge && value > -edge ? `${value}n` : '[bigint]';
}

function functionText(value: object): string {
  const found = getOwnPropertyDescriptor(value, 'name')?.value as unknown;
  const name = typeof found === 'string' && found !== '' ? `: ${found.slice(0, ITEMS)}` : ' (anonymous)';
  return /^class\b/.test(Function.prototype.toString.call(value).slice(0, 6))
    ? `[class${name.replace(/^:/, '')}]`
    : `[Function${name}]`;
}

function errorText(error: Error): string {
  const { stack } = error;
  if (typeof stack !== 'string') return `[${String(error.name)}: ${String(error.message)}]`.slice(0, MAX_TEXT);
  const lines = stack.slice(0, MAX_TEXT).split('\n');
  return lines.filter((line) => !/^\s+at .*coderoom:/.test(line)).join('\n');
}

function className(value: object): string {
  const prototype = getPrototypeOf(value) as object | null;
  if (prototype === null) return 'Object: null prototype';
  const maker = getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown;
  if (typeof maker !== 'function') return '';
  const name = getOwnPropertyDescriptor(maker, 'name')?.value as unknown;
  return typeof name === 'string' ? name.slice(0, ITEMS) : '';
}

function head(value: object, name: string): string {
  if (name === 'Object' || name === '') return '';
  return getPrototypeOf(value) === null ? `[${name}] ` : `${name} `;
}

function keyText(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${Symbol.prototype.toString.call(key)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key.slice(0, MAX_TEXT));
}

function braces(start: string, entries: readonly string[]): string {
  return wrap(`${start}{`, entries, '}');
}

function wrap(start: string, entries: readonly string[], end: string): string {
  if (entries.length === 0) return start + end;
  const total = entries.reduce((sum, entry) => sum + entry.length + 2, start.length);
  if (total <= LINE_CHARS && !entries.some((entry) => entry.includes('\n'))) {
    return `${start} ${entries.join(', ')} ${end}`;
  }
  const flat = entries.every((entry) => entry.length <= 6); // numbers go on rows, as many as fit
  const lines = flat ? rows(entries) : entries;
  return `${start}\n${lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`).join(',\n')}\n${end}`;
}

function rows(entries: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < entries.length; i += 12) out.push(entries.slice(i, i + 12).join(', '));
  return out;
}
