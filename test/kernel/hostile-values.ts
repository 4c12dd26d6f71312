// Values that no schema asks for, and strings that have broken other servers.

import { z } from 'zod';

const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

/** What JSON can carry, by what is hostile about it. */
export const HOSTILE_VALUES: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  zero: 0,
  'minus one': -1,
  'a fraction': 1.5,
  'more than an integer': 2 ** 53,
  'more than a column': 2 ** 31,
  'an enormous number': 1e308,
  NaN: Number.NaN,
  'an empty array': [],
  'an array of one string': ['text'],
  'a long array': Array.from({ length: 10_000 }, () => 0),
  'an empty object': {},
  'an object like a string': { length: 3, toString: 'x', valueOf: 1 },
  'an object with prototype names': JSON.parse('{"prototype":{"admin":true},"hasOwnProperty":1}'),
  'a deep array': deep(2_000),
  'an operator': { $ne: null },
  'an empty string': '',
  blanks: ' \t\n ',
  'a long string': 'x'.repeat(1_000_001),
  __proto__name: '__proto__',
  constructor_name: 'constructor',
  'hasOwnProperty as text': 'hasOwnProperty',
  'U+0000': 'a\0b',
  'only U+0000': '\0',
  'a lone high surrogate': 'a\ud800b',
  'a lone low surrogate': '\udc00',
  'control characters': '\x01\x1b[31m\x7f\u0085',
  'direction override': 'a\u202eb',
  'line breaks': 'a\r\nSet-Cookie: x=1\r\n\r\n<html>',
  emoji: '👩‍🚀🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'not in form C': 'e\u0301',
  SQL: `'; drop table users; --`,
  'SQL in a number': '1 or 1=1',
  'a format string': '%s%n%00%zz$1{0}',
  markup: '<img src=x onerror=alert(1)>',
  traversal: '../../etc/passwd',
  'a backslash': 'a\\u0000b\\',
  'an id that is not there': '01900000-0000-7000-8000-000000000000',
  'the nil id': '00000000-0000-0000-0000-000000000000',
  'nearly an id': '01900000-0000-7000-8000-00000000000g',
  'a cursor of nothing': Buffer.from('1.x').toString('base64url'),
  'a cursor far away': Buffer.from('99999999999999999.01900000-0000-7000-8000-000000000000').toString('base64url'),
};

/** In place of the whole input. */
export const HOSTILE_INPUTS: readonly unknown[] = [
  null,
  [],
  [[]],
  'text',
  '',
  7,
  true,
  deep(2_000),
  { toString: null, valueOf: null },
];

/** What is inside of wrappers: optional, default, nullable and the like. */
function unwrapped(schema: z.ZodType): z.ZodType {
  const { innerType, in: first } = schema.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = innerType ?? first;
  return inner ? unwrapped(inner) : schema;
}

export interface Place {
  readonly where: string;
  /** The field's value with something hostile there. */
  readonly put: (value: unknown) => unknown;
}

/**
 * Every place inside a field that holds others, at any depth.
 * @param sample a valid value of the field, whose other parts stay as they are; undefined where there is none
 */
export function placesIn(schema: z.ZodType, sample: unknown): Place[] {
  const given = unwrapped(schema);
  if (given instanceof z.ZodArray) {
    const [first] = Array.isArray(sample) ? sample : [];
    return within('[]', { inner: given.element as z.ZodType, sample: first, wrap: (value) => [value] });
  }
  if (given instanceof z.ZodRecord) {
    const key: Place = {
      where: '{key}',
      put: (value) => ({
        [typeof value === 'string' ? value : `${JSON.stringify(value)}`]: Object.values(Object(sample))[0] ?? 'x',
      }),
    };
    const wrap = (value: unknown) => ({ ...Object(sample), A: value });
    return [key, ...within('{}', { inner: given.valueType as z.ZodType, sample: undefined, wrap })];
  }
  if (!(given instanceof z.ZodObject)) return [];
  return Object.entries(given.shape as Record<string, z.ZodType>).flatMap(([name, inner]) => {
    const known = Object(sample) as Record<string, unknown>;
    return within(`.${name}`, { inner, sample: known[name], wrap: (value) => ({ ...known, [name]: value }) });
  });
}

function within(
  where: string,
  { inner, sample, wrap }: { inner: z.ZodType; sample: unknown; wrap: (value: unknown) => unknown },
): Place[] {
  const deeper = placesIn(inner, sample);
  return [
    { where, put: wrap },
    ...deeper.map((place) => ({ where: where + place.where, put: (value: unknown) => wrap(place.put(value)) })),
  ];
}
