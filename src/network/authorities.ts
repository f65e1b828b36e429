// The certificates of the authorities that servers may be signed by, beside those that Node brings along.
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tls from 'node:tls';

/** A file or folder of certificates. */
export interface AuthoritySource {
  /** The environment variable that names it. */
  readonly variable: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** Certificates for one host alone, in PEM. */
export interface HostCertificates {
  /** Of the authorities that are trusted instead of all others. */
  readonly ca?: string;
  /** The certificate to show, and its key. */
  readonly cert?: string;
  readonly key?: string;
}

export interface FoundAuthorities {
  readonly source: AuthoritySource;
  /** PEM, one certificate each. */
  readonly certificates: readonly string[];
  /** Why not all of it can be used, without the path; undefined when nothing is wrong. */
  readonly problem: string | undefined;
}

/** Node reads it itself, at its start. */
const readByNode = 'NODE_EXTRA_CA_CERTS';

const pemCertificate = /-----BEGIN (?:X509 )?CERTIFICATE-----[^-]*-----END (?:X509 )?CERTIFICATE-----/g;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is no folder',
};

/** Never rejected: what cannot be read is a problem of the result. */
export async function findAuthorities(source: AuthoritySource): Promise<FoundAuthorities> {
  try {
    const texts = source.isFolder ? await readFolder(source.path) : [await readFile(source.path, 'utf8')];
    const found = texts.flatMap((text) => text.match(pemCertificate) ?? []);
    const certificates = [...new Set(found.filter(isCertificate))];
    return { source, certificates, problem: problemOf(found, certificates) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { source, certificates: [], problem: `it cannot be read: ${reasons[code] ?? code}` };
  }
}

/** A context that trusts Node's authorities and these; undefined when Node's own does. */
export function contextWith(found: readonly FoundAuthorities[]): tls.SecureContext | undefined {
  if (found.every(({ source, certificates }) => source.variable === readByNode || certificates.length === 0))
    return undefined;
  return tls.createSecureContext({ ca: allAuthorities(found) });
}

/** A context for one host, which may have an authority of its own instead of all others, and know us by a certificate. */
export function hostContextWith(
  found: readonly FoundAuthorities[],
  { ca, cert, key }: HostCertificates,
): tls.SecureContext {
  return tls.createSecureContext({ ca: ca ?? allAuthorities(found), cert, key });
}

function allAuthorities(found: readonly FoundAuthorities[]): string[] {
  return [...nodeAuthorities(), ...found.flatMap(({ certificates }) => certificates)];
}

/** A list of one's own replaces Node's, NODE_EXTRA_CA_CERTS included; newer ones say what their list is. */
function nodeAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}

/** A folder may hold other things: they are passed over, as OpenSSL and Go do. */
async function readFolder(path: string): Promise<string[]> {
  const names = await readdir(path);
  const texts = names.map((name) => readFile(join(path, name), 'utf8').catch(() => ''));
  return Promise.all(texts);
}

function problemOf(found: readonly string[], good: readonly string[]): string | undefined {
  if (found.length === 0) return 'it holds no certificate in PEM format';
  const bad = found.filter((pem) => !isCertificate(pem)).length;
  if (good.length === 0) return 'it holds no certificate that can be read';
  return bad > 0 ? `${String(bad)} of its ${String(found.length)} certificates cannot be read` : undefined;
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
