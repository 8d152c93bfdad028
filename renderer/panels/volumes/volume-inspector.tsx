import { FileOutput, Layers2, Link2, RefreshCw, ScanSearch, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { Volume } from '../../../preload/contract/library.ts';
import { prepareConvert } from '../../state/convert.ts';
import { activeJob, useJobs } from '../../state/jobs.ts';
import { addressProblem } from '../../state/source.ts';
import {
  auditVolume,
  makePyramid,
  refreshVolume,
  relinkVolume,
  removeVolume,
  renameVolume,
  toggleFavourite,
  useVolumes,
} from '../../state/volumes.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';

/** What can be done with the selected volume. */
export function VolumeInspector({ volume }: { readonly volume: Volume }): ReactNode {
  return (
    <>
      <Name volume={volume} />
      <Copies volume={volume} />
      <Health volume={volume} />
      {volume.source.kind !== 'library' && <Relink volume={volume} />}
      <Section title="In this library">
        <Copyable label="volume id" text={volume.id} />
        <div className="row">
          <Button icon={Trash2} onClick={() => void removeVolume(volume)}>
            Take out of the library
          </Button>
        </div>
        <p className="faint">Its files stay. Undo brings it back.</p>
      </Section>
    </>
  );
}

function Name({ volume }: { readonly volume: Volume }): ReactNode {
  const [name, setName] = useState(volume.name);
  const trimmed = name.trim();
  const differs = trimmed !== '' && trimmed !== volume.name;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (differs) void renameVolume(volume.id, trimmed);
  };
  return (
    <Section title="Name">
      <form className="address-row" aria-label="Rename" onSubmit={submit}>
        <TextField label="Name of the volume" value={name} maxLength={200} onText={setName} />
        <Button type="submit" whyNot={differs ? null : 'Type another name first'}>
          Rename
        </Button>
      </form>
      <label className="check">
        <input type="checkbox" checked={volume.favourite} onChange={() => void toggleFavourite(volume)} />
        Favourite: listed first
      </label>
    </Section>
  );
}

function Copies({ volume }: { readonly volume: Volume }): ReactNode {
  const making = useJobs((s) => activeJob(s.jobs, 'volume.pyramid') !== undefined);
  return (
    <Section title="Convert">
      <p className="muted">Write all of it, or a part, in another format.</p>
      <div className="row">
        <Button icon={FileOutput} onClick={() => prepareConvert(volume)}>
          Convert…
        </Button>
        {volume.source.kind !== 'library' && (
          <Button
            icon={Layers2}
            whyNot={making ? 'Levels are being made' : null}
            onClick={() => void makePyramid(volume)}
          >
            Make coarse levels
          </Button>
        )}
      </div>
    </Section>
  );
}

function Health({ volume }: { readonly volume: Volume }): ReactNode {
  const auditing = useJobs((s) => activeJob(s.jobs, 'volume.audit') !== undefined);
  const [decode, setDecode] = useState(false);
  return (
    <Section title="Check">
      <div className="row">
        <Button
          icon={ScanSearch}
          whyNot={auditing ? 'An audit is running' : null}
          onClick={() => void auditVolume(volume, decode)}
        >
          Audit chunks
        </Button>
      </div>
      <label className="check">
        <input type="checkbox" checked={decode} onChange={() => setDecode(!decode)} />
        Decode each chunk too: slower, surer
      </label>
      <div className="row">
        <Button icon={RefreshCw} onClick={() => void refreshVolume(volume)}>
          Check for changes
        </Button>
      </div>
    </Section>
  );
}

function Relink({ volume }: { readonly volume: Volume }): ReactNode {
  const refused = useVolumes((s) => (s.relinkProblem?.volume === volume.id ? s.relinkProblem.error : null));
  const [address, setAddress] = useState('');
  const remote = volume.source.kind === 'remote';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (addressProblem(address) === null) void relinkVolume(volume, { address: address.trim() });
  };
  return (
    <Section title="Has it moved?" folds startsFolded={refused === null}>
      <p className="muted">Say where it is now. It is taken only where the data is the same.</p>
      <div className="row">
        <Button icon={Link2} onClick={() => void relinkVolume(volume, 'file')}>
          File…
        </Button>
        <Button icon={Link2} onClick={() => void relinkVolume(volume, 'folder')}>
          Folder…
        </Button>
      </div>
      <form className="address-row" aria-label="New address" onSubmit={submit}>
        <TextField
          label="Address"
          value={address}
          placeholder={remote ? volume.source.text : 'https://'}
          onText={setAddress}
        />
        <Button type="submit" whyNot={addressProblem(address)}>
          Link
        </Button>
      </form>
      {refused && <ErrorNote message={refused.message} hint={refused.hint} />}
    </Section>
  );
}
