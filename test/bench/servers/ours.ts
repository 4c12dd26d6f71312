// This server as `node src/main.ts` starts it, with the ready line and the memory that the bench asks for.
import { keepCompiledCode } from '../../../src/compile-cache.ts';
import { ready } from './peer-process.ts';

keepCompiledCode();
const [{ readConfig }, { openLog }, { openServer }] = await Promise.all([
  import('../../../src/config.ts'),
  import('../../../src/observe/log.ts'),
  import('../../../src/server.ts'),
]);

const config = readConfig();
const server = await openServer(config, openLog(config.LOG_LEVEL));
await server.listen();
ready();
