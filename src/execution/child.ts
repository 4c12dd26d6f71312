// The sandbox process: one isolate for one run, the next one prepared as soon as that has ended. It obeys frames on
// fd 3 and ends with that pipe. The server trusts nothing that it says.
import { Socket } from 'node:net';
import type { Guest, GuestEnd, Prepared, RunSession } from './guest.ts';
import { loadGuest } from './guests.ts';
import {
  type DoneFrame,
  encodeFrame,
  FrameReader,
  type FromChild,
  type InputFrame,
  type RunFrame,
  type ToChild,
} from './ipc.ts';
import { AT_ONCE, CPU_CHECK_EVERY_MS, MAX_FRAME_FROM_CHILD, MAX_FRAME_TO_CHILD } from './limits.ts';
import { OutputBatch } from './output-batch.ts';
import { doneFrame } from './run-report.ts';

const pipe = new Socket({ fd: 3, readable: true, writable: true });

/** The runs that warm this process up say nothing. */
let muted = true;

function send(message: FromChild): void {
  if (!muted) pipe.write(encodeFrame(message, MAX_FRAME_FROM_CHILD));
}

/** The run under way, 0 before the first. */
let current = 0;
/** Comes before anything is to be obeyed. */
let guest: Guest;

/** Where its input goes, while there is a program to read it; what comes before that waits. */
let reading: RunSession | undefined;
const early: InputFrame[] = [];

async function obey(frame: RunFrame): Promise<void> {
  current = frame.run;
  early.length = 0;
  const prepared = await guest.take(frame);
  const done = await run(prepared, frame);
  send(done);
  prepared.session.close();
  if (!done.reusable) return; // the server ends this process
  await guest.prepare(frame);
  send({ type: 'ready' });
}

async function run({ session, execute }: Prepared, frame: RunFrame): Promise<DoneFrame> {
  const { limits } = frame;
  const output = new OutputBatch(limits.outputBytes, {
    send: (pieces) => send({ type: 'output', run: frame.run, pieces }),
    flooded: () => session.stop({ kind: 'output', message: 'output limit reached' }),
  });
  const cpu = watchCpu(session, limits.cpuMs);
  session.begin(frame, output, (seen) => {
    output.flush();
    send({ type: 'input', run: frame.run, seen });
  });
  reading = session;
  for (const input of early.splice(0)) session.take(input);
  try {
    const end = await Promise.race<GuestEnd>([session.stopped.then((error) => ({ error })), execute(frame)]);
    output.close();
    return doneFrame(frame.run, end, {
      output,
      cpuMs: cpu.stop(),
      unharmed: end.harmed !== true,
      tables: session.tables ?? [],
    });
  } finally {
    reading = undefined;
    cpu.stop();
  }
}

/** Stops a run that has used more CPU than it may. `stop` ends the watch and tells how much it was, in ms. */
function watchCpu(session: RunSession, most: number): { stop(): number } {
  const before = process.cpuUsage();
  const used = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const timer = setInterval(() => {
    if (used() > most) session.stop({ kind: 'timeout', message: `CPU limit of ${most} ms reached` });
  }, CPU_CHECK_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return used();
    },
  };
}

/** The server sends input only for the run that it has sent before. */
function takeInput(input: InputFrame): void {
  if (input.run !== current) return;
  if (reading === undefined) early.push(input);
  else reading.take(input);
}

/** Not at the top level: the built program is CommonJS, which takes a quarter less time to start and knows no `await` there. */
async function main(): Promise<void> {
  guest = await loadGuest(process.argv[2], () => send({ type: 'fatal', run: current }));
  const reader = new FrameReader(MAX_FRAME_TO_CHILD);
  pipe.on('error', () => process.exit(0));
  pipe.on('close', () => process.kill(process.pid, 'SIGKILL')); // an exit would wait for an isolate that spins
  pipe.on('data', (chunk) => {
    for (const message of reader.push(chunk) as ToChild[]) {
      if (message.type === 'run') void obey(message);
      else if (message.type === 'input') takeInput(message);
      else send({ type: 'ready' });
    }
  });
  if (process.argv[3] !== AT_ONCE) for (const frame of guest.warmUp) await obey(frame);
  else if (guest.warmUp[0]) await guest.prepare(guest.warmUp[0]);
  muted = false;
  send({ type: 'ready' });
}

void main();
