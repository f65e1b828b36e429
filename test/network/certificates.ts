// Authorities of a test and what they sign, made by openssl in a folder that is removed afterwards.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** PEM, as node:tls and node:https take them. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

interface ServerOptions {
  /** As openssl writes them; default: this machine. */
  readonly alternatives?: string;
  /** From now on; -1: it has expired. Default 2. */
  readonly days?: number;
}

/** A folder that is removed after the tests of a file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'livekit-cloud-exporter-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

export class TestAuthority {
  /** Its own certificate. */
  readonly file: string;
  readonly #folder: string;
  readonly #keyFile: string;

  constructor(folder: string, name: string, subject = `/O=${name}/CN=${name} root`) {
    this.#folder = folder;
    this.file = join(folder, `${name}.pem`);
    this.#keyFile = join(folder, `${name}.key`);
    openssl('req', '-x509', ...newKey, '-keyout', this.#keyFile, '-out', this.file, '-subj', subject);
  }

  get certificate(): string {
    return readFileSync(this.file, 'utf8');
  }

  server({ alternatives = 'DNS:localhost,IP:127.0.0.1', days = 2 }: ServerOptions = {}): ServerCertificate {
    const [request, key, cert, extensions] = ['csr', 'key', 'pem', 'ext'].map((end) =>
      join(this.#folder, `server.${end}`),
    ) as [string, string, string, string];
    writeFileSync(extensions, `subjectAltName=${alternatives}\n`);
    openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', '/CN=server');
    const signing = ['-CA', this.file, '-CAkey', this.#keyFile, '-CAcreateserial', '-days', String(days)];
    openssl('x509', '-req', '-in', request, ...signing, '-extfile', extensions, '-out', cert);
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
