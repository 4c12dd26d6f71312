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
};
