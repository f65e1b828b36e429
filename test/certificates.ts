// Certificates of a test, made by openssl in a folder of their own: a root, an authority below it, and what they sign.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** The files of a certificate and its key, as PEM. */
export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

type KeyType = 'rsa' | 'ec';

/** A folder that is removed after the tests of a file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'livekit-cloud-exporter-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Signs certificates; its own is self-signed unless another authority has issued it. */
export class Authority implements Issued {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
  readonly #folder: string;

  private constructor(folder: string, { certFile, keyFile }: Pick<Issued, 'certFile' | 'keyFile'>) {
    this.#folder = folder;
    this.certFile = certFile;
    this.keyFile = keyFile;
    this.cert = readFileSync(certFile, 'utf8');
    this.key = readFileSync(keyFile, 'utf8');
  }

  /** `names` as for a client, where it is to be its own certificate. */
  static root(folder: string, name: string, names?: string): Authority {
    const files = filesOf(folder, name);
    const subject = ['-subj', `/CN=${name}`, '-days', '30'];
    if (names !== undefined) subject.push('-addext', `subjectAltName=${names}`);
    openssl('req', '-x509', ...newKey('ec'), '-keyout', files.keyFile, '-out', files.certFile, ...subject);
    return new Authority(folder, files);
  }

  authority(name: string): Authority {
    return new Authority(this.#folder, this.#issue(name, 'ec', ['basicConstraints=critical,CA:TRUE']));
  }

  /** For this machine. */
  server(name = 'server', keyType: KeyType = 'ec'): Issued {
    return this.#issue(name, keyType, ['subjectAltName=DNS:localhost,IP:127.0.0.1']);
  }

  /** `names` as openssl writes them: `DNS:one,IP:::1`. */
  client(name = 'client', names?: string): Issued {
    const alternatives = names === undefined ? [] : [`subjectAltName=${names}`];
    return this.#issue(name, 'ec', ['extendedKeyUsage=clientAuth', ...alternatives]);
  }

  #issue(name: string, keyType: KeyType, extensions: readonly string[]): Issued {
    const { certFile, keyFile } = filesOf(this.#folder, name);
    const request = join(this.#folder, `${name}.csr`);
    const extensionFile = join(this.#folder, `${name}.ext`);
    writeFileSync(extensionFile, extensions.join('\n'));
    openssl('req', ...newKey(keyType), '-keyout', keyFile, '-out', request, '-subj', `/CN=${name}`);
    const signing = ['-CA', this.certFile, '-CAkey', this.keyFile, '-CAcreateserial', '-days', '30'];
    openssl('x509', '-req', '-in', request, ...signing, '-extfile', extensionFile, '-out', certFile);
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  }
}

function filesOf(folder: string, name: string): { certFile: string; keyFile: string } {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) };
}

function newKey(type: KeyType): string[] {
  const kind = type === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  return ['-newkey', ...kind, '-nodes'];
}

export function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
}
