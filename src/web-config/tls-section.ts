// Reads `tls_server_config`: what certificate the server shows, which clients it lets in, what it negotiates.
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Given, Report } from '../config/given.ts';
import { cipherSuites, clientAuthTypes, curves, tls13Suites, versions } from './go-tls-names.ts';
import type { CipherSuite, TlsVersion } from './go-tls-names.ts';
import { readBoolean } from './go-values.ts';
import { readCertificate, readCertificates, readPrivateKey, trustedAuthorities } from './pem.ts';
import { TlsEntries, type FileAccess } from './tls-entries.ts';
import type { ClientAuth, TlsConfig } from './web-config.ts';

/** The section, and what HTTP/2 has to know of it. */
export interface TlsSection {
  readonly config: TlsConfig;
  readonly minVersion: TlsVersion;
  /** Undefined when the file lists none. */
  readonly suites: ListedSuites | undefined;
}

export interface ListedSuites {
  readonly label: string;
  readonly names: readonly CipherSuite[];
}

/** These ask for TLS. Versions, suites and curves alone do not, as in exporter-toolkit. */
const askingKeys = [
  'cert',
  'cert_file',
  'key',
  'key_file',
  'client_ca',
  'client_ca_file',
  'client_auth_type',
] as const;

/** Undefined when the section does not ask for TLS, or has mistakes. */
export function readTlsSection(section: Given, files: FileAccess, report: Report): TlsSection | undefined {
  let mistakes = 0;
  const note: Report = (problem) => {
    mistakes += 1;
    report(problem);
  };
  const entries = new TlsEntries(section, files, note);
  const asksForTls = askingKeys.some((key) => entries.get(key));
  const { minVersion, suites, ...negotiation } = readNegotiation(entries, note);
  const { clientAuth, allowedNames, ca } = readClients(entries, note);
  const identity = asksForTls && readIdentity(entries, note);
  if (!identity || mistakes > 0) return undefined;

  const context: SecureContextOptions = {
    ...identity,
    ...negotiation.options,
    ...(ca !== undefined && { ca }),
    secureOptions:
      constants.SSL_OP_NO_RENEGOTIATION |
      // Each connection shows its certificate; none counts as verified because an earlier one was.
      (clientAuth === 'NoClientCert' ? 0 : constants.SSL_OP_NO_TICKET),
  };
  try {
    createSecureContext(context);
  } catch (error) {
    // OpenSSL's reason repeats nothing: `ee key too small`.
    const { reason = 'for a reason unknown' } = error as { reason?: string };
    return void report(
      `${section.label}: OpenSSL refuses the certificate, the key or the options: ${reason}`,
    );
  }
  return { config: { context, clientAuth, allowedNames }, minVersion, suites };
}

/** The server's certificate with its chain, and its key. */
function readIdentity(
  entries: TlsEntries,
  report: Report,
): Pick<SecureContextOptions, 'cert' | 'key'> | undefined {
  const cert = entries.pem('cert');
  const key = entries.pem('key');
  // In the words of exporter-toolkit, here and below.
  if (cert === 'missing') report(`${entries.label}: missing one of cert or cert_file`);
  if (key === 'missing') report(`${entries.label}: missing one of key or key_file`);
  const certificate = typeof cert === 'object' && readCertificate(cert, report);
  const privateKey = typeof key === 'object' && readPrivateKey(key, report);
  if (!certificate || !privateKey) return undefined;
  if (!certificate.checkPrivateKey(privateKey)) {
    return void report(`${key.label}: the private key does not belong to the certificate`);
  }
  return { cert: cert.text, key: key.text };
}

/** Which clients are let in. Without authorities of its own the server takes those that Node trusts. */
function readClients(
  entries: TlsEntries,
  report: Report,
): Pick<TlsConfig, 'clientAuth' | 'allowedNames'> & { readonly ca: string | undefined } {
  const type = entries.get('client_auth_type');
  const clientAuth: ClientAuth | undefined = type
    ? entries.name('client_auth_type', clientAuthTypes, 'invalid ClientAuth')
    : 'NoClientCert';
  const authorities = entries.pem('client_ca');
  const names = entries.get('client_allowed_sans');
  if (clientAuth === 'NoClientCert') {
    const mend = 'set client_auth_type, to RequireAndVerifyClientCert if in doubt';
    const given = entries.get('client_ca') ?? entries.get('client_ca_file');
    if (given) {
      report(`${given.label}: client CA's have been configured without a Client Auth Policy; ${mend}`);
    }
    if (names) report(`${names.label}: no client is asked for a certificate, and all are let in; ${mend}`);
  }
  const certificates = typeof authorities === 'object' ? readCertificates(authorities, report) : undefined;
  return {
    // A mistaken one is reported, and lets nobody in.
    clientAuth: clientAuth ?? 'RequireAndVerifyClientCert',
    allowedNames: names && entries.texts('client_allowed_sans'),
    ca: certificates && trustedAuthorities(certificates),
  };
}

/** What is negotiated with a client. */
function readNegotiation(
  entries: TlsEntries,
  report: Report,
): Omit<TlsSection, 'config'> & { readonly options: SecureContextOptions } {
  const minVersion = entries.name('min_version', versionNames, 'unknown TLS version') ?? 'TLS12';
  const maxVersion = entries.name('max_version', versionNames, 'unknown TLS version') ?? 'TLS13';
  // The names sort as the versions do.
  if (minVersion > maxVersion) {
    report(`${entries.label}: min_version ${minVersion} is above max_version ${maxVersion}`);
  }
  const suites = entries.names('cipher_suites', suiteNames, 'unknown cipher');
  const groups = entries.names('curve_preferences', curves, 'unknown curve');
  const preference = entries.get('prefer_server_cipher_suites');
  const label = entries.get('cipher_suites')?.label ?? entries.label;
  return {
    minVersion,
    suites: suites.length > 0 ? { label, names: suites } : undefined,
    options: {
      minVersion: versions[minVersion],
      maxVersion: versions[maxVersion],
      ciphers: openSslCiphers(suites.length > 0 ? suites : suitesByPreference, minVersion),
      honorCipherOrder: (preference && readBoolean(preference, report)) ?? true,
      ...(groups.length > 0 && { ecdhCurve: groups.join(':') }),
    },
  };
}

/** The suites of TLS 1.3 come along, as in Go: Node would leave TLS 1.3 out where none is listed. */
function openSslCiphers(suites: readonly CipherSuite[], minVersion: TlsVersion): string {
  const names = [...new Set([...suites, ...tls13Suites])].map((suite): string => cipherSuites[suite]);
  // OpenSSL's usual level has no signature that TLS 1.0 and 1.1 could use. Who asks for them gets them.
  if (minVersion < 'TLS12') names.push('@SECLEVEL=0');
  return names.join(':');
}

/** Each name under itself. */
function namesOf<Name extends string>(table: Readonly<Record<Name, string>>): Record<Name, Name> {
  return Object.fromEntries(Object.keys(table).map((name) => [name, name])) as Record<Name, Name>;
}

const versionNames = namesOf(versions);
const suiteNames = namesOf(cipherSuites);
const suitesByPreference = Object.keys(cipherSuites) as CipherSuite[];
