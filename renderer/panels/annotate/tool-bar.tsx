import { FileOutput, MapPin, Minus, Navigation } from 'lucide-react';
import type { ReactNode } from 'react';
import { setTool, useEdits } from '../../state/edits.ts';
import { Button } from '../../ui/button.tsx';
import { Keys } from '../../ui/keys.tsx';
import { ActionButton } from '../action-button.tsx';

const guidance = {
  navigate: 'Click a mark to select it.',
  point: 'Click in a pane, or press Enter at the cross-hair.',
  line: 'Click both ends, or press Enter at the cross-hair.',
} as const;

export function ToolBar(): ReactNode {
  const tool = useEdits((s) => s.tool);
  const begun = useEdits((s) => s.lineStartNm !== null);
  return (
    <div className="bar tool-bar" role="toolbar" aria-label="Annotation tools">
      <Button size="small" icon={Navigation} aria-pressed={tool === 'navigate'} onClick={() => setTool('navigate')}>
        Look <Keys keys="Escape" />
      </Button>
      <ActionButton id="annotate.point" size="small" icon={MapPin} pressed={tool === 'point'}>
        Point <Keys keys="p" />
      </ActionButton>
      <ActionButton id="annotate.line" size="small" icon={Minus} pressed={tool === 'line'}>
        Line <Keys keys="l" />
      </ActionButton>
      <span className="bar-words muted" role="status">
        {begun ? 'Now the other end. Esc drops the line.' : guidance[tool]}
      </span>
      <ActionButton id="annotate.export" size="small" icon={FileOutput}>
        Export CSV…
      </ActionButton>
    </div>
  );
}
