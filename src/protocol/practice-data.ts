// The practice data of SQL runs as the contract has it: which tables there are, with their columns. The rows are made in
// the sandbox.

/** Table → its columns, in their order. */
export const PRACTICE_TABLES: Readonly<Record<string, readonly string[]>> = {
  users: ['id', 'name', 'email', 'city', 'country', 'signed_up'],
  products: ['id', 'name', 'category', 'price', 'stock'],
  orders: ['id', 'user_id', 'product_id', 'quantity', 'status', 'ordered_at', 'shipped_at'],
};
