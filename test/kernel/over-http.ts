// Commands over HTTP, made from their declarations.
import { type CommandName, commands } from '../../src/protocol/index.ts';
import { type Answered, call } from '../support/api.ts';

/** A command over HTTP, from its declaration: fields of the path, then the query or the body. */
export async function overHttp(
  { url }: { url: string },
  name: CommandName,
  { input, token }: { input: Readonly<Record<string, unknown>>; token: string | undefined },
): Promise<Answered> {
  const { method, path } = commands[name].http;
  const rest = { ...input };
  const filled = path.replace(/:(\w+)/g, (_, field: string) => {
    delete rest[field];
    return encodeURIComponent(textOf(input[field]));
  });
  const signed = token === undefined ? {} : { token };
  if (method !== 'GET' && method !== 'DELETE') return call(url, `${method} ${filled}`, { ...signed, body: rest });
  const query = new URLSearchParams(Object.entries(rest).map(([key, value]): [string, string] => [key, textOf(value)]));
  return call(url, `${method} ${filled}${query.size > 0 ? `?${query}` : ''}`, signed);
}

const textOf = (value: unknown): string =>
  (typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed();
