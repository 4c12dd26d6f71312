// Takes a data folder whenever its parent says so, says how that went, and gives it back when told.
import { lockFolder } from '../../src/db/folder-lock.ts';

export type Order = { readonly take: string } | 'give back' | 'end';

let giveBack: () => void = () => undefined;

async function take(folder: string): Promise<string> {
  try {
    giveBack = await lockFolder(folder);
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
}

process.on('message', async (order: Order) => {
  if (order === 'end') return process.disconnect();
  if (order === 'give back') {
    giveBack();
    giveBack = () => undefined;
    process.send?.('done');
  } else {
    process.send?.(await take(order.take));
  }
});
process.send?.('ready');
