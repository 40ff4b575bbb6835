import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type HubOptions, hubError, requireSafeDoor } from '@rootcellar/hub';
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../usage-error.ts';
import { number } from './number-option.ts';

/** Used if nobody names another and it is free. */
export const USUAL_PORT = 4610;

/** Where the hub listens, and by which names it is called. */
export interface ListeningOptions {
  readonly port?: number;
  readonly host?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecureHttp?: boolean;
  readonly publicUrl: readonly string[];
  readonly firstSignInAnywhere?: boolean;
}

export function withListeningOptions(command: Command): Command {
  return command
    .option('--port <port>', `port to serve; ${USUAL_PORT} unless given`, number(0, 65_535))
    .option('--host <address>', 'address of this computer to serve, 0.0.0.0 for all; 127.0.0.1 unless given')
    .option('--tls-cert <file>', 'certificate chain (PEM) for https')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option(
      '--insecure-http',
      'without https also where others could listen in: behind a proxy, in a container',
    )
    .option(
      '--public-url <url>',
      'by which browsers call it: https://cellar.example; may be repeated',
      urls,
      [],
    )
    .option(
      '--first-sign-in-anywhere',
      'until somebody has a password, the link that signs in once works from other computers too',
    );
}

/** @throws `UsageError`, `hub.tls-needed`, `hub.certificate-unusable` */
export async function readListening(options: ListeningOptions): Promise<Partial<HubOptions>> {
  const { host, tlsCert, tlsKey, insecureHttp, publicUrl, firstSignInAnywhere } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new UsageError('--tls-cert and --tls-key belong together.');
  const tls =
    tlsCert !== undefined && tlsKey !== undefined
      ? { certificate: await readPem(tlsCert), key: await readPem(tlsKey) }
      : undefined;
  const listening = {
    address: host,
    tls,
    allowPlainHttp: insecureHttp,
    publicUrls: publicUrl,
    firstSignInAnywhere,
  };
  requireSafeDoor(listening);
  return listening;
}

/** The same once more, for a program that is started elsewhere: paths are absolute. */
export function listeningArgs(options: ListeningOptions): readonly string[] {
  const { port = USUAL_PORT, host, tlsCert, tlsKey, insecureHttp, publicUrl } = options;
  return [
    ...['--port', String(port)],
    ...(host === undefined ? [] : ['--host', host]),
    ...(tlsCert === undefined ? [] : ['--tls-cert', resolve(tlsCert)]),
    ...(tlsKey === undefined ? [] : ['--tls-key', resolve(tlsKey)]),
    ...(insecureHttp ? ['--insecure-http'] : []),
    ...(options.firstSignInAnywhere ? ['--first-sign-in-anywhere'] : []),
    ...publicUrl.flatMap((url) => ['--public-url', url]),
  ];
}

function readPem(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw hubError('certificate-unusable', {}, error);
  });
}

/** An origin and nothing more: the web app lives at its root. */
function urls(text: string, before: readonly string[]): readonly string[] {
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isOrigin) return [...before, url.origin];
  throw new InvalidArgumentError(
    'An address such as https://cellar.example or http://nas.local:4610 is needed.',
  );
}
