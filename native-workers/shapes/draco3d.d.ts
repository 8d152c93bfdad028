declare module 'draco3d/draco_decoder_nodejs.js' {
  /** What Lamella uses of Google's decoder; objects live until `destroy`. */
  export interface DracoModule {
    readonly HEAPU8: Uint8Array;
    readonly POSITION: number;
    readonly TRIANGULAR_MESH: number;
    readonly DT_INT32: number;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    destroy(object: object): void;
    readonly Decoder: new () => DracoDecoder;
    readonly DecoderBuffer: new () => { Init(bytes: Int8Array, length: number): void };
    readonly Mesh: new () => DracoMesh;
  }
  export interface DracoMesh {
    readonly ptr: number;
    num_points(): number;
    num_faces(): number;
  }
  export interface DracoDecoder {
    SkipAttributeTransform(attribute: number): void;
    DecodeArrayToMesh(bytes: Int8Array, length: number, mesh: DracoMesh): { ok(): boolean; error_msg(): string };
    GetAttributeId(mesh: DracoMesh, attribute: number): number;
    GetAttribute(mesh: DracoMesh, id: number): { num_components(): number };
    GetTrianglesUInt32Array(mesh: DracoMesh, bytes: number, pointer: number): boolean;
    GetAttributeDataArrayForAllPoints(
      mesh: DracoMesh,
      attribute: object,
      type: number,
      bytes: number,
      pointer: number,
    ): boolean;
  }
  const createDecoder: (options: { wasmBinary: Uint8Array }) => Promise<DracoModule>;
  export default createDecoder;
}
