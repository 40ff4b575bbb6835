import type { Device } from '@rootcellar/api';
import { useQuery } from '@tanstack/react-query';
import { Brand } from '../drawing/brand.tsx';
import { Cellar } from '../drawing/cellar.tsx';
import { Icon, type IconName } from '../drawing/icon.tsx';
import { isEnded, queries, useDevices, useJobs } from '../hub/queries.ts';
import { useNow } from '../hub/use-now.ts';
import { linkTo, linkToDevice, usePlace } from '../router/route.ts';
import { useLanguage } from '../words/language.tsx';
import { deviceState } from './device-state.ts';

/** The list on the left: phones, and what else there is. */
export function Sidebar() {
  const { words } = useLanguage();
  return (
    <aside className="sidebar">
      <div className="sidebar-in">
        <a className="brand" href={linkTo([])}>
          <Brand /> Rootcellar
        </a>
        <nav className="side" aria-label={words.shell.places}>
          <p className="side-head">{words.shell.devices}</p>
          <DeviceLinks />
          <p className="side-head">{words.shell.rootcellar}</p>
          <PlaceLink icon="ledger" to="activity" text={words.shell.activity} />
          <PlaceLink icon="gear" to="settings" text={words.shell.settings} />
        </nav>
        <div className="cellar">
          <CellarText />
          <Cellar />
        </div>
      </div>
    </aside>
  );
}

/** The same at the bottom of a narrow screen; and the simulated phone, where there is one. */
export function TabBar({ onShowPhone }: { readonly onShowPhone: (() => void) | undefined }) {
  const { words } = useLanguage();
  const { path } = usePlace();
  const tab = (icon: IconName, place: string, text: string, isCurrent: boolean) => (
    <a href={linkTo(place === '' ? [] : [place])} aria-current={isCurrent ? 'page' : undefined}>
      <Icon name={icon} />
      {text}
    </a>
  );
  return (
    <nav className="tabbar" aria-label={words.shell.main}>
      {tab('phone', 'devices', words.shell.devices, path[0] === undefined || path[0] === 'devices')}
      {tab('ledger', 'activity', words.shell.activity, path[0] === 'activity')}
      {tab('gear', 'settings', words.shell.settings, path[0] === 'settings')}
      {onShowPhone && (
        <button type="button" onClick={onShowPhone}>
          <Icon name="phone" />
          {words.shell.simulator}
        </button>
      )}
    </nav>
  );
}

/** Every phone, with the one thing to know about it. */
export function DeviceLinks() {
  const { words } = useLanguage();
  const devices = useDevices();
  if (devices.length === 0) return <p className="side-none two">{words.shell.noDevices}</p>;
  return devices.map((device) => <DeviceLink key={device.udid} device={device} />);
}

function DeviceLink({ device }: { readonly device: Device }) {
  const spoken = useLanguage();
  const now = useNow();
  const { path } = usePlace();
  const job = useJobs().find(({ udid, ...rest }) => udid === device.udid && !isEnded({ udid, ...rest }));
  const state = deviceState(device, job, now, spoken);
  const isCurrent = path[0] === 'devices' && path[1] === device.udid;
  return (
    <a href={linkToDevice(device.udid)} aria-current={isCurrent ? 'page' : undefined}>
      <Icon name={device.productType.startsWith('iPad') ? 'tablet' : 'phone'} />
      <span className="grow">
        <span className="clip" title={device.name}>
          {device.name}
        </span>
        <small className={state.tone}>{state.text}</small>
      </span>
    </a>
  );
}

function PlaceLink({
  icon,
  to,
  text,
}: {
  readonly icon: IconName;
  readonly to: string;
  readonly text: string;
}) {
  const { path } = usePlace();
  return (
    <a href={linkTo([to])} aria-current={path[0] === to ? 'page' : undefined}>
      <Icon name={icon} />
      <span className="grow">{text}</span>
    </a>
  );
}

function CellarText() {
  const { words } = useLanguage();
  const kept = useDevices().flatMap(({ lastBackup }) => lastBackup ?? []);
  const proved = kept.filter(({ verified }) => verified).length;
  const { data: hub } = useQuery(queries.hub);
  return (
    <p className="cap two">
      {hub && words.shell.keptOn(hub.computerName)}
      {kept.length > 0 && (
        <>
          <br />
          {proved === kept.length ? words.shell.allProved : words.shell.allWhole(proved, kept.length)}
        </>
      )}
    </p>
  );
}
