import { describe, expect, it } from 'vitest';
import { parseTeraStitcher, looksLikeTeraStitcher } from '../../main/engine/formats/terastitcher.ts';
import { formatTeraStitcher } from '../../main/engine/formats/terastitcher-text.ts';

/** As TeraStitcher 1.10 writes it, with every attribute that it knows and two that it does not. */
const teraText = `<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE TeraStitcher SYSTEM "TeraStitcher.DTD">
<TeraStitcher volume_format="TiledXY|2Dseries" input_plugin="tiff2D">
    <stacks_dir value="/data/mouse &amp; co" />
    <mdata_bin value="/data/mdata.bin" />
    <ref_sys ref1="1" ref2="-2" ref3="3" />
    <voxel_dims V="0.8" H="-0.8" D="1" />
    <origin V="7.2" H="15.8088" D="13.899" />
    <subimage resolution="0" timepoint="1" series_no="2" />
    <mechanical_displacements V="300" H="-300" />
    <dimensions stack_rows="1" stack_columns="2" stack_slices="600" />
    <STACKS>
        <Stack N_CHANS="1" N_BYTESxCHAN="2" ROW="0" COL="0" ABS_V="0" ABS_H="0" ABS_D="0" STITCHABLE="yes" DIR_NAME="072000/072000_154000" Z_RANGES="[0,300)[310,600)" IMG_REGEX="[0-9]+_[0-9]+.tif" N_BLOCKS="1" BLOCK_SIZES="600" BLOCKS_ABS_D="0" SERIES_NO="3">
            <NORTH_displacements />
            <EAST_displacements>
                <Displacement TYPE="MIP_NCC">
                    <V displ="-3" default_displ="0" reliability="0.787502" nccPeak="0.840414" nccWidth="7" nccWRangeThr="25" nccInvWidth="26" delay="25" />
                    <H displ="377" default_displ="375" reliability="0.829253" nccPeak="0.885216" nccWidth="6" nccWRangeThr="25" nccInvWidth="26" delay="25" />
                    <D displ="1" default_displ="0" reliability="0.722427" nccPeak="0.843184" nccWidth="11" nccWRangeThr="25" nccInvWidth="26" delay="25" />
                </Displacement>
            </EAST_displacements>
            <SOUTH_displacements />
            <WEST_displacements />
            <note by="somebody">kept</note>
        </Stack>
        <Stack ROW="0" COL="1" ABS_V="-2.5" ABS_H="375.0" ABS_D="0" STITCHABLE="no" DIR_NAME="072000/072000_151000" Z_RANGES="" IMG_REGEX="">
            <NORTH_displacements /><EAST_displacements /><SOUTH_displacements /><WEST_displacements />
        </Stack>
    </STACKS>
</TeraStitcher>
`;

const parse = (text: string): ReturnType<typeof parseTeraStitcher> => parseTeraStitcher(text, 'project.xml');

describe('TeraStitcher XML', () => {
  it('reads every attribute', () => {
    expect(looksLikeTeraStitcher(teraText)).toBe(true);
    const project = parse(teraText);
    expect(project).toMatchObject({
      stacksDir: '/data/mouse & co',
      refSys: [1, -2, 3],
      voxelUm: { v: 0.8, h: -0.8, d: 1 },
      originMm: { v: 7.2, h: 15.8088, d: 13.899 },
      subimage: { resolution: '0', timepoint: '1', series_no: '2' },
      mechanicalUm: { v: 300, h: -300 },
      rows: 1,
      columns: 2,
      slices: 600,
    });
    const [first, second] = project.stacks;
    expect(first).toMatchObject({ bytesPerChannel: 2, stitchable: true, zRanges: '[0,300)[310,600)' });
    expect(first?.others.attributes).toEqual({
      N_BLOCKS: '1',
      BLOCK_SIZES: '600',
      BLOCKS_ABS_D: '0',
      SERIES_NO: '3',
    });
    expect(first?.displacements.east[0]?.h).toEqual({
      displ: 377,
      defaultDispl: 375,
      reliability: 0.829253,
      nccPeak: 0.885216,
      nccWidth: 6,
      nccWRangeThr: 25,
      nccInvWidth: 26,
      delay: 25,
    });
    expect(second?.position).toEqual({ v: -2.5, h: 375, d: 0 });
  });

  it('comes back the same from what it writes', () => {
    const project = parse(teraText);
    const written = formatTeraStitcher(project);
    expect(parse(written)).toEqual(project);
    expect(formatTeraStitcher(parse(written))).toBe(written);
    expect(written).toContain('<note by="somebody">kept</note>');
    expect(written).toContain('<!DOCTYPE TeraStitcher SYSTEM "TeraStitcher.DTD">');
  });

  it.each([
    ['no XML at all', 'hello', /damaged|no element/],
    ['another document', '<SpimData/>', /its root is <SpimData>/],
    ['entities', teraText.replace('"TeraStitcher.DTD"', '"x" [<!ENTITY a "b">]'), /types or entities/],
    ['a number that is none', teraText.replace('ABS_H="375.0"', 'ABS_H="1e999"'), /ABS_H="1e999" of <Stack>/],
    ['a missing element', teraText.replace(/<voxel_dims.*/, ''), /no <voxel_dims>/],
    ['voxels of size 0', teraText.replace('D="1"', 'D="0"'), /a side of 0/],
    ['no stacks', teraText.replace(/<STACKS>[^]*<\/STACKS>/, ''), /no <Stack>/],
    ['a negative row', teraText.replace('ROW="0"', 'ROW="-1"'), /ROW="-1"/],
    ['a text that is cut', teraText.slice(0, 900), /damaged/],
    ['deep nesting', `<TeraStitcher>${'<a>'.repeat(100)}`, /deeper than 64/],
  ])('refuses %s', (_what, text, why) => {
    expect(() => parse(text)).toThrow(why);
    expect(() => parse(text)).toThrow(/project\.xml/);
  });
});
