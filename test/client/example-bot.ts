// A bot: adds a line to a file of a room, runs the file and prints what comes out.
// CODEROOM_TOKEN=crt_… node example-bot.ts http://127.0.0.1:3000 ABCD-EFGH main.js
import { connect, createGuest } from '../../src/client/index.ts';

const [url = 'http://127.0.0.1:3000', roomCode = '', path = 'main.js'] = process.argv.slice(2);
// A token of a bot; without one, a guest will do.
const token = process.env['CODEROOM_TOKEN'] ?? (await createGuest(url, 'Bot')).token;
const client = connect({ url, token });
const room = await client.join(roomCode);

const document = room.openPath(path);
await document.ready();
document.text.insert(document.text.length, '\nconsole.log("hello from a bot");\n');
await document.saved();

const { id } = await room.run({ fileId: document.fileId });
const { pieces } = await room.finished(id);
process.stdout.write(pieces.map(({ text }) => text).join(''));
await client.close();
