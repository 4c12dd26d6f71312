// structuredClone without transfer.

class DataCloneError extends Error {
  override readonly name = 'DataCloneError';
}

/** A deep copy: plain objects, arrays, Map, Set, Date, RegExp, errors, buffers and views, cycles too. */
export function structuredClone(value: unknown): unknown {
  return copy(value, new Map());
}

function copy(value: unknown, seen: Map<object, object>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new DataCloneError(`${String(value).slice(0, 100)} could not be cloned.`);
  }
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const made = shell(value, seen);
  seen.set(value, made);
  fill(value, made, seen);
  return made;
}

function shell(value: object, seen: Map<object, object>): object {
  if (Array.isArray(value)) return Array.from({ length: value.length });
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) return viewCopy(value, seen);
  if (value instanceof Error) return errorCopy(value);
  if (value instanceof Number || value instanceof String || value instanceof Boolean)
    return Object(value.valueOf()) as object;
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
    throw new DataCloneError('The object could not be cloned.');
  }
  return {};
}

function viewCopy(value: ArrayBufferView, seen: Map<object, object>): object {
  const buffer = copy(value.buffer, seen) as ArrayBuffer;
  if (value instanceof DataView) return new DataView(buffer, value.byteOffset, value.byteLength);
  const view = value as Uint8Array;
  const Kind = view.constructor as Uint8ArrayConstructor;
  return new Kind(buffer, view.byteOffset, view.length);
}

const ERRORS = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

function errorCopy(error: Error): Error {
  const Kind = ERRORS.find((candidate) => candidate.name === error.name) ?? Error;
  const made = new Kind(error.message);
  Object.defineProperty(made, 'stack', { value: error.stack, configurable: true, writable: true });
  return made;
}

function fill(from: object, to: object, seen: Map<object, object>): void {
  if (from instanceof Map) {
    for (const [key, item] of from) (to as Map<unknown, unknown>).set(copy(key, seen), copy(item, seen));
  } else if (from instanceof Set) {
    for (const item of from) (to as Set<unknown>).add(copy(item, seen));
  } else if (Array.isArray(from) || Object.prototype.toString.call(from) === '[object Object]') {
    for (const key of Object.keys(from)) {
      (to as Record<string, unknown>)[key] = copy((from as Record<string, unknown>)[key], seen);
    }
  }
}
