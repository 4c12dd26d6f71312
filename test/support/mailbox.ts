// An SMTP server that speaks the protocol of the wire (RFC 5321, AUTH PLAIN of RFC 4954), so that nothing of the server's
// own code, and nothing of its mail library, stands on both sides.
import net from 'node:net';
import { until } from './until.ts';

export interface ReceivedLetter {
  readonly from: string;
  readonly to: readonly string[];
  /** By name in lower case; folded lines joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded. */
  readonly text: string;
}

export interface MailboxOptions {
  /** Takes letters from this user only. */
  readonly login?: { readonly user: string; readonly password: string };
  /** How many letters are refused for now (451) before one is taken. */
  readonly refusals?: number;
}

export interface Mailbox {
  readonly port: number;
  readonly letters: readonly ReceivedLetter[];
  /** Every line that came. */
  readonly lines: readonly string[];
  /** The last letter to an address that has come by then, or comes. @param after letters to leave out */
  letterTo(address: string, after?: number): Promise<ReceivedLetter>;
  close(): Promise<void>;
}

/** What stands behind the # of the link in a letter. */
export const linkIn = ({ text }: ReceivedLetter): { href: string; token: string } => {
  const href = /https?:\S+#\S+/.exec(text)?.[0] ?? '';
  return { href, token: href.slice(href.indexOf('#') + 1) };
};

/** Opens a mailbox that takes letters to anybody. */
export async function openMailbox(options: MailboxOptions = {}): Promise<Mailbox> {
  const letters: ReceivedLetter[] = [];
  const lines: string[] = [];
  const sockets = new Set<net.Socket>();
  const state = { refusals: options.refusals ?? 0 };
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const take = (letter: ReceivedLetter): boolean => {
      if (state.refusals-- > 0) return false;
      letters.push(letter);
      return true;
    };
    new Conversation(socket, { options, take, line: (text) => lines.push(text) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const letterTo: Mailbox['letterTo'] = async (address, after = 0) => {
    const found = () => letters.filter(({ to }) => to.includes(address))[after];
    await until(() => found() !== undefined, { what: `a letter to ${address}` });
    return found() as ReceivedLetter;
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    letters,
    lines,
    letterTo,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Ports {
  readonly options: MailboxOptions;
  readonly take: (letter: ReceivedLetter) => boolean;
  readonly line: (text: string) => void;
}

class Conversation {
  readonly #ports: Ports;
  readonly #socket: net.Socket;
  #rest = '';
  #known = false;
  #from = '';
  #to: string[] = [];
  #data: string[] | undefined;

  constructor(socket: net.Socket, ports: Ports) {
    this.#socket = socket;
    this.#ports = ports;
    socket.on('error', () => undefined).on('data', (bytes) => this.#read(bytes.toString('latin1')));
    this.#say('220 mailbox.test ESMTP');
  }

  #say(...answers: string[]): void {
    this.#socket.write(answers.map((line) => `${line}\r\n`).join(''));
  }

  #read(text: string): void {
    const parts = (this.#rest + text).split('\r\n');
    this.#rest = parts.pop() as string;
    for (const line of parts) {
      this.#ports.line(line);
      if (this.#data) this.#content(line, this.#data);
      else this.#command(line);
    }
  }

  #command(line: string): void {
    const verb = line.split(' ')[0]?.toUpperCase();
    const { login } = this.#ports.options;
    if (verb === 'EHLO') return this.#say('250-mailbox.test', ...(login ? ['250-AUTH PLAIN'] : []), '250 8BITMIME');
    if (verb === 'AUTH' && login) return this.#authenticate(line, login);
    if (verb === 'MAIL') {
      this.#from = addressIn(line);
      this.#to = [];
      return this.#say(login && !this.#known ? '530 5.7.0 Authentication required' : '250 OK');
    }
    if (verb === 'RCPT') {
      this.#to.push(addressIn(line));
      return this.#say('250 OK');
    }
    if (verb === 'DATA') {
      this.#data = [];
      return this.#say('354 go ahead');
    }
    if (verb === 'QUIT') return void this.#socket.end('221 bye\r\n');
    this.#say(verb === 'RSET' || verb === 'NOOP' ? '250 OK' : '502 not here');
  }

  #authenticate(line: string, { user, password }: { user: string; password: string }): void {
    const given = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString();
    this.#known = given === `\0${user}\0${password}`;
    this.#say(this.#known ? '235 welcome' : '535 5.7.8 no');
  }

  #content(line: string, data: string[]): void {
    if (line !== '.') return void data.push(line.replace(/^\./, ''));
    this.#data = undefined;
    const taken = this.#ports.take({ from: this.#from, to: this.#to, ...parsed(data) });
    this.#say(taken ? '250 OK' : '451 4.3.0 later');
  }
}

const addressIn = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? '';

function parsed(lines: readonly string[]): Pick<ReceivedLetter, 'headers' | 'text'> {
  const end = lines.indexOf('');
  const head = lines
    .slice(0, end)
    .join('\r\n')
    .replace(/\r\n[ \t]+/g, ' ');
  const fields = head.split('\r\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const headers = Object.fromEntries(fields);
  return { headers, text: decoded(lines.slice(end + 1).join('\r\n'), headers['content-transfer-encoding'] ?? '7bit') };
}

function decoded(body: string, encoding: string): string {
  switch (encoding) {
    case 'base64':
      return Buffer.from(body, 'base64').toString();
    case 'quoted-printable': {
      const bytes = body
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      return Buffer.from(bytes, 'latin1').toString();
    }
    default:
      return Buffer.from(body, 'latin1').toString();
  }
}
