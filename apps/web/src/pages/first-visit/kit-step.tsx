import { Checkbox } from '@mantine/core';
import type { Device } from '@rootcellar/api';
import { useState } from 'react';
import { Brand } from '../../drawing/brand.tsx';
import { useLanguage } from '../../words/language.tsx';
import { SaveKit } from './save-kit.tsx';

/** After the first backup there is a key, and so there is something to lose: the page that opens the vault without us. */
export function KitStep({
  device,
  onKept,
}: {
  readonly device: Device;
  readonly onKept: (isKept: boolean) => void;
}) {
  const { words } = useLanguage();
  const { kit } = words.firstVisit;
  const [isKept, setKept] = useState(false);
  const change = (isNow: boolean) => {
    setKept(isNow);
    onKept(isNow);
  };
  return (
    <section className="kit" aria-labelledby="kit-title">
      <h2 id="kit-title">
        <Brand /> {kit.title}
      </h2>
      <p>{kit.text}</p>
      <SaveKit udid={device.udid} isPrimary />
      <p className="two">{kit.keep}</p>
      {device.encryptsBackups && <p className="two">{kit.password}</p>}
      <Checkbox
        label={kit.have}
        checked={isKept}
        onChange={({ currentTarget }) => change(currentTarget.checked)}
      />
    </section>
  );
}
