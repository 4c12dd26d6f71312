// Isolates that are ready for the next run: one for programs in JavaScript and one for SQL, each made anew after its run.
import { execute } from './evaluation.ts';
import type { InputFrame, RunError, RunFrame } from './ipc.ts';
import type { OutputBatch } from './output-batch.ts';
import type { RunEnd } from './run-report.ts';
import { Session } from './session.ts';
import type { SourceTree } from './source-tree.ts';
import { SqlSession } from './sql/session.ts';
import type { ResultTable } from './tables.ts';

/** What a run runs in, as the child sees it. */
export interface RunSession {
  /** Resolves when the run must end before its program does. */
  readonly stopped: Promise<RunError>;
  /** Results of queries so far. */
  readonly tables?: readonly ResultTable[];
  /** @param onWanted called when the program waits for input, with the number of frames that it has had */
  begin(frame: RunFrame, output: OutputBatch, onWanted: (seen: number) => void): Promise<void>;
  take(input: InputFrame): void;
  stop(error: RunError): void;
  close(): void;
}

/** A session, and how the entry of a run is run in it. */
export interface Prepared {
  readonly session: RunSession;
  readonly execute: (frame: RunFrame, tree: SourceTree) => Promise<RunEnd>;
}

interface Kept {
  readonly heapMb: number;
  readonly prepared: Promise<Prepared>;
}

type Kind = 'script' | 'sql';

export class PreparedSessions {
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
  const session = await Session.open(heapMb, onFatal);
  return { session, execute: ({ limits }, tree) => execute(session, tree, limits.resultChars) };
}

async function openSql(onFatal: () => void): Promise<Prepared> {
  const session = await SqlSession.open(onFatal);
  return { session, execute: (frame) => session.execute(frame) };
}
