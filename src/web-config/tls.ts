// What `tls_server_config` comes to for node:tls: the certificate the server shows, which clients it lets in, what it
// negotiates. Certificates and keys are PEM, in the file or in one that it names; no message repeats any of a key.
import { constants, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Report } from '../config/mistakes.ts';
import type { Source } from '../config/validation.ts';
import { cipherSuites, versions, type ClientAuth, type TlsValues } from './schema.ts';

export interface TlsConfig {
  /** For node:tls, which takes them as they are. */
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuth;
  /** A client's certificate must be for one of these names; undefined: for any. */
  readonly allowedNames: readonly string[] | undefined;
}

/** What asks for TLS. Versions, suites and curves alone do not, as in exporter-toolkit. */
const askingKey = /^(?:cert|key|client_ca)(?:_file)?$|^client_auth_type$/;

/** Undefined when the section does not ask for TLS, or has mistakes; `values` are undefined where the schema found one. */
export async function readTls(
  section: Readonly<Record<string, unknown>>,
  values: TlsValues | undefined,
  source: Source,
  readText: (path: string, label: string) => Promise<string | undefined>,
  report: Report,
): Promise<TlsConfig | undefined> {
  const label = (...keys: string[]) => source.label(['tls_server_config', ...keys]);
  const has = (key: string) => key in section;
  /** The value of a key, or the content of the file that its `_file` key names; undefined when it cannot be read, too. */
  const pem = async (key: 'cert' | 'key' | 'client_ca'): Promise<Pem | undefined> => {
    const { [key]: inline, [`${key}_file`]: file } = section;
    const place = label(`${key}_file`);
    if (inline !== undefined && file !== undefined) {
      report(`${place}: ${key} is set as well; remove one of the two`);
    }
    if (inline !== undefined) return { label: label(key), text: String(inline) };
    const text = file === undefined ? undefined : await readText(String(file), place);
    return text === undefined ? undefined : { label: `${place} (content of the file)`, text };
  };
  const authorities = await pem('client_ca');
  const ca = authorities && readCertificates(authorities, report);
  if (!has('client_auth_type') || values?.client_auth_type === 'NoClientCert') {
    // In the words of exporter-toolkit.
    const mend = 'set client_auth_type, to RequireAndVerifyClientCert if in doubt';
    for (const key of ['client_ca', 'client_ca_file', 'client_allowed_sans'].filter(has))
      report(`${label(key)}: client CA's have been configured without a Client Auth Policy; ${mend}`);
  }
  const [cert, key] = [await pem('cert'), await pem('key')];
  const asksForTls = Object.keys(section).some((one) => askingKey.test(one));
  const isMissing = (one: string) => asksForTls && !has(one) && !has(`${one}_file`);
  for (const one of ['cert', 'key'].filter(isMissing))
    report(`${label()}: missing one of ${one} or ${one}_file`);
  const identity = readIdentity(cert, key, report);
  if (!values) return undefined;
  const { min_version: min, max_version: max, client_auth_type: clientAuth } = values;
  if (min > max) report(`${label()}: min_version ${min} is above max_version ${max}`);
  if (!identity) return undefined;

  const context: SecureContextOptions = {
    ...identity,
    ...negotiation(values),
    ...(ca && { ca: trustedAuthorities(ca) }),
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
    return void report(`${label()}: OpenSSL refuses the certificate, the key or the options: ${reason}`);
  }
  return { context, clientAuth, allowedNames: values.client_allowed_sans };
}

/** Text that should be PEM, and how messages call its place. */
interface Pem {
  readonly label: string;
  readonly text: string;
}

function readIdentity(
  cert: Pem | undefined,
  key: Pem | undefined,
  report: Report,
): Pick<SecureContextOptions, 'cert' | 'key'> | undefined {
  const certificate = cert && readCertificates(cert, report)?.[0];
  const privateKey = key && readPrivateKey(key, report);
  if (!certificate || !privateKey) return undefined;
  if (!certificate.checkPrivateKey(privateKey)) {
    return void report(`${key.label}: the private key does not belong to the certificate`);
  }
  return { cert: cert.text, key: key.text };
}

function readPrivateKey({ label, text }: Pem, report: Report): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    const encrypted = /^-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(text);
    return void report(
      encrypted
        ? `${label}: the private key is encrypted, and there is no way to enter its passphrase; store the key without one`
        : `${label}: there is no private key in PEM format`,
    );
  }
}

/** All certificates, at least one; undefined when there is none, or one cannot be read, which is reported. */
function readCertificates({ label, text }: Pem, report: Report): X509Certificate[] | undefined {
  const blocks = text.match(/^-----BEGIN CERTIFICATE-----$.*?^-----END CERTIFICATE-----$/gms) ?? [];
  if (blocks.length === 0) return void report(`${label}: there is no certificate in PEM format`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return void report(`${label}: a certificate is damaged`);
  }
}

/** `extKeyUsage clientAuth` as the trust that OpenSSL keeps behind a certificate (X509_CERT_AUX). */
const trustedForClients = Buffer.from('300c300a06082b06010505070302', 'hex');

/**
 * Certificate authorities as OpenSSL's trusted certificates. As such they end a chain also when they are not
 * self-signed: Go trusts an intermediate authority that way, and node:tls has no option for a server to do so.
 */
function trustedAuthorities(certificates: readonly X509Certificate[]): string {
  return certificates
    .map(({ raw }) => {
      const base64 = Buffer.concat([raw, trustedForClients]).toString('base64');
      const lines = base64.match(/.{1,64}/g) ?? [];
      return `-----BEGIN TRUSTED CERTIFICATE-----\n${lines.join('\n')}\n-----END TRUSTED CERTIFICATE-----\n`;
    })
    .join('');
}

const allSuites = Object.keys(cipherSuites) as (keyof typeof cipherSuites)[];
/** Always offered: Go ignores the list for TLS 1.3, and Node would switch TLS 1.3 off if none were listed. */
const tls13Suites = allSuites.filter((suite) => cipherSuites[suite] === suite);

function negotiation(values: TlsValues): SecureContextOptions {
  const { min_version: min, max_version: max, curve_preferences: curves, cipher_suites: listed } = values;
  const suites = new Set([...(listed.length > 0 ? listed : allSuites), ...tls13Suites]);
  const ciphers: string[] = [...suites].map((suite) => cipherSuites[suite]);
  // OpenSSL's usual level has no signature that TLS 1.0 and 1.1 could use. Who asks for them gets them.
  if (min < 'TLS12') ciphers.push('@SECLEVEL=0');
  return {
    minVersion: versions[min],
    maxVersion: versions[max],
    ciphers: ciphers.join(':'),
    honorCipherOrder: values.prefer_server_cipher_suites,
    ...(curves.length > 0 && { ecdhCurve: curves.join(':') }),
  };
}
