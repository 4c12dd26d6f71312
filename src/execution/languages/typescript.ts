// TypeScript to JavaScript. Called in a sandbox process only: one hostile file can break the stripper for its process.
import { SourceMap, type SourceMapPayload, stripTypeScriptTypes } from 'node:module';
import type { Place, Translated } from './javascript.ts';

const MAP_COMMENT = '//# sourceMappingURL=data:application/json;base64,';

/** The file is not TypeScript. `place` is where, if the stripper told. */
export class TypeScriptError extends Error {
  readonly place: Place | undefined;

  constructor(message: string, place?: Place) {
    super(message);
    this.place = place;
  }
}

/**
 * Blanks types out, which keeps every line and column; enums, namespaces and the like are transformed instead.
 * @throws TypeScriptError on a syntax error; anything else that is thrown means that the stripper is broken
 */
export function translateTypeScript(text: string): Translated {
  const stripped = attempt(() => ({ code: stripTypeScriptTypes(text) }));
  return stripped === 'unsupported' ? transform(text) : stripped;
}

function transform(text: string): Translated {
  const out = attempt(() => ({ code: stripTypeScriptTypes(text, { mode: 'transform', sourceMap: true }) }));
  if (out === 'unsupported') throw new TypeScriptError('this TypeScript syntax is not supported');
  const at = out.code.lastIndexOf(MAP_COMMENT);
  if (at < 0) return out;
  const json = Buffer.from(out.code.slice(at + MAP_COMMENT.length), 'base64').toString('utf8');
  const map = new SourceMap(JSON.parse(json) as SourceMapPayload);
  return { code: out.code.slice(0, at), origin: (place) => originOf(map, place) };
}

function attempt(strip: () => Translated): Translated | 'unsupported' {
  try {
    return strip();
  } catch (error) {
    const { code, message, stack } = error as NodeJS.ErrnoException;
    if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return 'unsupported';
    if (code === 'ERR_INVALID_TYPESCRIPT_SYNTAX') throw new TypeScriptError(message, placeIn(stack ?? ''));
    throw error;
  }
}

function originOf(map: SourceMap, place: Place): Place {
  const found = map.findOrigin(place.line, place.column);
  return 'lineNumber' in found ? { line: found.lineNumber, column: found.columnNumber } : place;
}

/** The stripper tells the place only in its stack: `name:line`, the text, and a caret below the column. */
function placeIn(stack: string): Place | undefined {
  const line = /^[^\n]*:(\d+)\n/.exec(stack)?.[1];
  const caret = /^( *)\^+ *$/m.exec(stack)?.[1];
  return line === undefined ? undefined : { line: Number(line), column: (caret?.length ?? 0) + 1 };
}
