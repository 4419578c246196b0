/** What goes into a model. `Int32Array` is widened to int64 where the model asks for it. */
export interface Feed {
  readonly dims: readonly number[];
  readonly data: Int32Array | Float32Array;
}

export type Feeds = Readonly<Record<string, Feed>>;

/** What comes out of a model, row by row. */
export interface OutputTensor {
  readonly dims: readonly number[];
  /** The numbers; with a `grid` the scales of its vectors. */
  readonly data: Float32Array<ArrayBuffer>;
  /** Where it was asked for: the vectors of the last axis on the int8 grid of `@resift/core`. */
  readonly grid?: Int8Array<ArrayBuffer>;
}

/** Which outputs come back, and which one of them (three axes) on the int8 grid: a quarter of the bytes to hand over. */
export interface OutputsWanted {
  /** Names. Default: all. */
  readonly outputs?: readonly string[] | undefined;
  readonly grid?: string | undefined;
}

export type Outputs = Readonly<Record<string, OutputTensor>>;

export interface WorkerSettings {
  /** What the worker imports to get ONNX Runtime. */
  readonly runtime: string;
  readonly memoryArena: boolean;
  /** Where models run, the first that can. */
  readonly executionProviders: readonly string[];
}

export type WorkerRequest =
  | { readonly kind: 'load'; readonly model: number; readonly source: Uint8Array | string }
  | { readonly kind: 'run'; readonly model: number; readonly batches: readonly Feeds[]; readonly wanted: OutputsWanted }
  | { readonly kind: 'drop'; readonly model: number };

export type WorkerReply =
  | { readonly kind: 'loaded'; readonly inputs: readonly string[]; readonly outputs: readonly string[] }
  | { readonly kind: 'ran'; readonly outputs: readonly Outputs[] }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly during: 'import' | 'load' | 'run'; readonly message: string };
