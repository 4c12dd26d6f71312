// The HTTP side of the contract as a stranger would use it: fetch, nothing of ours.
export interface Answered {
  readonly status: number;
  readonly ok: boolean;
  readonly data: any;
  readonly error: { code: string; message: string; details?: any };
}

export interface Guest {
  readonly token: string;
  readonly id: string;
  readonly displayName: string;
}

/** One call; the body is sent as JSON. */
export async function call(
  url: string,
  route: string,
  options: { token?: string; body?: unknown } = {},
): Promise<Answered> {
  const [method, path] = route.split(' ') as [string, string];
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const answer = (await response.json()) as Omit<Answered, 'status'>;
  return { status: response.status, ...answer };
}

export async function guest(url: string, displayName: string): Promise<Guest> {
  const { data } = await call(url, 'POST /api/guests', { body: { displayName } });
  return { token: data.token, id: data.user.id, displayName };
}

/** A room with one file, and who owns it. */
export async function roomWithFile(
  url: string,
  options: { content?: string; visibility?: string; path?: string } = {},
) {
  const owner = await guest(url, 'Owner');
  const { token } = owner;
  const { visibility = 'collaborative', path = 'main.js', content = '' } = options;
  const { room } = (await call(url, 'POST /api/rooms', { token, body: { name: 'Room', visibility } })).data;
  await call(url, 'POST /api/rooms/join', { token, body: { roomCode: room.roomCode } });
  const { file } = (await call(url, `POST /api/rooms/${room.id}/files`, { token, body: { path, content } })).data;
  return { owner, room, file };
}
