// What links in letters are for. Nobody needs to be signed in for it.
import { post } from './http-call.ts';

/**
 * Proves an e-mail address.
 * @param token what stands behind the # of the link
 * @returns the address
 * @throws CoderoomError `not_found` where the link was used or is over, `conflict` where another account has the address
 */
export async function verifyEmail(url: string, token: string): Promise<{ email: string }> {
  return (await post<{ email: string }>({ url, path: '/api/account/email/verify', body: { token } })).data;
}

/**
 * Has a letter sent with a link for a new password, where there is an account with a proven address. Whether there is, the
 * answer does not tell.
 * @param login user name or e-mail address
 * @throws CoderoomError `rate_limited`, …
 */
export async function forgotPassword(url: string, login: string): Promise<void> {
  await post({ url, path: '/api/account/password/forgotten', body: { login } });
}

/**
 * Sets a new password; all sessions of the account end.
 * @returns whose it is: `logIn` with it
 * @throws CoderoomError `not_found` where the link was used or is over, `invalid_input` where the password is too weak
 */
export async function resetPassword(
  url: string,
  choice: { readonly token: string; readonly password: string },
): Promise<{ username: string }> {
  return (await post<{ username: string }>({ url, path: '/api/account/password/reset', body: choice })).data;
}
