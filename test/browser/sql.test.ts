// SQL on the page: results as tables that can be read, moved through, copied, and told from text.
import { expect } from '@jest/globals';
import { until } from '../support/until.ts';
import { barriers, comeIn, makeFile, openFile, openRoom, picture, test } from './people.ts';
import { openStage } from './stage.ts';

const stage = openStage();

const CODE = `-- Who orders most?
select users.name, city, count(*) as orders, round(sum(quantity * price), 2) as spent
from users
join orders on orders.user_id = users.id
join products on products.id = product_id
group by users.id
order by spent desc
limit 8;

update products set stock = stock + 10 where stock = 0;

select id, status, ordered_at, shipped_at from orders order by id desc limit 3;
`;

const LONG = `with recursive n(x) as (select 1 union all select x + 1 from n limit 3000)
select x, 'row ' || x as label, 9007199254740993 as large, x'00ff' as bytes, null as missing, 'a "quoted", text' as text from n;
`;

test('results are tables for everybody: read, moved through by keyboard, copied, gone to', async () => {
  const page = await stage.somebody();
  const link = await openRoom(page, stage.url, { name: 'Ada Lovelace' });
  await makeFile(page, 'report.sql', CODE);
  await page.locator('.cm-line').first().click();
  await page.keyboard.press('Control+Enter');
  const first = page.getByRole('region', { name: 'Result 1, 8 rows' });
  await first.waitFor();
  expect(await first.getByRole('columnheader').allTextContents()).toEqual(['name', 'city', 'orders', 'spent']);
  expect(await first.getByRole('row').nth(1).getByRole('gridcell').count()).toBe(4);
  await page.getByText('rows updated').waitFor();
  const second = page.getByRole('region', { name: 'Result 2, 3 rows' });
  expect(await second.locator('td.null').first().textContent()).toBe('NULL');
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'sql-tables');
  await second.getByRole('columnheader', { name: 'id' }).focus();
  for (const key of ['ArrowDown', 'End', 'ArrowDown', 'Home']) await page.keyboard.press(key);
  expect(await page.evaluate('document.activeElement.textContent')).toBe('199');
  await page.keyboard.press('Control+c');
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe('199');
  await second.getByRole('button', { name: 'Copy CSV' }).click();
  await second.getByText('Copied').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(
    /^id,status,ordered_at,shipped_at\r\n200,\w+,\d{4}-\d\d-\d\d,\r\n/,
  );
  await second.getByRole('button', { name: 'line 12' }).click();
  await page.getByText(/Ln 12, Col/).waitFor();
  const other = await stage.somebody();
  await comeIn(other, link, 'Grace Hopper');
  await other.getByRole('region', { name: 'Result 1, 8 rows' }).waitFor();
  await page.getByRole('button', { name: 'Results as tables' }).click();
  await page.locator('.stream.stdout', { hasText: ' id  | status' }).waitFor();
  await page.getByRole('button', { name: 'Results as tables' }).click();
  await first.waitFor();
});

test('many rows, an error with its place, and tables offered while one types', async () => {
  const page = await stage.somebody();
  await openRoom(page, stage.url, { name: 'Ada Lovelace' });
  await makeFile(page, 'long.sql', LONG);
  await page.keyboard.press('Control+Enter');
  const result = page.getByRole('region', { name: /^Result, first 1,000 of 3,000 rows$/ });
  await result.waitFor();
  expect(await result.locator('tbody tr').count()).toBe(200);
  await result.getByRole('button', { name: 'Show all 1,000 rows' }).click();
  await until(async () => (await result.locator('tbody tr').count()) === 1000, { what: 'all rows that came' });
  expect(await result.locator('tbody tr').first().locator('td.number').allTextContents()).toEqual([
    '1',
    '9007199254740993',
  ]);
  await result.getByRole('gridcell', { name: 'row 900', exact: true }).scrollIntoViewIfNeeded();
  expect(await result.getByRole('columnheader', { name: 'label' }).isVisible()).toBe(true);
  await picture(page, 'sql-long', ['wide']);
  await makeFile(page, 'wrong.sql', 'select 1 as one;\n\nselect nme from users;\n');
  await page.keyboard.press('Control+Enter');
  await page.getByText('no such column: nme').waitFor();
  await page.getByRole('region', { name: 'Result, 1 row' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'sql-error', ['wide']);
  await openFile(page, 'long.sql');
  await page.getByRole('tab', { name: /Output/ }).click();
  await page.getByRole('button', { name: 'wrong.sql:3:8' }).click();
  await page.getByText('Ln 3, Col 8').waitFor();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('select * from pro');
  await page.locator('.cm-tooltip-autocomplete', { hasText: 'products' }).waitFor();
  await page.keyboard.press('Escape');
});
