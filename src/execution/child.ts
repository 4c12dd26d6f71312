// The sandbox process: one isolate for one run, the next one prepared as soon as that has ended. It obeys frames on
// fd 3 and ends with that pipe. The server trusts nothing that it says.
import { Socket } from 'node:net';
import { execute } from './evaluation.ts';
import { describeFailure } from './failure.ts';
import { type DoneFrame, encodeFrame, FrameReader, type FromChild, type GreetFrame, type RunFrame } from './ipc.ts';
import { CPU_CHECK_EVERY_MS, MAX_FRAME_FROM_CHILD, MAX_FRAME_TO_CHILD, RUN_LIMITS } from './limits.ts';
import { OutputBatch } from './output-batch.ts';
import { doneFrame } from './run-report.ts';
import { WARM_UP_RUNS } from './runtime-source.ts';
import { Session } from './session.ts';
import { SourceTree } from './source-tree.ts';

const pipe = new Socket({ fd: 3, readable: true, writable: true });

/** The runs that warm this process up say nothing. */
let muted = true;

function send(message: FromChild): void {
  if (!muted) pipe.write(encodeFrame(message, MAX_FRAME_FROM_CHILD));
}

/** The run under way, 0 before the first. */
let current = 0;
const onFatal = (): void => send({ type: 'fatal', run: current });
let prepared = Session.open(RUN_LIMITS.heapMb, onFatal);

async function obey(frame: RunFrame): Promise<void> {
  current = frame.run;
  let session = await prepared;
  if (session.heapMb !== frame.limits.heapMb) {
    session.close();
    session = await Session.open(frame.limits.heapMb, onFatal);
  }
  const done = await run(session, frame);
  send(done);
  session.close();
  if (!done.reusable) return; // the server ends this process
  prepared = Session.open(frame.limits.heapMb, onFatal);
  await prepared;
  send({ type: 'ready' });
}

async function run(session: Session, frame: RunFrame): Promise<DoneFrame> {
  const { limits } = frame;
  const output = new OutputBatch(limits.outputBytes, {
    send: (pieces) => send({ type: 'output', run: frame.run, pieces }),
    flooded: () => session.stop({ kind: 'output', message: 'output limit reached' }),
  });
  session.begin(frame, output);
  const unwatch = watch(session, frame);
  const tree = new SourceTree(frame);
  try {
    const end = await Promise.race([
      session.stopped.then((error) => ({ error })),
      execute(session, tree, limits.resultChars).catch((error: unknown) => ({ error: describeFailure(error, tree) })),
    ]);
    output.close();
    return doneFrame(frame.run, end, { output, cpuMs: cpuMs(session), unharmed: !tree.broken });
  } finally {
    unwatch();
  }
}

/** The second deadline: `run({timeout})` does not see microtasks, floods of host calls and some builtins. */
function watch(session: Session, frame: RunFrame): () => void {
  const { wallMs, cpuMs: most } = frame.limits;
  const wall = setTimeout(
    () => session.stop({ kind: 'timeout', message: `time limit of ${wallMs} ms reached` }),
    wallMs,
  );
  const cpu = setInterval(() => {
    if (cpuMs(session) > most) session.stop({ kind: 'timeout', message: `CPU limit of ${most} ms reached` });
  }, CPU_CHECK_EVERY_MS);
  return () => {
    clearTimeout(wall);
    clearInterval(cpu);
  };
}

function cpuMs(session: Session): number {
  return session.isolate.isDisposed ? 0 : Number(session.isolate.cpuTime) / 1e6;
}

const reader = new FrameReader(MAX_FRAME_TO_CHILD);
pipe.on('error', () => process.exit(0));
pipe.on('close', () => process.kill(process.pid, 'SIGKILL')); // an exit would wait for an isolate that spins
pipe.on('data', (chunk) => {
  for (const message of reader.push(chunk) as (RunFrame | GreetFrame)[]) {
    if (message.type === 'run') void obey(message);
    else send({ type: 'ready' });
  }
});
for (const frame of WARM_UP_RUNS) await obey(frame);
muted = false;
send({ type: 'ready' });
