import { NativeSelect } from '@mantine/core';
import type { Device } from '@rootcellar/api';
import { FailureNote } from '../../parts/failure-note.tsx';
import { useLanguage } from '../../words/language.tsx';
import { SaveKit } from '../first-visit/save-kit.tsx';
import { AutomaticChoice, useChangeSettings } from './automatic-choice.tsx';
import { EncryptionChoice } from './encryption-choice.tsx';
import { KeptChoice } from './kept-choice.tsx';

const DAYS = [1, 2, 3, 5, 7, 14, 30, 60, 90] as const;

/** What the owner chooses once for a phone. */
export default function OptionsPage({ device }: { readonly device: Device }) {
  const { words } = useLanguage();
  const { options } = words.device;
  const change = useChangeSettings(device);
  const chosen = device.settings.overdueAfterDays;
  const days = [...new Set([...DAYS, chosen])].sort((a, b) => a - b);
  return (
    <main id="main" tabIndex={-1}>
      <div>
        <h1>{options.title}</h1>
        <p className="lead">{options.lead(device.name)}</p>
      </div>
      <section className="card">
        <div className="in stack loose">
          <h2 className="h3">{words.device.backups}</h2>
          <EncryptionChoice device={device} />
          {device.encryptsBackups && (
            <KeptChoice
              value={change.variables?.encryptedAs ?? device.settings.encryptedAs}
              isDisabled={device.ownedBy === 'somebody-else'}
              onChange={(encryptedAs) => change.mutate({ encryptedAs })}
            />
          )}
          <AutomaticChoice device={device} />
        </div>
      </section>
      <section className="card">
        <div className="in stack loose">
          <h2 className="h3">{options.whenTitle}</h2>
          <NativeSelect
            className="narrow-field"
            label={options.overdueAfter}
            value={chosen}
            onChange={({ currentTarget }) => change.mutate({ overdueAfterDays: Number(currentTarget.value) })}
            data={days.map((day) => ({ value: String(day), label: options.days(day) }))}
          />
          <p className="cap two" role="status">
            {change.isSuccess ? options.saved : ''}
          </p>
          <FailureNote error={change.error} />
        </div>
      </section>
      {device.lastBackup && (
        <section className="card">
          <div className="in stack">
            <h2 className="h3">{words.firstVisit.kit.title}</h2>
            <p className="two">{words.firstVisit.kit.text}</p>
            <p className="cap two">{words.firstVisit.kit.again}</p>
            <SaveKit udid={device.udid} />
          </div>
        </section>
      )}
    </main>
  );
}
