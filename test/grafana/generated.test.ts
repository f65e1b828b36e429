import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { boards } from '../../grafana/src/boards.ts';

const folder = '../../grafana/dashboards';

// `npm run dashboards` writes them anew.
it.each(Object.entries(boards))('grafana/dashboards/%s is what the code makes', async (file, board) => {
  await expect(`${JSON.stringify(board, null, 2)}\n`).toMatchFileSnapshot(`${folder}/${file}`);
});

it('grafana/dashboards holds nothing else', () => {
  expect(readdirSync(new URL(folder, import.meta.url)).sort()).toEqual(Object.keys(boards).sort());
});
