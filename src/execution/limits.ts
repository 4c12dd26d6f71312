// Every number that bounds a run, a sandbox process or the queue, with its unit and its reason.

const KB = 1024;
export const MB = 1024 * 1024;

/** What one run may use. A caller may lower these; `runLimits` never lets it raise them. */
export interface RunLimits {
  /** Wall clock from dispatch to the end, in ms. */
  readonly wallMs: number;
  /** Waiting for a person's input, all together, in ms; the wall clock stands still meanwhile. */
  readonly inputWaitMs: number;
  /** CPU time of the whole sandbox process, in ms. */
  readonly cpuMs: number;
  /** V8 heap of the isolate, in MB; V8 treats it as a hint, `processRssBytes` is the hard edge. */
  readonly heapMb: number;
  /** Resident memory of the sandbox process, in bytes. */
  readonly processRssBytes: number;
  /** Output passed on, in bytes of UTF-8; what comes after is counted and dropped. */
  readonly outputBytes: number;
  /** Formatted value of the last expression, in characters. */
  readonly resultChars: number;
  /** Timers pending at the same time. */
  readonly timers: number;
}

/** Defaults: a classroom program ends in milliseconds; these stop the others before they cost a neighbour. */
export const RUN_LIMITS: RunLimits = {
  wallMs: 5000,
  inputWaitMs: 5 * 60_000,
  cpuMs: 2000,
  heapMb: 64,
  processRssBytes: 400 * MB,
  outputBytes: 256 * KB,
  resultChars: 64 * KB,
  timers: 1000,
};

/** What is otherwise for Python: the interpreter is in there as well. */
export const PYTHON_LIMITS = { heapMb: 192, processRssBytes: 550 * MB } as const satisfies Partial<RunLimits>;

/** Of `heapMb`, what Python has for itself outside of its own memory, in bytes. */
export const PYTHON_OVERHEAD_BYTES = 32 * MB;

/** Highest values a caller's limits may reach; a server option may raise the wall clock up to here. */
export const RUN_CEILINGS: RunLimits = {
  ...RUN_LIMITS,
  wallMs: 10_000,
  inputWaitMs: 10 * 60_000,
  cpuMs: 10_000,
};

/** Sizes of what a request may carry. The editor's largest useful project is far below. */
export const REQUEST_LIMITS = {
  /** All files together, bytes of UTF-8. */
  sourceBytes: 512 * KB,
  files: 50,
  /** Bytes of UTF-8. */
  stdinBytes: 64 * KB,
  /** Everything that is typed into one run while it runs, bytes of UTF-8. */
  inputBytes: 256 * KB,
  /** Pieces of input that have not reached their program yet, or came while it ran. */
  inputPieces: 5000,
  args: 100,
  /** All arguments together, bytes of UTF-8. */
  argsBytes: 16 * KB,
  variables: 100,
  /** All variables of the environment with their names, bytes of UTF-8. */
  envBytes: 32 * KB,
  /** Characters of one path. */
  pathChars: 512,
} as const;

/** Who may wait and run at once: one person cannot fill a room, one room cannot fill the server. */
export interface QueueLimits {
  readonly running: number;
  readonly userRunning: number;
  readonly userWaiting: number;
  readonly roomRunning: number;
  readonly roomWaiting: number;
  readonly waiting: number;
  /** Runs that wait for a person's input and have given their place to others; each still has its process. */
  readonly parked: number;
}

export const QUEUE_LIMITS: QueueLimits = {
  running: 2,
  userRunning: 1,
  userWaiting: 2,
  roomRunning: 2,
  roomWaiting: 6,
  waiting: 50,
  parked: 8,
};

/** How many sandbox processes exist and when one is too old to be used again. */
export interface PoolLimits {
  /** Milliseconds after which the first warm processes are started; those who come right after
   * a restart want the CPU, and a run that comes earlier does not wait for it. */
  readonly firstFillMs: number;
  /** Generic processes kept ready; each costs about 80 ms of CPU to start and 20 MB. */
  readonly warm: number;
  /** The same when there is more to do than `warm` can serve. */
  readonly warmMost: number;
  /** Without need for the additional ones for this long, they are ended, in ms. */
  readonly coolMs: number;
  /** Processes bound to a room; the least recently used one goes first. */
  readonly bound: number;
  /** The same while more rooms run something. */
  readonly boundMost: number;
  /** Of those above `bound`, one without a run for this long is ended, in ms. */
  readonly surplusMs: number;
  /** Runs in one process: bounds what leaks from one run into the room's next one. */
  readonly runsPerProcess: number;
  /** A bound process without a run for this long is ended, in ms. */
  readonly idleMs: number;
  /** A process above this resident size is not used again, in bytes. */
  readonly reuseRssBytes: number;
  /** A process that is not ready by then is ended, in ms; a cold start takes about 200 on a calm machine. */
  readonly startMs: number;
  /** A process that has no next isolate this long after a run is ended, in ms; making one takes about 10. */
  readonly restMs: number;
  /** Whether a room waits for its own process to have the next isolate, when another one is ready. */
  readonly waitsForOwn: boolean;
}

