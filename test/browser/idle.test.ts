// Who counts as away from the keyboard, on a clock of the test.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { tellIdle } from '../../src/web/state/idle.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('30 s without a sign make one idle, the next sign ends it, and nothing is told twice', () => {
  const told: boolean[] = [];
  const window = new EventTarget();
  const stop = tellIdle({ setIdle: (idle) => void told.push(idle) }, window);
  jest.advanceTimersByTime(29_000);
  window.dispatchEvent(new Event('keydown'));
  jest.advanceTimersByTime(29_000);
  expect(told).toEqual([]);
  jest.advanceTimersByTime(1_000);
  expect(told).toEqual([true]);
  jest.advanceTimersByTime(600_000);
  window.dispatchEvent(new Event('pointermove'));
  window.dispatchEvent(new Event('pointermove'));
  expect(told).toEqual([true, false]);
  stop();
  jest.advanceTimersByTime(600_000);
  window.dispatchEvent(new Event('keydown'));
  expect(told).toEqual([true, false]);
  expect(jest.getTimerCount()).toBe(0);
});
