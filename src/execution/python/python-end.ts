// What room.py tells of the end of a program. The program could have written it as well: nothing is believed unseen.
import type { GuestEnd } from '../guest.ts';
import type { RunError } from '../ipc.ts';
import { ERROR_TEXT } from '../limits.ts';

const KINDS: readonly string[] = ['exception', 'syntax', 'memory'] satisfies RunError['kind'][];

/** What its user reads when Python could not tell why it ended. */
export const CRASHED = 'Python itself crashed';

/** @param told JSON; empty when Python ended before it could tell */
export function readEnd(told: string, valueChars: number): GuestEnd {
  const { value, exit, error } = fieldsOf(parsed(told));
  if (error !== undefined) return { error: errorOf(fieldsOf(error)) };
  if (typeof exit === 'number') return exited(exit);
  if (told === '') return { error: { kind: 'exception', message: CRASHED } };
  return typeof value === 'string' ? { value: value.slice(0, valueChars) } : {};
}

/** A program that ended itself. @param code 0 means that all is well; only the last byte counts */
export function exited(code: number): GuestEnd {
  const byte = Math.trunc(code) & 0xff;
  return byte === 0 ? {} : { error: { kind: 'exception', message: `the program ended with code ${byte}` } };
}

function errorOf({ kind, message, file, line, column, stack }: Record<string, unknown>): RunError {
  const known = typeof kind === 'string' && KINDS.includes(kind);
  return {
    kind: known ? (kind as RunError['kind']) : 'exception',
    message: cut(message, ERROR_TEXT.message) ?? 'exception',
    ...field('file', cut(file, ERROR_TEXT.message)),
    ...field('line', count(line)),
    ...field('column', count(column)),
    ...field('stack', cut(stack, ERROR_TEXT.stack)),
  };
}

function field<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: T };
}

function cut(value: unknown, most: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.length > most ? `${value.slice(0, most - 1)}…` : value;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
