import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Alarm, alarmWords } from '../../../preload/contract/watch.ts';
import { acknowledge, selectAlarm, useWatch } from '../../state/watch.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { formatTime } from '../../ui/format.ts';
import { RowList } from '../../ui/row-list.tsx';

/** What went wrong, newest first, with the reason and what to do about it. */
export function AlarmList(): ReactNode {
  const alarms = useWatch((s) => s.alarms);
  const selected = useWatch((s) => s.selected);
  const unseen = alarms.filter(({ seen }) => !seen);
  const chosen = alarms.find(({ id }) => id === selected);
  return (
    <div className="alarms">
      <div className="bar" role="toolbar" aria-label="Alarms">
        <p className="bar-words selectable">{chosen ? chosen.reason : 'Choose an alarm to read it whole.'}</p>
        <Button
          size="small"
          icon={Check}
          whyNot={!chosen || chosen.seen ? 'No unseen alarm is chosen' : null}
          onClick={() => void (chosen && acknowledge([chosen.id]))}
        >
          Seen
        </Button>
        <Button
          size="small"
          whyNot={unseen.length === 0 ? 'All alarms were seen' : null}
          onClick={() => void acknowledge()}
        >
          All seen
        </Button>
      </div>
      <RowList
        rows={alarms}
        keyOf={({ id }) => id}
        selected={selected}
        onSelect={selectAlarm}
        label="Alarms, newest first"
        rowClass="alarm-row"
        rowRem={2.5}
        columns={['Alarm', 'Tile', 'Why', 'When']}
        cells={(alarm) => <AlarmCells alarm={alarm} />}
        empty="No alarm so far."
      />
    </div>
  );
}

function AlarmCells({ alarm: { kind, subject, reason, at, seen, resolvedAt } }: { readonly alarm: Alarm }): ReactNode {
  const tone = resolvedAt !== null ? 'good' : seen ? 'plain' : 'bad';
  return (
    <>
      <span>
        <Badge tone={tone}>{resolvedAt !== null ? `${alarmWords[kind]}, over` : alarmWords[kind]}</Badge>
      </span>
      <span className="truncate">{subject}</span>
      <span className="truncate muted" title={reason}>
        {reason}
      </span>
      <time className="mono faint" dateTime={at}>
        {formatTime(at).split(', ').at(-1)}
      </time>
    </>
  );
}
