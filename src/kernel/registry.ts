// Which handler answers which declared command. Every declared command has exactly one.
import type { z } from 'zod';
import type { AppError } from '../protocol/errors.ts';
import { type CommandName, type Commands, commands } from '../protocol/index.ts';
import type { SharedContext, SlowContext, TransactionContext } from './context.ts';

type Input<N extends CommandName> = z.output<Commands[N]['input']>;
type Output<N extends CommandName> = z.input<Commands[N]['output']>;

/** In a transaction of its own. */
type OwnHandler<N extends CommandName> = (context: TransactionContext, input: Input<N>) => Promise<Output<N>>;
/** For `transaction: false`. */
type SlowHandler<N extends CommandName> = (context: SlowContext, input: Input<N>) => Promise<Output<N>>;
/** For `transaction: 'shared'`: an answer for each call, in their order; an AppError refuses that call alone. */
type SharedHandler<N extends CommandName> = (
  context: SharedContext<Input<N>>,
) => Promise<readonly (Output<N> | AppError)[]>;

/** The handler of a command, as its declaration wants it. */
export type Handler<N extends CommandName> = Commands[N]['transaction'] extends true
  ? OwnHandler<N>
  : Commands[N]['transaction'] extends false
    ? SlowHandler<N>
    : SharedHandler<N>;

/**
 * Begins to look up what the handler of a command in a room will ask for, while the right of its caller is looked up.
 * The caller may be refused: nothing is done, and nothing is told of it but to the handler.
 */
export type Foresight = { readonly [N in CommandName]?: (input: Input<N>) => void };

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
