// How the world says that something does not hold.

export class Violation extends Error {}

/** @throws Violation */
export function must(holds: boolean, rule: string, details: () => string = () => ''): asserts holds {
  if (!holds) throw new Violation(`${rule}: ${details()}`);
}
