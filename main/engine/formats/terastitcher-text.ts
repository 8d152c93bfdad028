import { teraDirections, type TeraAxis, type TeraProject, type TeraStack } from './terastitcher.ts';
import { element, formatXml, type XmlElement } from './xml-tree.ts';

/** Writes a project as TeraStitcher reads it: its elements in their order, then what else the project came with. */
export function formatTeraStitcher(project: TeraProject): string {
  const { voxelUm, originMm, mechanicalUm, refSys, subimage, others } = project;
  const said = (name: string, values: Readonly<Record<string, number | string>>): XmlElement =>
    element(name, texts(values));
  const root = element(
    'TeraStitcher',
    texts({ volume_format: project.volumeFormat, input_plugin: project.inputPlugin, ...others.attributes }),
    [
      said('stacks_dir', { value: project.stacksDir }),
      ...(project.mdataBin === null ? [] : [said('mdata_bin', { value: project.mdataBin })]),
      ...(refSys ? [said('ref_sys', { ref1: refSys[0], ref2: refSys[1], ref3: refSys[2] })] : []),
      said('voxel_dims', { V: voxelUm.v, H: voxelUm.h, D: voxelUm.d }),
      said('origin', { V: originMm.v, H: originMm.h, D: originMm.d }),
      ...(subimage ? [said('subimage', subimage)] : []),
      said('mechanical_displacements', { V: mechanicalUm.v, H: mechanicalUm.h }),
      said('dimensions', {
        stack_rows: project.rows,
        stack_columns: project.columns,
        stack_slices: project.slices,
      }),
      element('STACKS', {}, project.stacks.map(stackElement)),
      ...others.children,
    ],
  );
  return formatXml({ root, doctype: project.doctype });
}

function stackElement(stack: TeraStack): XmlElement {
  const attributes = texts({
    N_CHANS: stack.channels,
    N_BYTESxCHAN: stack.bytesPerChannel,
    ROW: stack.row,
    COL: stack.column,
    ABS_V: stack.position.v,
    ABS_H: stack.position.h,
    ABS_D: stack.position.d,
    STITCHABLE: stack.stitchable ? 'yes' : 'no',
    DIR_NAME: stack.dirName,
    Z_RANGES: stack.zRanges,
    IMG_REGEX: stack.imgRegex,
    ...stack.others.attributes,
  });
  const displacements = teraDirections.map((direction) =>
    element(
      `${direction.toUpperCase()}_displacements`,
      {},
      stack.displacements[direction].map(({ type, v, h, d }) =>
        element('Displacement', { TYPE: type }, [axisElement('V', v), axisElement('H', h), axisElement('D', d)]),
      ),
    ),
  );
  return element('Stack', attributes, [...displacements, ...stack.others.children]);
}

const axisElement = (name: string, axis: TeraAxis): XmlElement =>
  element(
    name,
    texts({
      displ: axis.displ,
      default_displ: axis.defaultDispl,
      reliability: axis.reliability,
      nccPeak: axis.nccPeak,
      nccWidth: axis.nccWidth,
      nccWRangeThr: axis.nccWRangeThr,
      nccInvWidth: axis.nccInvWidth,
      delay: axis.delay,
    }),
  );

/** Without those that are null. */
const texts = (values: Readonly<Record<string, string | number | null>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])));
