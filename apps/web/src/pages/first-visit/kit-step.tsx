import { Button, Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Brand } from '../../drawing/brand.tsx';
import { Icon } from '../../drawing/icon.tsx';
import { queries } from '../../hub/queries.ts';
import { useLanguage } from '../../words/language.tsx';
import type { StepProps } from './first-visit-page.tsx';
import { StepHeading } from './step-heading.tsx';

/** What to keep on paper: where the backups are, and a line for the password, which is stored nowhere. */
export function KitStep({ device, onNext }: StepProps) {
  const { words, format } = useLanguage();
  const { kit } = words.firstVisit;
  const { data: hub } = useQuery(queries.hub);
  const [has, setHas] = useState(false);
  const backups = `${hub?.dataFolder ?? '…'}/backups`;
  return (
    <div className="cols kit-step">
      <div className="stack loose no-print">
        <StepHeading title={kit.title} text={kit.text} />
        <div className="actions">
          <Button leftSection={<Icon name="print" small />} onClick={() => print()}>
            {kit.print}
          </Button>
        </div>
        <p className="two">{kit.keep}</p>
        <hr />
        <Checkbox
          label={kit.have}
          checked={has}
          onChange={({ currentTarget }) => setHas(currentTarget.checked)}
        />
        <div className="actions">
          <Button variant="filled" disabled={!has} onClick={onNext}>
            {words.shell.continue}
          </Button>
        </div>
      </div>
      <section className="kit" aria-label={kit.sheetTitle}>
        <h2>
          <Brand /> {kit.sheetTitle}
        </h2>
        <p className="two">{kit.sheetFor(device.name, format.day(new Date()))}</p>
        <h3>{kit.where}</h3>
        <p className="mono">
          {hub?.computerName}: {backups}
        </p>
        {device.encryptsBackups ? (
          <>
            <h3>{kit.passwordLine}</h3>
            <div className="write-here" />
          </>
        ) : (
          <p>{kit.noPassword}</p>
        )}
        <h3>{kit.howTitle}</h3>
        <p>{kit.how}</p>
        <p className="mono">rootcellar restore {backups}</p>
      </section>
    </div>
  );
}
