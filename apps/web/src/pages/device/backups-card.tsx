import { Radio } from '@mantine/core';
import type { Device } from '@rootcellar/api';
import { useQuery } from '@tanstack/react-query';
import { queries } from '../../hub/queries.ts';
import { useLanguage } from '../../words/language.tsx';
import { AutomaticChoice } from './automatic-choice.tsx';
import { EncryptionChoice } from './encryption-choice.tsx';
import { LastGoodBackup } from './last-good-backup.tsx';

/** Backups as iTunes had them on one card: where to, how, and the last good one. */
export function BackupsCard({
  device,
  hasPrimary,
}: {
  readonly device: Device;
  readonly hasPrimary: boolean;
}) {
  const { words, format } = useLanguage();
  const { data: hub } = useQuery(queries.hub);
  return (
    <section className="card" aria-labelledby="backups-title">
      <div className="split">
        <div className="in stack loose">
          <h2 className="h3" id="backups-title">
            {words.device.backups}
          </h2>
          <Radio.Group label={words.device.backUpTo} value="this-computer" className="target">
            <Radio
              value="this-computer"
              label={words.device.thisComputer}
              description={hub && words.device.thisComputerHint(format.bytes(hub.freeBytes))}
            />
            <Radio value="cloud" disabled label={words.device.cloud} description={words.device.cloudHint} />
          </Radio.Group>
          <div className="stack">
            <EncryptionChoice device={device} />
            <AutomaticChoice device={device} />
          </div>
        </div>
        <div className="in first-on-phone">
          <LastGoodBackup device={device} hasPrimary={hasPrimary} />
        </div>
      </div>
    </section>
  );
}
