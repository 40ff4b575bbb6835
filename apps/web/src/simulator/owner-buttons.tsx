import { Button, Checkbox, Modal, Slider } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Icon, type IconName } from '../drawing/icon.tsx';
import type { Catalogue } from '../words/catalogue.ts';
import { useLanguage } from '../words/language.tsx';
import type { Lived, PhoneState } from './phone-control.ts';
import { useAct } from './use-act.ts';

type SimulatorWords = Catalogue['simulator'];

interface Deed {
  readonly icon: IconName;
  readonly text: string;
  readonly action: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** What is told afterwards. */
  readonly sentence?: (words: SimulatorWords, lived: Lived) => string;
  /** Also on a phone that is off, or says Hello. */
  readonly isAlwaysPossible?: boolean;
}

/** What the owner of a phone does besides tapping on it. */
export function OwnerButtons({ phone }: { readonly phone: PhoneState }) {
  const { words } = useLanguage();
  const { simulator } = words;
  const act = useAct(phone);
  // In the language of now, not in that of then.
  const [told, setTold] = useState<{ readonly in: (words: SimulatorWords) => string }>();
  const [isErasing, setErasing] = useState(false);
  const isInUse = phone.condition.running && phone.condition.setUp;
  useEffect(() => {
    if (isInUse) setTold(undefined);
  }, [isInUse]);
  const doIt = ({ action, body = {}, sentence }: Deed) =>
    act.mutate(
      { action, body },
      { onSuccess: (lived) => sentence && setTold({ in: (inWords) => sentence(inWords, lived as Lived) }) },
    );
  return (
    <div className="stack near">
      <h3 className="sim-play">{simulator.play}</h3>
      <div className="owner">
        {deedsOf(phone, simulator).map((deed) => (
          <Button
            key={deed.text}
            justify="flex-start"
            leftSection={<Icon name={deed.icon} small />}
            disabled={act.isPending || !(isInUse || deed.isAlwaysPossible)}
            onClick={() => doIt(deed)}
          >
            {deed.text}
          </Button>
        ))}
        <Button
          justify="flex-start"
          leftSection={<Icon name="trash" small />}
          disabled={act.isPending || !isInUse}
          onClick={() => setErasing(true)}
        >
          {simulator.erase}
        </Button>
      </div>
      <p className="cap two sim-told" role="status">
        {told?.in(simulator)}
      </p>
      <Battery
        phone={phone}
        onChange={(batteryPercent) => act.mutate({ action: 'set', body: { batteryPercent } })}
      />
      <Checkbox
        label={simulator.power}
        checked={phone.condition.onPower}
        onChange={({ currentTarget: { checked } }) =>
          act.mutate({ action: 'set', body: { onPower: checked } })
        }
      />
      <EraseDialog
        name={phone.name}
        isOpen={isErasing}
        onClose={() => setErasing(false)}
        onErase={() =>
          act.mutate({ action: 'erase' }, { onSuccess: () => setTold({ in: ({ erasing }) => erasing }) })
        }
      />
    </div>
  );
}

function deedsOf(
  { condition: { plugged, locked } }: PhoneState,
  words: Catalogue['simulator'],
): readonly Deed[] {
  return [
    {
      icon: 'cable',
      text: plugged ? words.unplug : words.plug,
      action: plugged ? 'unplug' : 'plug',
      isAlwaysPossible: true,
    },
    { icon: 'lock', text: locked ? words.unlock : words.lock, action: locked ? 'unlock' : 'lock' },
    {
      icon: 'camera',
      text: words.photo,
      action: 'live',
      body: { only: 'photos' },
      sentence: (inWords, { photosTaken }) => inWords.tookPhoto(photosTaken),
    },
    {
      icon: 'message',
      text: words.message,
      action: 'live',
      body: { only: 'messages' },
      sentence: (inWords, { messages }) => inWords.gotMessages(messages),
    },
    {
      icon: 'sun',
      text: words.live,
      action: 'live',
      sentence: (inWords, { photosTaken, messages }) => inWords.lived(photosTaken, messages),
    },
  ];
}

function EraseDialog({
  name,
  isOpen,
  onClose,
  onErase,
}: {
  readonly name: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onErase: () => void;
}) {
  const { words } = useLanguage();
  const { simulator } = words;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={simulator.eraseTitle(name)}
      closeButtonProps={{ 'aria-label': words.shell.close }}
    >
      <div className="stack loose">
        <p>{simulator.eraseText}</p>
        <div className="actions end">
          <Button onClick={onClose}>{words.shell.cancel}</Button>
          <Button
            variant="danger"
            onClick={() => {
              onErase();
              onClose();
            }}
          >
            {simulator.eraseNow}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

/** Dragged freely, set when it is let go. */
function Battery({
  phone,
  onChange,
}: {
  readonly phone: PhoneState;
  readonly onChange: (percent: number) => void;
}) {
  const { words, format } = useLanguage();
  const { batteryPercent } = phone.condition;
  const [shown, setShown] = useState(batteryPercent);
  useEffect(() => setShown(batteryPercent), [batteryPercent]);
  return (
    <div className="battery">
      <span className="cap two">{words.simulator.battery}</span>
      <Slider
        value={shown}
        onChange={setShown}
        onChangeEnd={onChange}
        min={1}
        max={100}
        label={null}
        thumbLabel={words.simulator.battery}
      />
      <span className="cap num">{format.percent(shown / 100)}</span>
    </div>
  );
}