export const POOL_LIMITS: PoolLimits = {
  warm: 2,
  warmMost: 6,
  coolMs: 10 * 60_000,
  firstFillMs: 2_000,
  bound: 4,
  boundMost: 16,
  surplusMs: 60_000,
  runsPerProcess: 25,
  idleMs: 5 * 60_000,
  reuseRssBytes: 150 * MB,
  startMs: 4_000,
  restMs: 2_000,
  waitsForOwn: true,
};

/**
 * The same for Python, of which a process takes up to 300 MB: one is kept while somebody may want it, which is ten
 * minutes after the last time, and those of rooms for two minutes. The first start of all makes the snapshot.
 */
export const PYTHON_POOL_LIMITS = {
  firstFillMs: 0,
  warm: 0,
  warmMost: 1,
  bound: 2,
  boundMost: 2,
  idleMs: 2 * 60_000,
  reuseRssBytes: 450 * MB,
  startMs: 150_000,
  restMs: 20_000,
  waitsForOwn: false,
} as const satisfies Partial<PoolLimits>;

/** Pause before the next start after n failures in a row: doubles from the first to the last, in ms. */
export const START_BACKOFF_MS = { first: 100, last: 30_000 } as const;

/** After this many failures in a row (each of all ways to start, while none has worked) runs that wait are refused. */
export const START_ATTEMPTS = 3;

/** The parent ends the process this long after the wall limit, in ms: the two inner deadlines come first. */
export const KILL_GRACE_MS = 300;

/** The parent ends the process at the CPU limit plus this, in ms: /proc counts in steps of 10. */
export const CPU_GRACE_MS = 400;

/** How often the parent looks at memory and CPU of a running process, in ms. */
export const WATCH_EVERY_MS = 25;

/** How often the child looks at the CPU time of its isolate, in ms. */
export const CPU_CHECK_EVERY_MS = 50;

/**
 * Writable memory a process may add after it is ready (RLIMIT_DATA), in bytes. 512 MB of it are what V8 reserves for
 * the code of one more isolate: the next one may come before the last one's reservation is given back.
 */
export const DATA_GROWTH_BYTES = (512 + 256) * MB;

/** Output that follows a first piece is collected for this long, in ms: readers see it at once, links don't choke. */
export const OUTPUT_BATCH_MS = 40;

/** A batch goes out early at this size, in characters. */
export const OUTPUT_BATCH_CHARS = 16 * KB;

/** Changes between stdout and stderr kept in order within one batch; alternating floods are merged. */
export const OUTPUT_BATCH_PIECES = 16;

/** Dropped output, as a multiple of `outputBytes`, after which the run is ended. */
export const OUTPUT_FLOOD_FACTOR = 4;

/** The last word on the command line of a child for which somebody waits already. */
export const AT_ONCE = 'at-once';

/** Scheduling weakness of sandbox processes (0 … 19): the server answers first. */
export const SANDBOX_NICE = 10;

/** Largest frame from a child, in bytes: its JSON is parsed on the server's event loop. */
export const MAX_FRAME_FROM_CHILD = 256 * KB;

/** Largest frame to a child, in bytes: 512 kB of source where every character is escaped. */
export const MAX_FRAME_TO_CHILD = 4 * MB;

/** Frames from one run, besides those that it may send while it waits for input and its timers go on. */
export const MAX_FRAMES_PER_RUN = 5000;

/** Lengths of error texts passed on, in characters. */
export const ERROR_TEXT = { message: 2000, stack: 4000 } as const;

/**
 * Fills a caller's wishes up with the defaults, and cuts them at the ceilings.
 * Values that are not positive numbers fall back to the default.
 */
export function runLimits(
  wishes: Partial<RunLimits> = {},
  defaults: RunLimits = RUN_LIMITS,
  ceilings: RunLimits = RUN_CEILINGS,
): RunLimits {
  const one = (key: keyof RunLimits): number => {
    const wish = wishes[key];
    const valid = typeof wish === 'number' && wish > 0;
    return Math.min(valid ? wish : defaults[key], ceilings[key]);
  };
  return {
    wallMs: one('wallMs'),
    inputWaitMs: one('inputWaitMs'),
    cpuMs: one('cpuMs'),
    heapMb: Math.max(8, one('heapMb')), // isolated-vm refuses less than 8
    processRssBytes: one('processRssBytes'),
    outputBytes: one('outputBytes'),
    resultChars: one('resultChars'),
    timers: one('timers'),
  };
}
