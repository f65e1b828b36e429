// A folder of its own for a test, and the store in it as the program opens it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStateFolder } from '../../src/state/state-folder.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { temporaryFolder } from '../at-end.ts';

export interface LogLine {
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** 2026-11-22T01:02:03.5Z in Unix seconds. */
export const now = 1_795_309_323.5;

export class TemporaryState {
  readonly path = temporaryFolder();
  readonly logged: LogLine[] = [];

  in(name: string): string {
    return join(this.path, name);
  }

  /** The names in the folder, without the sockets that are locks. */
  names(): string[] {
    return readdirSync(this.path)
      .filter((name) => !name.includes('lock-'))
      .sort();
  }

  locks(): string[] {
    return readdirSync(this.path).filter((name) => name.includes('lock-'));
  }

  async open(path = this.path): Promise<StateStore> {
    const log = (level: LogLine['level']) => (message: string, fields?: LogLine['fields']) => {
      this.logged.push({ level, message, fields });
    };
    const store = await openStateFolder(path, {
      now: () => now,
      log: { warn: log('warn'), error: log('error') },
    });
    onTestFinished(() => store.close());
    return store;
  }
}
