// Ends what global-setup started.
import fs from 'node:fs';

export default async function teardown(): Promise<void> {
  await globalThis.testDatabase?.server.stop();
  if (globalThis.testDatabase) fs.rmSync(globalThis.testDatabase.folder, { recursive: true, force: true });
}
