// What the gauges of this node say, by name.
export const GAUGES = {
  documents: 'Documents in memory.',
  links: 'Documents open at clients.',
  cursors: 'Cursors shown.',
  bytes: 'Bytes of documents in memory.',
  unsaved: 'Documents with edits that are not committed.',
  backlogBytes: 'Bytes of edits that are not committed.',
  rooms: 'Rooms with somebody in them.',
  connections: 'Socket.io connections.',
  runsRunning: 'Runs under way.',
  runsWaiting: 'Runs that wait in line.',
  runsAwaitingInput: 'Runs that wait for a person and have given their place away.',
  sandboxesWarm: 'Sandbox processes that are ready for any room.',
  sandboxesWanted: 'Sandbox processes to be kept ready at this load.',
  sandboxesBound: 'Sandbox processes that belong to a room.',
  sandboxesStarted: 'Sandbox processes started so far.',
  sandboxesEnded: 'Sandbox processes ended so far, by whomever.',
  sandboxesFailed: 'Sandbox processes that never came to be ready.',
  sandboxesBytes: 'Resident memory of all sandbox processes.',
  largestSandboxBytes: 'Resident memory of the largest sandbox process.',
  sandboxesCpuMs: 'CPU time, in ms, of the sandbox processes that there are now.',
  textMessagesSent: 'Text messages that this node sent within the last hour.',
  textMessagesRefused: 'Text messages that SMS_PER_HOUR kept this node from sending within the last hour.',
  textMessagesPerHour: 'Text messages that all nodes together send in an hour at most: SMS_PER_HOUR.',
};

/** The same for each sandbox, by a number that others have after it. */
export const SANDBOX_GAUGES = {
  sandboxMemoryBytes: 'Resident memory of a sandbox.',
  sandboxCpuMs: 'CPU time of a sandbox so far, in ms.',
  sandboxRuns: 'Runs that a sandbox has had.',
};
