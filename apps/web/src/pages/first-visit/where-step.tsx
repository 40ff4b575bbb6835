import { Button, Radio } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queries } from '../../hub/queries.ts';
import { Note } from '../../parts/note.tsx';
import { useLanguage } from '../../words/language.tsx';
import type { StepProps } from './first-visit-page.tsx';
import { StepHeading } from './step-heading.tsx';

/** 2. Where backups are kept. One place now; the other is shown, so that nobody looks for it. */
export function WhereStep({ device, onNext }: StepProps) {
  const { words, format } = useLanguage();
  const { where } = words.firstVisit;
  const { data: hub } = useQuery(queries.hub);
  const used = device.space ? device.space.totalBytes - device.space.freeBytes : 0;
  const isTight = hub !== undefined && used > hub.freeBytes;
  return (
    <div className="stack loose step">
      <StepHeading title={where.title} text={where.text} />
      <Radio.Group value="this-computer" aria-label={words.device.backUpTo}>
        <div className="choices">
          <Radio.Card value="this-computer" className="choice-card">
            <Radio.Indicator />
            <span>
              <b>{hub ? `${where.folder}, ${hub.computerName}` : where.folder}</b>
              {hub?.dataFolder && <span className="mono cap two block">{hub.dataFolder}</span>}
              {hub && <span className="cap two block">{where.free(format.bytes(hub.freeBytes))}</span>}
            </span>
          </Radio.Card>
          <Radio.Card value="cloud" className="choice-card" disabled>
            <Radio.Indicator disabled />
            <span>
              <b>{where.cloud}</b>
              <span className="cap two block">{words.device.cloudHint}</span>
            </span>
          </Radio.Card>
        </div>
      </Radio.Group>
      {isTight && <Note tone="wait">{where.tight}</Note>}
      <div className="actions">
        <Button variant="filled" onClick={onNext}>
          {words.shell.continue}
        </Button>
      </div>
    </div>
  );
}
