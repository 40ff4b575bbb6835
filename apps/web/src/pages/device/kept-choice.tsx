import { Radio } from '@mantine/core';
import type { Device } from '@rootcellar/api';
import { useLanguage } from '../../words/language.tsx';

type Kept = Device['settings']['encryptedAs'];

const WAYS: readonly Kept[] = ['sealed', 'small'];

/** How a backup with a password is kept: with both locks, or with less room. */
export function KeptChoice({
  value,
  onChange,
  isDisabled = false,
}: {
  readonly value: Kept;
  readonly onChange: (kept: Kept) => void;
  readonly isDisabled?: boolean;
}) {
  const { words } = useLanguage();
  return (
    <Radio.Group
      label={words.kept.title}
      value={value}
      onChange={(chosen) => onChange(chosen === 'small' ? 'small' : 'sealed')}
    >
      <div className="choices">
        {WAYS.map((way) => (
          <Radio.Card key={way} value={way} className="choice-card" disabled={isDisabled}>
            <Radio.Indicator disabled={isDisabled} />
            <span>
              <b>{words.kept[way]}</b>
              <span className="cap two block">{words.kept.means[way]}</span>
            </span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
