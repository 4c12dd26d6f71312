// Waiting in tests: for a condition, never for a time.

/** Milliseconds; far above what anything here takes on a loaded machine. */
const DEFAULT_TIMEOUT_MS = 10_000;
/** Milliseconds between two looks. */
const INTERVAL_MS = 5;

/**
 * Resolves as soon as the condition holds, with what it returned.
 * @throws Error naming `what` when it still does not hold after `timeoutMs`
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = DEFAULT_TIMEOUT_MS, what = condition.toString() }: { timeoutMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
