import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The states in a folder, as text. */
export function statesIn(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8'));
}
