// The browser that some tests look at pages with: Debian's package `chromium`. Where it is missing these tests are
// skipped, but in CI they fail.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';
import { describe } from 'vitest';

const program = 'chromium';
const { error, stdout } = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
const executablePath = error ? '' : stdout.trim();
const skipped = executablePath === '' && !process.env.CI;

if (skipped) {
  process.stderr.write(
    'Skipping the tests that need a real browser: chromium not found; install the Debian package chromium ' +
      '(apt-get install chromium)\n',
  );
}

export const describeWithChromium = describe.skipIf(skipped);

/** Nothing but the page is to be loaded: a browser of its own accord asks for updates, lists and whether it is online. */
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

export interface Chromium {
  /** A window of its own, with these settings. */
  open(options: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** Starts it without a window, knowing nothing of earlier starts. Rejected when it is not installed. */
export async function startChromium(): Promise<Chromium> {
  const home = mkdtempSync(join(tmpdir(), 'chromium-'));
  // Its sandbox cannot be set up by root, nor in most containers; here it sees pages of this machine alone.
  const args = [...quiet, '--no-sandbox'];
  const browser = await chromium.launch({ executablePath, args, env: { ...process.env, HOME: home } });
  return {
    open: (options) => browser.newContext(options),
    close: async () => {
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
