import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { closeSharing, openStateFile, openStateText, useSharing } from '../../state/sharing.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/field.tsx';

/** A link or a state goes in; what could not be carried comes out, line by line. */
export function NeuroglancerDialog(): ReactNode {
  const { open, outcome } = useSharing();
  if (!open) return null;
  return (
    <Dialog title={outcome?.title ?? 'Open a Neuroglancer link or state'} onClose={closeSharing}>
      <div className="dialog-content stack">{outcome ? <Notes notes={outcome.notes} /> : <Ask />}</div>
    </Dialog>
  );
}

function Notes({ notes }: { readonly notes: readonly string[] }): ReactNode {
  return (
    <>
      <p>What is not the same in the other:</p>
      <ul className="sharing-notes">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <div className="export-end">
        <Button onClick={() => void navigator.clipboard.writeText(notes.join('\n'))}>Copy these lines</Button>
        <Button tone="primary" onClick={closeSharing}>
          Close
        </Button>
      </div>
    </>
  );
}

function Ask(): ReactNode {
  const [text, setText] = useState('');
  const { busy, problem } = useSharing();
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void openStateText(text);
      }}
    >
      <TextArea
        label="Link, or the JSON of a state"
        placeholder="https://…/#!{…}"
        rows={6}
        value={text}
        problem={problem}
        spellCheck={false}
        onText={setText}
      />
      <p className="hint" aria-live="polite">
        {busy ?? 'Volumes that the library does not have are added to it, where they lie.'}
      </p>
      <div className="export-end">
        <Button icon={FolderOpen} whyNot={busy} onClick={() => void openStateFile()}>
          From a file…
        </Button>
        <Button
          type="submit"
          tone="primary"
          whyNot={busy ?? (text.trim() === '' ? 'Paste a link or a state first' : null)}
        >
          Open
        </Button>
      </div>
    </form>
  );
}
