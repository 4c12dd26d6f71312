// The port through which a connection gets its token.

/** Where a connection gets its token from. */
export interface TokenSource {
  /**
   * A token that holds, renewed where necessary.
   * @param refused one that the server did not take
   * @throws CoderoomError `session_ended` when there will be none any more; `offline`, `timeout`, …
   */
  fresh(refused?: string): Promise<string>;
}
