// Logging out, told when the server does not hear of it.
import { failure } from '../error-words.ts';
import { signOut } from '../session.ts';
import { notify } from '../state/notices.ts';

export async function goOut(): Promise<void> {
  try {
    await signOut();
  } catch (error) {
    notify({ kind: 'bad', text: failure('You are logged out here, but the server was not told', error) });
  }
}
