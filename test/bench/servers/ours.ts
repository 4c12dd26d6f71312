// This server as `node src/main.ts` starts it, with the ready line and the memory that the bench asks for.
import { readConfig } from '../../../src/config.ts';
import { openLog } from '../../../src/observe/log.ts';
import { openServer } from '../../../src/server.ts';
import { ready } from './peer-process.ts';

const config = readConfig();
const server = await openServer(config, openLog(config.LOG_LEVEL));
await server.listen();
ready();
