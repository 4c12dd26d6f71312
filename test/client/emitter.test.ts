// Listeners: each hears everything until it is removed, whatever the others do.
import { afterEach, expect, jest, test } from '@jest/globals';
import { Emitter } from '../../src/client/emitter.ts';

afterEach(() => void jest.restoreAllMocks());

test('a listener that throws keeps nobody from hearing, and its error comes out after the turn', () => {
  const later: (() => void)[] = [];
  jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void later.push(task));
  const emitter = new Emitter<[number]>();
  const heard: number[] = [];
  emitter.on(() => {
    throw new Error('from a listener');
  });
  emitter.on((value) => heard.push(value));
  emitter.emit(1);
  expect(heard).toEqual([1]);
  expect(later).toHaveLength(1);
  expect(later[0]).toThrow('from a listener');
});

test('the same function added twice hears twice, and each is removed by itself', () => {
  const emitter = new Emitter<[number]>();
  const heard: number[] = [];
  const listener = (value: number): void => void heard.push(value);
  const remove = emitter.on(listener);
  emitter.on(listener);
  emitter.emit(1);
  remove();
  remove();
  emitter.emit(2);
  expect(heard).toEqual([1, 1, 2]);
});

test('a listener added while an event is told hears the next one', () => {
  const emitter = new Emitter<[number]>();
  const heard: number[] = [];
  emitter.on(() => void emitter.on((value) => heard.push(value)));
  emitter.emit(1);
  expect(heard).toEqual([]);
  emitter.emit(2);
  expect(heard).toEqual([2]);
});
