import { FileOutput } from 'lucide-react';
import type { ReactNode } from 'react';
import type { BlockStack } from '../../../preload/contract/block.ts';
import {
  type BlockDraft,
  blockFormats,
  changeBlockDraft,
  chooseSet,
  dropBlockDraft,
  exportBlocks,
  fuseBlocks,
  importBlocks,
  importBlocksAgain,
  pickBlocks,
  setBlockChannel,
  setBlockFormat,
  showBlocks,
  shownSet,
  shownVersion,
  stitchBlocks,
  useBlocks,
  useFittingAxes,
} from '../../state/blocks.ts';
import { useLibrary } from '../../state/library.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { NumberField, SelectField } from '../../ui/field.tsx';
import { plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { verdictTone } from './verdict-tone.ts';

/** Import, stitch and fuse 3-D blocks: sets, channel, versions. */
export function BlocksForm(): ReactNode {
  const draft = useBlocks((s) => s.draft);
  const sets = useBlocks((s) => s.sets);
  if (draft) return <Draft draft={draft} />;
  return (
    <>
      {sets.length > 0 && <SetForm />}
      <ImportButton isFirst={sets.length === 0} />
    </>
  );
}

function ImportButton({ isFirst }: { readonly isFirst: boolean }): ReactNode {
  const isOpen = useLibrary((s) => s.library !== null);
  const whyNot = isOpen ? null : 'Open a library first.';
  return (
    <>
      {isFirst && (
        <p className="faint">
          A grid of stacks from a light-sheet microscope: TeraStitcher, BigStitcher, or folders named by positions.
        </p>
      )}
      <Button tone={isFirst ? 'primary' : 'plain'} whyNot={whyNot} onClick={() => void pickBlocks()}>
        Import 3-D blocks…
      </Button>
    </>
  );
}

function Draft({ draft }: { readonly draft: BlockDraft }): ReactNode {
  const { candidates, layout, voxelSizeNm, source } = draft;
  const chosen = candidates?.find((one) => one.layout === layout);
  if (candidates === null) return <p className="faint">Looking into {source.name}…</p>;
  if (!chosen) {
    return (
      <>
        <p role="alert">
          {source.name} holds no layout of 3-D blocks. Choose the folder that has TeraStitcher&apos;s or
          BigStitcher&apos;s XML in it, or folders named by stage positions.
        </p>
        <Button onClick={() => void pickBlocks()}>Choose another folder…</Button>
        <Button tone="quiet" onClick={dropBlockDraft}>
          Not now
        </Button>
      </>
    );
  }
  return (
    <>
      <SelectField
        label="Layout"
        value={layout}
        options={candidates.map((one) => ({ value: one.layout, label: one.label }))}
        hint={`${plural(chosen.blocks, 'block')}, ${plural(Math.max(1, chosen.channels.length), 'channel')}${chosen.missing > 0 ? `, ${chosen.missing} not found` : ''}`}
        onValue={(value) => {
          const next = candidates.find((one) => one.layout === value);
          changeBlockDraft({ layout: value, ...(next?.voxelSizeNm && { voxelSizeNm: next.voxelSizeNm }) });
        }}
      />
      {(['x', 'y', 'z'] as const).map((axis, k) => (
        <NumberField
          key={axis}
          label={`Voxel along ${axis}, nm`}
          value={voxelSizeNm[k] ?? 1}
          min={0.001}
          onNumber={(nm) => {
            const [x, y, z] = voxelSizeNm.map((old, i) => (i === k ? nm : old));
            changeBlockDraft({ voxelSizeNm: [x ?? 1, y ?? 1, z ?? 1] });
          }}
        />
      ))}
      <div className="align-more">
        <Section title="How the stage lies in the pictures" folds startsFolded={draft.axes.join() === 'x,y,z'}>
          <Axes axes={draft.axes} />
        </Section>
      </div>
      <Button tone="primary" whyNot={axesProblem(draft.axes)} onClick={() => void importBlocks()}>
        Import {plural(chosen.blocks, 'block')}
      </Button>
      <Button tone="quiet" onClick={dropBlockDraft}>
        Not now
      </Button>
    </>
  );
}

const stageAxes = ['x', '-x', 'y', '-y', 'z', '-z'].map((value) => ({
  value,
  label: value.startsWith('-') ? `stage ${value.slice(1)}, backwards` : `stage ${value}`,
}));

const axesProblem = (axes: readonly string[]): string | null =>
  new Set(axes.map((axis) => axis.at(-1))).size === 3 ? null : 'Each axis of the stage must be used once';

function Axes({ axes }: Pick<BlockDraft, 'axes'>): ReactNode {
  return (
    <>
      {(['x', 'y', 'z'] as const).map((word, k) => (
        <SelectField
          key={word}
          label={`Along ${word} of the pictures lies`}
          value={axes[k] ?? 'x'}
          options={stageAxes}
          onValue={(value) => {
            const [x, y, z] = axes.map((old, i) => (i === k ? value : old));
            changeBlockDraft({ axes: [x ?? 'x', y ?? 'y', z ?? 'z'] });
          }}
        />
      ))}
      {axesProblem(axes) && (
        <p className="problem" role="alert">
          {axesProblem(axes)}.
        </p>
      )}
      <p className="faint">
        Usually as it is. Where overlaps fit only with other axes, stitching says so and offers to import again.
      </p>
    </>
  );
}

function SetForm(): ReactNode {
  const sets = useBlocks((s) => s.sets);
  const set = useBlocks(shownSet);
  const version = useBlocks(shownVersion);
  const channel = useBlocks((s) => s.channel);
  if (!set) return null;
  const channels = set.channels.map((name, i) => ({ value: String(i), label: name || `channel ${i}` }));
  return (
    <>
      <SelectField
        label="Set of blocks"
        value={set.id}
        options={sets.map(({ id, name }) => ({ value: id, label: name }))}
        onValue={(id) => void chooseSet(id)}
      />
      {channels.length > 1 && (
        <SelectField
          label="Match on"
          value={String(channel)}
          options={channels}
          hint="The places are those of all channels."
          onValue={(value) => setBlockChannel(Number(value))}
        />
      )}
      <Button tone={version ? 'plain' : 'primary'} onClick={() => void stitchBlocks()}>
        Stitch {plural(set.blocks, 'block')}
      </Button>
      {set.stacks.length > 0 && (
        <SelectField
          label="Version"
          value={version?.id ?? ''}
          options={set.stacks.map(({ id, version: v, madeBy }) => ({
            value: id,
            label: `v${v}, ${madeBy === 'import' ? 'imported' : 'stitched'}`,
          }))}
          onValue={(id) => void showBlocks(set.id, id)}
        />
      )}
      {version && <VersionOfBlocks version={version} />}
    </>
  );
}

function VersionOfBlocks({ version }: { readonly version: BlockStack }): ReactNode {
  const format = useBlocks((s) => s.format);
  const axes = useFittingAxes();
  const isBad = version.verdict === 'fail';
  return (
    <>
      <p>
        <Badge tone={verdictTone[version.verdict][1]}>{verdictTone[version.verdict][0]}</Badge>
      </p>
      {version.reasons.map((reason) => (
        <p key={reason} className="faint">
          {reason}
        </p>
      ))}
      {isBad && axes !== null && (
        <Button tone="primary" onClick={() => void importBlocksAgain(axes)}>
          Import again with the axes {axes}
        </Button>
      )}
      <Button tone={isBad ? 'plain' : 'primary'} onClick={() => void fuseBlocks()}>
        Fuse {plural(version.blocks, 'block')}
      </Button>
      <SelectField
        label="Write the places for"
        value={format}
        options={formats}
        hint={format === 'terastitcher' ? 'It knows whole voxels only: places are rounded.' : undefined}
        onValue={setBlockFormat}
      />
      <Button icon={FileOutput} onClick={() => void exportBlocks()}>
        Export…
      </Button>
    </>
  );
}

const formats = (['terastitcher', 'spimdata', 'tiles'] as const).map((value) => ({
  value,
  label: blockFormats[value].label,
}));
