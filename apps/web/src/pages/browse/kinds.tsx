import type { BrowsedBackup, Device } from '@rootcellar/api';
import { useRef } from 'react';
import { Icon, type IconName } from '../../drawing/icon.tsx';
import { useFadedEnds } from '../../parts/use-faded-ends.ts';
import { linkToDevice } from '../../router/route.ts';
import { useLanguage } from '../../words/language.tsx';
import { appName, domainName } from './domain-name.ts';
import { PHOTOS } from './file-filter.ts';

const ICON_OF: Readonly<Record<string, IconName>> = {
  CameraRollDomain: 'photo',
  HealthDomain: 'health',
  KeychainDomain: 'key',
  HomeDomain: 'home',
  MediaDomain: 'music',
  WirelessDomain: 'call',
};

/** The parts of a backup, with how many files each has. */
export function Kinds({
  device,
  browse,
  part,
}: {
  readonly device: Device;
  readonly browse: BrowsedBackup;
  readonly part: string;
}) {
  const { words, format } = useLanguage();
  const row = useRef<HTMLElement>(null);
  useFadedEnds(row, part, words, browse);
  const apps = Map.groupBy(
    browse.domains.filter(({ app }) => app !== null),
    ({ app }) => app ?? '',
  );
  const total = browse.domains.reduce((sum, { files }) => sum + files, 0);
  const link = (name: string, icon: IconName, text: string, files?: number, whole = text) => (
    <a
      key={name}
      href={linkToDevice(device.udid, 'browse', { backup: browse.backup, part: name })}
      aria-current={name === part ? 'page' : undefined}
    >
      <Icon name={icon} />
      <span className="clip" title={whole}>
        {text}
      </span>
      <span>{files === undefined ? '' : format.count(files)}</span>
    </a>
  );
  return (
    <nav ref={row} className="kinds fades" aria-label={words.browse.kinds}>
      {link(PHOTOS, 'photo', words.browse.photos)}
      {link('all', 'folder', words.browse.allFiles, total)}
      <p className="side-head">{words.browse.apps}</p>
      {[...apps]
        .sort(([a], [b]) => appName(a).localeCompare(appName(b)))
        .map(([app, domains]) =>
          link(
            `app:${app}`,
            'app',
            appName(app),
            domains.reduce((sum, { files }) => sum + files, 0),
            app,
          ),
        )}
      <p className="side-head">{words.browse.parts}</p>
      {browse.domains
        .filter(({ app }) => app === null)
        .map(({ domain, files }) =>
          link(`domain:${domain}`, ICON_OF[domain] ?? 'folder', domainName(domain), files),
        )}
    </nav>
  );
}
