// Every limit of the documents engine, with its unit and reason.

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** Bytes of one update: a pasted file of the largest allowed size, in UTF-8, fits. */
  updateBytes: 4 * MIB,
  /** Bytes of a document's merged state, deletions included: about ten times the largest file. */
  documentBytes: 32 * MIB,
  /** Bytes accepted but not yet committed, over all documents; beyond it edits are refused as `not_saved`. */
  backlogBytes: 64 * MIB,
  /** Bytes of one person's awareness state: a name, a cursor and a selection take 0.3 KiB. */
  awarenessStateBytes: 16 * KIB,
  /** Bytes of one awareness message: stock clients echo everybody's state when they reconnect. */
  awarenessBytes: MIB,
  /** Highest awareness clock: one a second for a century fits, and counting on from it stays exact. */
  awarenessClock: 2 ** 32 - 1,
  /** Yjs client ids one connection may use for one document: a page that re-creates its Y.Doc now and then. */
  clientsPerLink: 16,
  /** Yjs client ids one connection may begin to write with in one document: a bot with a new Y.Doc for every edit. */
  claimsPerLink: 1_000,
  /** Milliseconds between two awareness frames of a document: 20 a second is as smooth as a cursor needs. */
  awarenessIntervalMs: 50,
  /** Milliseconds for which a client id that left is remembered: echoes of its last state are on their way no longer. */
  departedMs: 60_000,
  /** Milliseconds without an edit after which a version is written. */
  quietMs: 5_000,
  /** Milliseconds of continuous editing after which a version is written all the same. */
  activeMs: 30_000,
  /** Milliseconds an update may wait for its commit before people are told that it is not saved. */
  stallMs: 1_000,
  /** Milliseconds a document stays in memory after its last link has left: a reload finds it warm. */
  lingerMs: 15_000,
  /** Bytes of a difference that goes out in one message: 30 s, after which stock clients take a line for dead, at 70 kbit/s. */
  wholeBytes: 256 * KIB,
  /** Bytes of a piece of a larger one: 15 s between two signs of life at 35 kbit/s. */
  pieceBytes: 64 * KIB,
  /** Changed lines, and words within them, and milliseconds, up to which an edit of the server looks for what stays. */
  diffLines: 500,
  diffWords: 200,
  /** Lines of a stretch that is compared by lines: cutting it into more takes longer than looking for what stays may. */
  diffLinesAmong: 20_000,
  /** Characters of a stretch that is compared by words: cutting it into words takes a millisecond at most. */
  diffWordsLength: 100_000,
  diffMs: 20,
  /** Answers to state vectors that a document keeps until its next update: clients that come back have few different ones. */
  differencesKept: 16,
  /** Below this many bytes and parts a document is merged and read in place (5 to 10 ms); others go to the worker. */
  inlineBytes: 64 * KIB,
  inlineParts: 2_500,
  /** Bytes from which the merged state of a resting document is kept compressed: below, packing gains little. */
  packedFrom: 16 * KIB,
  /** Milliseconds without work after which the merge thread ends; starting it takes about 60 ms of CPU. */
  mergeThreadIdleMs: 60_000,
  /** Bytes from which it is remembered where the parts of an update in the tail are: smaller ones are looked through again. */
  layoutKeptFrom: KIB,
  /** Updates in the tail from which it is folded into the base while people type. */
  foldAfter: 4_000,
  /** Days for which the single edits of a document are kept after compaction. */
  historyDays: 90,
  /** Updates in the tail that make a compaction worth its write. */
  compactAfter: 2_000,
  /** Milliseconds between two looks at the documents that need attention. */
  tickMs: 250,
  /** Milliseconds until a version or a compaction that failed is tried again. */
  retryMs: 2_000,
  /** Updates, and bytes, of one group commit: large enough for any load, small enough for one statement. */
  commitRows: 2_000,
  commitBytes: 8 * MIB,
  /** Milliseconds between two tries to commit while the database is away: the first, doubled up to the last. */
  firstBackoffMs: 50,
  lastBackoffMs: 1_000,
  /** Milliseconds that a drain waits for the log before it gives up and says so. */
  drainMs: 20_000,
  /** Levels of nesting in a Yjs "any" value. */
  anyDepth: 64,
} as const;

/**
 * Below this number of receivers an update goes out at once; from it on, what arrives within a short window goes out
 * together, because the number of socket writes decides the CPU time.
 */
export const FAN_OUT = {
  batchFrom: 10,
  /** Updates of one batch; merging takes time in proportion, writing takes it per batch and receiver. */
  batchUpdates: 512,
  /** Milliseconds of window per receiver, and the longest window. */
  windowPerReceiverMs: 0.04,
  windowMs: 16,
} as const;
