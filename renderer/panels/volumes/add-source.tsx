import { File, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { addressProblem } from '../../state/source.ts';
import { chooseVolume, lookAtAddress } from '../../state/volume-draft.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';

/** Three ways to say where a volume is; the fourth is to drop it on the window. */
export function AddSource(): ReactNode {
  const [address, setAddress] = useState('');
  const [tried, setTried] = useState(false);
  const problem = address.trim() === '' ? 'Type or paste an address first.' : addressProblem(address);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(problem !== null);
    if (problem !== null) return;
    lookAtAddress(address);
    setAddress('');
  };
  return (
    <form className="stack add-source" aria-label="Add a volume" onSubmit={submit}>
      <div className="two">
        <Button icon={File} onClick={() => void chooseVolume('file')}>
          File…
        </Button>
        <Button icon={FolderOpen} onClick={() => void chooseVolume('folder')}>
          Folder…
        </Button>
      </div>
      <div className="address-row">
        <TextField
          label="Address"
          placeholder="https://, s3://, gs://"
          value={address}
          inputMode="url"
          problem={tried ? problem : null}
          onText={(text) => {
            setAddress(text);
            setTried(false);
          }}
        />
        <Button type="submit" tone={address.trim() === '' ? 'plain' : 'primary'}>
          Look
        </Button>
      </div>
    </form>
  );
}
