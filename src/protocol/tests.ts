// Test cases of files (table test_cases): kept beside the file, run together, each with a verdict.
import { z } from 'zod';
import { command, event } from './define.ts';
import { shownLine, timestamp, uuid } from './ids.ts';
import { execution, runArgs } from './runs.ts';

/** Cases of one file, and of one run of tests. */
export const CASES_PER_FILE = 30;
/** UTF-16 units of the input of a case, and of the output it expects. */
export const CASE_TEXT_LENGTH = 16_384;

const caseText = z.string().max(CASE_TEXT_LENGTH);

const given = {
  name: shownLine(100),
  stdin: caseText.default(''),
  args: runArgs.default([]),
  /**
   * What the program has to print on standard output; null when it only has to end by itself without an error. Line
   * ends are all the same, and blanks at the end of a line and empty lines at the end do not count; everything else does.
   */
  expectedOutput: caseText.nullable().default(null),
};

export const testCase = z.object({
  id: uuid,
  fileId: uuid,
  name: z.string(),
  stdin: z.string(),
  args: z.array(z.string()),
  expectedOutput: z.string().nullable(),
  updatedAt: timestamp,
});
export type TestCase = z.infer<typeof testCase>;

export const testList = command({
  name: 'test.list',
  summary: 'The test cases of a file, in the order they were made in.',
  access: { scope: 'room', via: 'fileId', action: 'file.read' },
  http: { method: 'GET', path: '/api/files/:fileId/tests' },
  input: z.object({ fileId: uuid }),
  output: z.object({ cases: z.array(testCase) }),
});

export const testSave = command({
  name: 'test.save',
  summary: 'Make a test case of a file, or change the one of this id.',
  access: { scope: 'room', via: 'fileId', action: 'file.write' },
  http: { method: 'PUT', path: '/api/files/:fileId/tests' },
  mutates: true,
  rate: { perMinute: 120 },
  input: z.object({ fileId: uuid, caseId: uuid.optional(), ...given }),
  output: z.object({ case: testCase }),
});

export const testRemove = command({
  name: 'test.remove',
  summary: 'Remove a test case.',
  access: { scope: 'room', via: 'fileId', action: 'file.write' },
  http: { method: 'DELETE', path: '/api/files/:fileId/tests/:caseId' },
  mutates: true,
  input: z.object({ fileId: uuid, caseId: uuid }),
  output: z.object({ removed: z.boolean() }),
});

export const runTest = command({
  name: 'run.test',
  summary: 'Run a file once for every test case: its stored ones, some of those, or others that are given.',
  access: { scope: 'room', via: 'fileId', action: 'run.start' },
  http: { method: 'POST', path: '/api/files/:fileId/tests/run' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 30 },
  input: z
    .object({
      fileId: uuid,
      /** Stored cases; all of them where neither these nor `cases` are given. */
      caseIds: z.array(uuid).min(1).max(CASES_PER_FILE).optional(),
      cases: z.array(z.object(given)).min(1).max(CASES_PER_FILE).optional(),
    })
    .refine((input) => input.caseIds === undefined || input.cases === undefined, 'give caseIds or cases, not both'),
  output: z.object({ execution }),
});

export const testSaved = event({
  name: 'test.saved',
  summary: 'A test case was made or changed.',
  payload: z.object({ roomId: uuid, case: testCase }),
});
export const testRemoved = event({
  name: 'test.removed',
  summary: 'A test case was removed.',
  payload: z.object({ roomId: uuid, fileId: uuid, caseId: uuid }),
});
