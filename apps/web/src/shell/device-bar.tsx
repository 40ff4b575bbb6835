import type { Device } from '@rootcellar/api';
import { useRef } from 'react';
import { Icon } from '../drawing/icon.tsx';
import { useFadedEnds } from '../parts/use-faded-ends.ts';
import { DEVICE_TABS, type DeviceTab, linkTo, linkToDevice } from '../router/route.ts';
import { useLanguage } from '../words/language.tsx';

/** Above every page of a phone: its name, its pages, how it is connected. */
export function DeviceBar({ device, tab }: { readonly device: Device; readonly tab: DeviceTab }) {
  const { words, format } = useLanguage();
  const { battery } = device;
  const tabs = useRef<HTMLElement>(null);
  useFadedEnds(tabs, tab, words);
  return (
    <section className="bar" aria-label={device.name}>
      <span className="bar-title">
        <span className="not-phone clip" title={device.name}>
          {device.name}
        </span>
        <a className="only-phone" href={linkTo(['devices'])}>
          ‹ {words.shell.devices}
        </a>
      </span>
      <nav ref={tabs} className="tabs fades" aria-label={device.name}>
        {DEVICE_TABS.map((name) => (
          <a
            key={name}
            href={linkToDevice(device.udid, name)}
            aria-current={name === tab ? 'page' : undefined}
          >
            {words.shell.tabs[name]}
          </a>
        ))}
      </nav>
      <span className="end row cap two">
        <Icon
          name={device.connections.includes('wifi') && !device.connections.includes('usb') ? 'wifi' : 'cable'}
          small
        />
        <span className="not-phone">{connectionText(device, words.shell)}</span>
        {battery && (
          <span className="num row tight">
            <Icon name="battery" small />
            {format.percent(battery.percent / 100)}
          </span>
        )}
      </span>
    </section>
  );
}

function connectionText(
  { connections, isConnected, battery }: Device,
  words: {
    readonly byCable: string;
    readonly byWifi: string;
    readonly notConnected: string;
    readonly onPower: string;
  },
): string {
  if (!isConnected) return words.notConnected;
  const way = connections.includes('usb') ? words.byCable : words.byWifi;
  return battery?.isCharging ? `${way}, ${words.onPower}` : way;
}
