// Isolates that are ready for the next run: one for programs in JavaScript and one for SQL, each made anew after its run.
import { execute } from './evaluation.ts';
import { describeFailure } from './failure.ts';
import { type Guest, type GuestEnd, type Prepared, warmUpRun } from './guest.ts';
import type { RunFrame } from './ipc.ts';
import { RUN_LIMITS } from './limits.ts';
import { readRuntime } from './runtime-source.ts';
import { Session } from './session.ts';
import { SourceTree } from './source-tree.ts';

const RUNTIME = readRuntime('main.ts', ['install', 'begin', 'feed', 'fire', 'show']);

interface Kept {
  readonly heapMb: number;
  readonly prepared: Promise<Prepared>;
}

type Kind = 'script' | 'sql';

export class PreparedSessions implements Guest {
  readonly warmUp = [
    warmUpRun('javascript', 'console.log({ a: [1] }); 1', RUN_LIMITS),
    warmUpRun('typescript', 'const a: number = await 1; console.log(a); export {}', RUN_LIMITS),
    warmUpRun('sql', 'select name, 1.5 from users limit 1', RUN_LIMITS),
  ];

  readonly #onFatal: () => void;
  readonly #kept = new Map<Kind, Kept>();

  /** @param onFatal called when V8 has lost control of an isolate */
  constructor(onFatal: () => void) {
    this.#onFatal = onFatal;
  }

  /** Makes one ready for the next run of this kind. */
  async prepare(frame: RunFrame): Promise<void> {
    const { heapMb } = frame.limits;
    const kind = kindOf(frame);
    const prepared = kind === 'sql' ? openSql(this.#onFatal) : openScript(heapMb, this.#onFatal);
    this.#kept.set(kind, { heapMb, prepared });
    await prepared;
  }

  /** The one for this run. */
  async take(frame: RunFrame): Promise<Prepared> {
    const kind = kindOf(frame);
    const kept = this.#kept.get(kind);
    const fits = kept !== undefined && (kind === 'sql' || kept.heapMb === frame.limits.heapMb);
    if (!fits) {
      void kept?.prepared.then(({ session }) => session.close());
      await this.prepare(frame);
    }
    const { prepared } = this.#kept.get(kind)!;
    this.#kept.delete(kind);
    return prepared;
  }
}

function kindOf({ language }: RunFrame): Kind {
  return language === 'sql' ? 'sql' : 'script';
}

async function openScript(heapMb: number, onFatal: () => void): Promise<Prepared> {
  const session = await Session.open({ heapMb, runtime: RUNTIME, onFatal });
  return { session, execute: (frame) => ended(frame, (tree) => execute(session, tree, frame)) };
}

async function openSql(onFatal: () => void): Promise<Prepared> {
  // Only here: a process that is in a hurry to run something else does without it.
  const { SqlSession } = await import('./sql/session.ts');
  const session = await SqlSession.open(onFatal);
  return { session, execute: (frame) => ended(frame, () => session.execute(frame)) };
}

async function ended(frame: RunFrame, run: (tree: SourceTree) => Promise<GuestEnd>): Promise<GuestEnd> {
  const tree = new SourceTree(frame);
  try {
    return await run(tree);
  } catch (error) {
    return { error: describeFailure(error, tree), harmed: tree.broken };
  }
}
