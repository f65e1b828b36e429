// Certificates and keys that stand in files and are read again and again, so that they can be renewed.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readText } from './files.ts';
import type { ReadFile } from './files.ts';
import type { Report } from './given.ts';

/** A file and how errors call the setting that names it. */
export interface NamedFile {
  readonly path: string;
  readonly label: string;
}

export interface TlsFileNames {
  readonly ca: NamedFile | undefined;
  readonly cert: NamedFile | undefined;
  readonly key: NamedFile | undefined;
}

export interface TlsTexts {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What the files hold, in PEM, as far as it can be used; the rest is reported. */
export function readTlsFiles({ ca, cert, key }: TlsFileNames, readFile: ReadFile, report: Report): TlsTexts {
  const texts = {
    ca: ca && readPem(ca, isCertificate, 'a certificate', readFile, report),
    cert: cert && readPem(cert, isCertificate, 'a certificate', readFile, report),
    key: key && readPem(key, isPrivateKey, 'an unencrypted private key', readFile, report),
  };
  if (cert && !key) report(`${cert.label}: a client certificate needs its key too`);
  if (key && !cert) report(`${key.label}: a key needs its client certificate too`);
  if (key && texts.cert && texts.key && !belongTogether(texts.cert, texts.key)) {
    report(`${key.label}: the key is not that of the client certificate`);
  }
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
}

function readPem(
  { path, label }: NamedFile,
  isValid: (text: string) => boolean,
  noun: string,
  readFile: ReadFile,
  report: Report,
): string | undefined {
  const text = readText(path, label, readFile, report);
  if (text === undefined || isValid(text)) return text;
  return void report(`${label} (content of the file): not ${noun} in PEM`);
}

function isCertificate(text: string): boolean {
  return succeeds(() => new X509Certificate(text));
}

function isPrivateKey(text: string): boolean {
  return succeeds(() => createPrivateKey(text));
}

function belongTogether(cert: string, key: string): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
