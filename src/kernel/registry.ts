// Which handler answers which declared command. Every declared command has exactly one.
import type { z } from 'zod';
import { type CommandName, type Commands, commands } from '../protocol/index.ts';
import type { SlowContext, TransactionContext } from './context.ts';

type Input<N extends CommandName> = z.output<Commands[N]['input']>;
type Output<N extends CommandName> = z.input<Commands[N]['output']>;

/** The handler of a command: in a transaction, unless it is declared with `transaction: false`. */
export type Handler<N extends CommandName> = (
  context: Commands[N]['transaction'] extends false ? SlowContext : TransactionContext,
  input: Input<N>,
) => Promise<Output<N>>;

/** What one slice contributes: its handlers by command name. */
export type Handlers = { readonly [N in CommandName]?: Handler<N> };

/**
 * Puts the slices' handlers together.
 * @throws Error when a declared command has no handler, or two
 */
export function registerHandlers(slices: readonly Handlers[]): Required<Handlers> {
  const registered: Record<string, unknown> = {};
  for (const slice of slices) {
    for (const [name, handler] of Object.entries(slice)) {
      if (name in registered) throw new Error(`Two slices answer ${name}.`);
      registered[name] = handler;
    }
  }
  const missing = Object.keys(commands).filter((name) => !(name in registered));
  if (missing.length > 0) throw new Error(`No handler for ${missing.join(', ')}.`);
  return registered as Required<Handlers>;
}
