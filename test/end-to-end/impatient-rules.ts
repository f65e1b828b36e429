// The product's rules for a test that cannot wait as long as they do.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleFiles } from '../../tools/alert-quality/rule-files.ts';

/** Writes copies into a folder whose alerts fire after a second, and answers their paths. */
export function impatientRules(folder: string): string[] {
  return ruleFiles.map((file, index) => {
    const copy = join(folder, `rules-${String(index)}.yml`);
    writeFileSync(copy, readFileSync(file, 'utf8').replaceAll(/^( +for:) \w+$/gm, '$1 1s'));
    return copy;
  });
}
