// The configurations for Prometheus that the documents show can be used as they stand there.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { requirePrometheus } from '../installed-prometheus.ts';
import { itWithPrometheus } from '../prometheus-programs.ts';

const block = /^```yaml\n(scrape_configs:\n[^]*?)^```/gm;

itWithPrometheus.each(['README.md', 'docs/fleet.md'])('promtool takes every scrape_configs of %s', (file) => {
  requirePrometheus();
  const configurations = [...readFileSync(file, 'utf8').matchAll(block)].map(([, yaml]) => yaml ?? '');
  expect(configurations.length).toBeGreaterThan(1);
  const folder = mkdtempSync(join(tmpdir(), 'scrape-configs-'));
  try {
    for (const configuration of configurations) {
      const path = join(folder, 'prometheus.yml');
      writeFileSync(path, configuration);
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', path], { encoding: 'utf8' });
      expect([configuration, stdout + stderr, status]).toEqual([configuration, expect.any(String), 0]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
