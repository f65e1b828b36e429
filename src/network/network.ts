// The network as the environment describes it: the proxies that it names, and certificate authorities to trust in addition
// to Node's own.
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tls from 'node:tls';
import type { Environment } from './proxy.ts';

/** What a file or folder holds. */
export interface FoundAuthorities {
  /** The environment variable that names it. */
  readonly variable: string;
  readonly path: string;
  /** PEM, one certificate each. */
  readonly certificates: readonly string[];
  /** Why not all of it can be used, without the path; undefined when nothing is wrong. */
  readonly problem: string | undefined;
}

/** Node reads it itself, at its start. */
const readByNode = 'NODE_EXTRA_CA_CERTS';

const pemCertificate = /-----BEGIN (?:X509 )?CERTIFICATE-----[^-]*-----END (?:X509 )?CERTIFICATE-----/g;

/** Shared by all projects, so that certificates are held once: read when TLS first needs them, and after failures. */
export class Network {
  readonly environment: Environment;
  readonly #onProblem: (found: FoundAuthorities) => void;
  readonly #reported = new Set<string>();
  #found: Promise<readonly FoundAuthorities[]> | undefined;
  #context: { readonly pem: string; readonly context: tls.SecureContext } | undefined;

  /** `onProblem` is called once for each problem with authorities. */
  constructor(environment: Environment, onProblem: (found: FoundAuthorities) => void = () => undefined) {
    this.environment = environment;
    this.#onProblem = onProblem;
  }

  /** Trusts Node's authorities and these; undefined: Node's own context does. The same object until they change. */
  async context(): Promise<tls.SecureContext | undefined> {
    const found = await this.authorities();
    const ca = found.flatMap(({ certificates }) => certificates);
    const own = found.filter(({ variable }) => variable !== readByNode);
    if (own.every(({ certificates }) => certificates.length === 0)) return undefined;
    const pem = ca.join('\n');
    if (this.#context?.pem !== pem) {
      // A list of one's own replaces Node's.
      this.#context = { pem, context: tls.createSecureContext({ ca: [...nodeAuthorities(), ...ca] }) };
    }
    return this.#context.context;
  }

  /** What each source of authorities holds. Never rejected. */
  async authorities(): Promise<readonly FoundAuthorities[]> {
    this.#found ??= Promise.all(sources(this.environment));
    const found = await this.#found;
    for (const one of found) {
      const key = `${one.path} ${one.problem}`;
      if (one.problem === undefined || this.#reported.has(key)) continue;
      this.#reported.add(key);
      this.#onProblem(one);
    }
    return found;
  }

  /** To be called when a connection has failed: the files may have changed since they were read. */
  readAgain(): void {
    void this.#found?.then(() => (this.#found = undefined));
  }
}

/** What the variables name that OpenSSL and Go programs read. */
function sources(environment: Environment): Promise<FoundAuthorities>[] {
  const files = [readByNode, 'SSL_CERT_FILE'].map((variable) => [variable, environment[variable]] as const);
  const folders = (environment['SSL_CERT_DIR'] ?? '').split(':');
  return [
    ...files.flatMap(([variable, path]) => (path ? findIn(variable, path, readFile(path, 'utf8')) : [])),
    ...folders.flatMap((path) => (path ? findIn('SSL_CERT_DIR', path, readFolder(path)) : [])),
  ];
}

async function findIn(
  variable: string,
  path: string,
  texts: Promise<string | string[]>,
): Promise<FoundAuthorities> {
  try {
    const found = [await texts].flat().flatMap((text) => text.match(pemCertificate) ?? []);
    const certificates = [...new Set(found.filter(isCertificate))];
    const isUsable = certificates.length > 0;
    const problem = isUsable ? undefined : 'it holds no certificate in PEM format that can be read';
    return { variable, path, certificates, problem };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const missing = code === 'ENOENT' ? 'there is no such file or folder' : code;
    return { variable, path, certificates: [], problem: `it cannot be read: ${missing}` };
  }
}

/** A folder may hold other things: they are passed over, as OpenSSL and Go do. */
async function readFolder(path: string): Promise<string[]> {
  const names = await readdir(path);
  return Promise.all(names.map((name) => readFile(join(path, name), 'utf8').catch(() => '')));
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

/** Newer versions of Node say what they trust, NODE_EXTRA_CA_CERTS included. */
function nodeAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}
