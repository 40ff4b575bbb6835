import { NativeSelect, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../drawing/icon.tsx';
import { LoadingText } from '../parts/loading-text.tsx';
import { usePlace } from '../router/route.ts';
import { useLanguage } from '../words/language.tsx';
import { OwnerButtons } from './owner-buttons.tsx';
import { listPhones, readPhone } from './phone-control.ts';
import { SimulatedScreen } from './simulated-screen.tsx';
import './simulator.css';

/** People tap and expect an answer; the screen of a phone changes by itself as well. */
const LOOK_EVERY_MS = 700;

/** The phone made of software, to be held by whoever tries this. Always labelled as what it is. */
export default function SimulatorPanel({
  calls,
  onClose,
}: {
  /** How often somebody asked to see it, where it lies below the page. */
  readonly calls: number;
  readonly onClose: () => void;
}) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (calls > 0) panel.current?.scrollIntoView();
  }, [calls]);
  const { words } = useLanguage();
  const { path } = usePlace();
  const { data: phones = [] } = useQuery({
    queryKey: ['simulator'],
    queryFn: listPhones,
    refetchInterval: 10_000,
  });
  const [chosen, setChosen] = useState<string>();
  const udid = [chosen, path[1], phones[0]?.udid].find((wanted) =>
    phones.some((phone) => phone.udid === wanted),
  );
  const { data: phone } = useQuery({
    queryKey: ['simulator', udid],
    queryFn: () => readPhone(udid ?? ''),
    enabled: udid !== undefined,
    refetchInterval: LOOK_EVERY_MS,
    structuralSharing: true,
  });
  return (
    <aside ref={panel} className="sim" aria-label={words.simulator.title}>
      <div className="sim-stays">
        <p className="sim-label">{words.simulator.label}</p>
        <div className="sim-in">
          <div className="row start">
            <div className="grow">
              <h2 className="clip">{phone?.name ?? words.simulator.title}</h2>
              {phone && <p className="cap two">{words.simulator.facts(phone.productVersion)}</p>}
            </div>
            <UnstyledButton className="icon-button" aria-label={words.simulator.close} onClick={onClose}>
              <Icon name="x" />
            </UnstyledButton>
          </div>
          {phones.length > 1 && (
            <NativeSelect
              aria-label={words.simulator.phone}
              value={udid}
              onChange={({ currentTarget }) => setChosen(currentTarget.value)}
              data={phones.map(({ udid: value, name }) => ({ value, label: name }))}
            />
          )}
          {phone === undefined ? (
            <LoadingText text={words.simulator.loading} />
          ) : (
            <>
              <SimulatedScreen phone={phone} />
              <p className="cap two centred">{words.simulator.passcodeIs}</p>
              <OwnerButtons phone={phone} />
            </>
          )}
        </div>
      </div>
    </aside>
  );
}
