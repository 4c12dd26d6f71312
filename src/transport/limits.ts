// Limits of the transports, with units and reasons.

const KIB = 1024;
const MIB = 1024 * KIB;

export const TRANSPORT = {
  /** Bytes of one message or body: the largest update (documents/limits.ts) with its envelope. */
  messageBytes: 5 * MIB,
  /** Documents one connection has open: tabs of an editor, and what a bot looks at. */
  documentsPerConnection: 200,
  /** Rooms one connection is in. */
  roomsPerConnection: 50,
  /** Document messages (edits, cursors) of one connection: in a row, and per second after that. */
  burstMessages: 5_000,
  messagesPerSecond: 1_000,
  /** Their bytes: in a row (several of the largest pastes), and per second after that. */
  burstBytes: 16 * MIB,
  bytesPerSecond: 2 * MIB,
  /** Unsent bytes from which cursors are left out for a slow reader. */
  slowBytes: 256 * KIB,
  /** Unsent bytes from which a reader is sent away to fetch the difference when it can read again. */
  stuckBytes: 8 * MIB,
  /** Pieces of a difference that a client is sent and has not read, at first and while it reads swiftly; how swiftly. */
  piecesUnread: 2,
  piecesUnreadAtMost: 16,
  swiftMs: 250,
  /** Messages that were not understood, per connection, before it is closed. */
  strikes: 50,
  /** Milliseconds between keep-alives, and without an answer until a connection counts as lost. */
  pingIntervalMs: 15_000,
  pingTimeoutMs: 12_000,
  /** Milliseconds for a whole HTTP request to arrive. */
  requestTimeoutMs: 30_000,
  /** Milliseconds in which the reader of an export has to take some of it; places for them are few. */
  exportStallMs: 30_000,
  /** Milliseconds to authenticate and to become a socket. */
  connectTimeoutMs: 10_000,
  /** Milliseconds between telling clients that the server stops and stopping: what they sent before is still taken. */
  drainGraceMs: 300,
  /** Milliseconds after which clients come back to a server that stops. */
  reconnectAfterMs: 1_000,
  /** Milliseconds that answers under way have when their connection ends: a busy database tells of the end before it answers. */
  lastAnswerMs: 2_000,
  /** Milliseconds for a client to hang up when it is told to; then it is cut off. */
  hangUpMs: 500,
} as const;
