import { UnstyledButton } from '@mantine/core';
import type { Device } from '@rootcellar/api';
import { useState } from 'react';
import { lookOf } from '../../drawing/device-look.ts';
import { LockScreen, Phone } from '../../drawing/phone.tsx';
import { useNow } from '../../hub/use-now.ts';
import { Fact, Facts } from '../../parts/facts.tsx';
import { useLanguage } from '../../words/language.tsx';

/** The phone, drawn, and what it says of itself. */
export function DeviceHead({ device }: { readonly device: Device }) {
  const { words, format, language } = useLanguage();
  const now = useNow();
  const { battery, space } = device;
  const day = now.toLocaleDateString(language === 'de' ? 'de-DE' : 'en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  });
  const model = space ? `${device.modelName}, ${format.bytes(soldAs(space.totalBytes))}` : device.modelName;
  return (
    <div className="device-head">
      <Phone
        look={lookOf(device.productType, device.color, device.udid)}
        label={words.device.drawing(device.modelName)}
        width={device.productType.startsWith('iPad') ? 11 : 8.25}
      >
        <LockScreen day={day} clock={format.clock(now)} />
      </Phone>
      <div>
        <h1>{device.name}</h1>
        {device.isSimulated && <p className="tag striped">{words.device.simulatedNote}</p>}
        <Facts>
          <Fact name={words.device.model}>{model}</Fact>
          <Fact name={words.device.serial} isMore>
            <Serial number={device.serialNumber} />
          </Fact>
          <Fact name={words.device.software}>{`${systemName(device)} ${device.productVersion}`}</Fact>
          <Fact name={words.device.trust} isMore>
            {words.device.trustStates[device.trust]}
          </Fact>
          <Fact name={words.device.battery}>
            {battery === null
              ? '–'
              : battery.isCharging
                ? words.device.charging(format.percent(battery.percent / 100))
                : format.percent(battery.percent / 100)}
          </Fact>
          <Fact name={words.device.connected} isSecond>
            {connectionText(device, now)}
          </Fact>
        </Facts>
      </div>
    </div>
  );

  function connectionText({ connections, isConnected, lastSeenAt }: Device, at: Date): string {
    if (!isConnected)
      return lastSeenAt ? words.device.lastSeen(format.age(lastSeenAt, at)) : words.shell.notConnected;
    if (connections.length > 1) return words.device.both;
    return connections[0] === 'wifi' ? words.device.wifi : words.device.cable;
  }
}

/** Hidden until somebody wants it: it is enough to find a phone's warranty, and its owner. */
function Serial({ number }: { readonly number: string | null }) {
  const { words } = useLanguage();
  const [isShown, setShown] = useState(false);
  if (number === null) return '–';
  return (
    <>
      {isShown && <span className="mono">{number} </span>}
      <UnstyledButton className="text-button" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
        {isShown ? words.device.hideSerial : words.device.showSerial}
      </UnstyledButton>
    </>
  );
}

function systemName({ productType, productVersion }: Device): string {
  return productType.startsWith('iPad') && Number.parseInt(productVersion, 10) >= 13 ? 'iPadOS' : 'iOS';
}

/** Phones are sold in powers of two of decimal gigabytes; the data part of the disk is smaller. */
function soldAs(totalBytes: number): number {
  let sold = 16e9;
  while (sold < totalBytes) sold *= 2;
  return sold;
}
