// An authority of the tests' own, and what it certifies. Made by openssl, valid for a day.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly ca: string;
  /** For a server on this machine. */
  readonly server: Certificate;
  readonly client: Certificate;
}

export function createAuthority(name: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const certify = (of: string): Certificate => {
    writeFileSync(join(folder, 'extensions'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    openssl('req', '-new', ...newKey, '-keyout', `${of}.key`, '-out', `${of}.csr`, '-subj', `/CN=${of}`);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1'];
    openssl('x509', '-req', '-in', `${of}.csr`, ...signed, '-extfile', 'extensions', '-out', `${of}.pem`);
    return { cert: read(`${of}.pem`), key: read(`${of}.key`) };
  };
  try {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '1',
      '-subj',
      `/CN=${name}`,
    );
    return { ca: read('ca.pem'), server: certify('server'), client: certify('client') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
