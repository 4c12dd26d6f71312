// The practice data that every SQL run finds: a small shop. The same rows each time, so that tests can expect them.

const SCHEMA = `
create table users (
  id integer primary key,
  name text not null,
  email text not null unique,
  city text,
  country text not null,
  signed_up text not null
);
create table products (
  id integer primary key,
  name text not null,
  category text not null,
  price real not null,
  stock integer not null
);
create table orders (
  id integer primary key,
  user_id integer not null references users (id),
  product_id integer not null references products (id),
  quantity integer not null,
  status text not null check (status in ('new', 'paid', 'shipped', 'returned', 'cancelled')),
  ordered_at text not null,
  shipped_at text
);
create index orders_user on orders (user_id);
create index orders_product on orders (product_id);`;

const NAMES =
  'Ada Lovelace,Grace Hopper,Alan Turing,Edsger Dijkstra,Barbara Liskov,Donald Knuth,Katherine Johnson,Linus Torvalds,Margaret Hamilton,Tim Berners-Lee,Radia Perlman,Ken Thompson,Frances Allen,Dennis Ritchie,Hedy Lamarr,John McCarthy,Shafi Goldwasser,Niklaus Wirth,Adele Goldberg,Tony Hoare,Annie Easley,Guido van Rossum,Joan Clarke,Bjarne Stroustrup,Mary Jackson,Leslie Lamport,Karen Jones,Yukihiro Matsumoto,Sophie Wilson,Brian Kernighan,Jean Bartik,Robin Milner,Evelyn Boyd,Michael Stonebraker,Lynn Conway,Jim Gray,Dorothy Vaughan,Edgar Codd,Carol Shaw,Peter Naur'.split(
    ',',
  );

/** One without a city: where it is not known. */
const PLACES = [
  'London|GB',
  'New York|US',
  'Berlin|DE',
  'Paris|FR',
  'Amsterdam|NL',
  'Tokyo|JP',
  '|US',
  'Lagos|NG',
  'Lima|PE',
];

const PRODUCTS =
  'Notebook|Paper|4.5,Sketchbook|Paper|9.9,Graph pad|Paper|3.2,Envelopes|Paper|2.75,Fountain pen|Writing|34,Pencil|Writing|0.8,Marker set|Writing|12.5,Eraser|Writing|1.1,Ink bottle|Writing|8.4,Desk lamp|Office|42,Stapler|Office|11.25,Scissors|Office|6.6,Paper clips|Office|1.95,Monitor stand|Office|55,Keyboard|Computers|79,Mouse|Computers|29.5,Webcam|Computers|64,USB hub|Computers|24.9,Headphones|Computers|119,Laptop sleeve|Computers|22,Coffee mug|Kitchen|7.5,Tea pot|Kitchen|26.8,Water bottle|Kitchen|14.3,Lunch box|Kitchen|17.6'.split(
    ',',
  );

const ORDERS = 200;
const DAY_MS = 86_400_000;

/** The statements that make the tables and fill them: 40 users, 24 products, 200 orders. */
export const PRACTICE_DATA: string = [
  SCHEMA,
  insert('users', users()),
  insert('products', products()),
  insert('orders', orders()),
].join('\n');

type Value = string | number | null;

function users(): Value[][] {
  return NAMES.map((name, index) => {
    const [city = '', country = ''] = PLACES[(index * 5) % PLACES.length]!.split('|');
    const email = `${name.toLowerCase().replace(/[^a-z]+/g, '.')}@example.com`;
    return [index + 1, name, email, city === '' ? null : city, country, day('2023-01-09', index * 17)];
  });
}

/** The last two were never ordered, and some are out of stock. */
function products(): Value[][] {
  return PRODUCTS.map((line, index) => {
    const [name = '', category = '', price = ''] = line.split('|');
    return [index + 1, name, category, Number(price), (index * 37) % 7 === 0 ? 0 : (index * 37) % 90];
  });
}

/** Some users order often, others never. */
function orders(): Value[][] {
  const next = numbers(20240229);
  return Array.from({ length: ORDERS }, (_, index) => {
    const user = 1 + Math.floor(next() * next() * (NAMES.length - 4));
    const product = 1 + Math.floor(next() * (PRODUCTS.length - 2));
    const ordered = index * 2.6 + next() * 3;
    const status =
      next() < 0.08
        ? 'cancelled'
        : index > ORDERS - 12
          ? next() < 0.5
            ? 'new'
            : 'paid'
          : next() < 0.07
            ? 'returned'
            : 'shipped';
    const shipped = status === 'shipped' || status === 'returned' ? day('2024-01-02', ordered + 1 + next() * 4) : null;
    return [index + 1, user, product, 1 + Math.floor(next() * next() * 6), status, day('2024-01-02', ordered), shipped];
  });
}

/** Numbers from 0 to 1, always the same ones (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function day(first: string, days: number): string {
  return new Date(Date.parse(first) + Math.floor(days) * DAY_MS).toISOString().slice(0, 10);
}

function insert(table: string, rows: readonly Value[][]): string {
  const literal = (value: Value): string =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : `${value}`;
  return `insert into ${table} values\n${rows.map((row) => `(${row.map(literal).join(', ')})`).join(',\n')};`;
}
