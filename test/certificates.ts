// Certificates of a test, made by openssl in a folder of their own: a root, an authority below it, and what they sign.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a certificate and its key, as PEM. */
export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

type KeyType = 'rsa' | 'ec';

interface RootOptions {
  /** As openssl writes it. */
  readonly subject?: string;
  /** As for a client, where it is to be its own certificate. */
  readonly names?: string;
}

interface ServerOptions {
  /** Of its files. */
  readonly name?: string;
  readonly keyType?: KeyType;
  /** As openssl writes them; default: this machine. */
  readonly names?: string;
  /** From now on; -1: it has expired. */
  readonly days?: number;
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

  static root(folder: string, name: string, { subject = `/CN=${name}`, names }: RootOptions = {}): Authority {
    const files = filesOf(folder, name);
    const described = ['-subj', subject, '-days', '30'];
    if (names !== undefined) described.push('-addext', `subjectAltName=${names}`);
    openssl('req', '-x509', ...newKey('ec'), '-keyout', files.keyFile, '-out', files.certFile, ...described);
    return new Authority(folder, files);
  }

  authority(name: string): Authority {
    return new Authority(
      this.#folder,
      this.#issue({ name, extensions: ['basicConstraints=critical,CA:TRUE'] }),
    );
  }

  server({ name = 'server', names = 'DNS:localhost,IP:127.0.0.1', ...options }: ServerOptions = {}): Issued {
    return this.#issue({ name, ...options, extensions: [`subjectAltName=${names}`] });
  }

  /** `names` as openssl writes them: `DNS:one,IP:::1`. */
  client(name = 'client', names?: string): Issued {
    const alternatives = names === undefined ? [] : [`subjectAltName=${names}`];
    return this.#issue({ name, extensions: ['extendedKeyUsage=clientAuth', ...alternatives] });
  }

  #issue({
    name,
    keyType = 'ec',
    days = 30,
    extensions,
  }: Omit<ServerOptions, 'names'> & { name: string; extensions: readonly string[] }): Issued {
    const { certFile, keyFile } = filesOf(this.#folder, name);
    const request = join(this.#folder, `${name}.csr`);
    const extensionFile = join(this.#folder, `${name}.ext`);
    writeFileSync(extensionFile, extensions.join('\n'));
    openssl('req', ...newKey(keyType), '-keyout', keyFile, '-out', request, '-subj', `/CN=${name}`);
    const signing = ['-CA', this.certFile, '-CAkey', this.keyFile, '-CAcreateserial', '-days', String(days)];
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
